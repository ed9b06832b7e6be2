"""provoked."""
