"""Compiled contracts as Foundry, Hardhat and the Solidity compiler write them: code, ABI, links and storage layout."""
