"""Paths of outside prices: given, historical, drawn, and bridges through candles.

Import from the modules here: `path` (a path), `config` (paths in a scenario file), `build` (all paths of a scenario),
and the makers `candles`, `diffusion`, `given`.
"""
