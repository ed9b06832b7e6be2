"""Readings, the matter of laws: the state before and after each step, read from storage and the undo journal alone."""
