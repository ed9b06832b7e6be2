"""Comparison of releases by one history: which calls come out differently, and what that is worth."""
