"""Venues where assets are sold: depth, impact, refill.

Import from the modules here: `venue` (what all venues can do), `curves` (the laws of impact), `several` (venues side by
side), `config` (venues in a scenario file), `add_back` (a recorded price without the sales that made it).
"""
