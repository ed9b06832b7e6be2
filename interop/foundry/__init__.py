"""Histories written as Foundry tests that carry their whole state and need no library."""
