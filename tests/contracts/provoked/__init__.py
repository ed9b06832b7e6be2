"""Table of everything that can come of a call, and whether it was provoked: `python -m tests.contracts.provoked`."""
