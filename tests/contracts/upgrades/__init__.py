"""upgrades."""
