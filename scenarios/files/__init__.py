"""Scenarios as files: read and checked, made, built into worlds, run, and told in words and tables."""
