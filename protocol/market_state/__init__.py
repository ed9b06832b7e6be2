"""Markets in the midst of their lives: a state is checked as a whole, written into a new market, and read from one."""
