"""Exits: who can leave a reserve, in what order, and what is left."""
