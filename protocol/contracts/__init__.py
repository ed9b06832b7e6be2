"""Everything that has an address and an ABI."""
