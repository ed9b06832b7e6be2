"""What laws are given: the state before and after each step, read from storage and the undo journal alone."""
