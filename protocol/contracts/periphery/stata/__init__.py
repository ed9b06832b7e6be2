"""The vault of aTokens: ERC-4626 shares whose worth grows, with the rewards of what it holds."""
