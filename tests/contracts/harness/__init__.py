"""Harness for the real contracts: artifacts, an EVM, lockstep with the twin, recorder, the standard market."""
