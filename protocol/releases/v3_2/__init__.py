"""Aave v3.2: its record of decisions, and what ended with it."""
