"""Contracts around a market that hold nothing of it: encoders, views, gateways, rewards and vaults."""
