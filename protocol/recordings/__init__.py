"""Recorded histories of the real contracts: their format, and how they are replayed and compared."""
