"""Aave v3.6: its record of decisions, and what ended with it."""
