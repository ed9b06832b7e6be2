"""The state as the real contracts' storage slots, release by release, and back."""
