"""Agents of scenarios: who loops, deleverages, lends, runs, guards and liquidates."""
