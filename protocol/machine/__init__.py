"""Everything that any contract needs, and nothing of Aave: calldata and its encoding, functions, storage behind an address."""
