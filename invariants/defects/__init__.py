"""What later releases fixed, and the hunt for it."""
