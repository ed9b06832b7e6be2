"""Histories as data, amounts by meaning, and other people's contracts around the pool."""
