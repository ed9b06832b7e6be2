"""Long random attacks on a market with every law watching, and short stories of what they find."""
