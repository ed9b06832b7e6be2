"""Oracles as chains of stages: from a market price to what the pool is told.

Import from the modules here: `chain` (a chain at work), `config` (stages in a scenario file), `stages`, `cap` (the
arithmetic of price caps).
"""
