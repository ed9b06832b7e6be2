"""Aave v3.0.2: its record of decisions, and what ended with it."""
