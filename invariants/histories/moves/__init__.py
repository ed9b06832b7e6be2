"""Moves: what can happen to a market, one call at a time, and the table of them."""
