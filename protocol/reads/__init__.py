"""Reading many accounts at once, exactly as the contracts would answer one by one, and keeping what happened."""
