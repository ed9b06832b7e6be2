"""Tests of the twin beside the real contracts, compiled and run in an EVM. `tests/README.md` names the rooms."""
