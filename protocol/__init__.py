"""The twin: Aave v3's lending pool as a deterministic state machine, exact to the wei."""
