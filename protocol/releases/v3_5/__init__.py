"""Aave v3.5: its record of decisions, and what ended with it."""
