"""Aave v3.4: its record of decisions, and what ended with it."""
