"""Tables of accounts, as people have them: read exactly, loaded in one call."""
