"""Situations that random histories do not lead to: arranged by hand, planted into storage, or bent at random."""
