"""Everything that any contract needs, and nothing of Aave: calldata, functions, storage behind an address."""
