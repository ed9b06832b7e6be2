"""Aave v3.3: its record of decisions, and what ended with it."""
