"""The real contracts, compiled and run in an EVM, for the twin to be compared with."""
