"""Aave v3.7: its record of decisions, and what ended with it."""
