"""Oracles as chains of stages: from a market price to what the pool is told."""
