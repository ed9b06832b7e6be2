"""The releases of Aave v3, one folder each: its record of decisions, and the rules and functions that ended with it."""
