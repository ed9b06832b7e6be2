"""situations."""
