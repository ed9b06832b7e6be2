"""One history on several releases: where they part, and what it is worth."""
