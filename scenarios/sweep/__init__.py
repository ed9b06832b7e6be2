"""Sweeps: one scenario many times over, on processes or a cluster, to one table."""
