"""Speed, measured and never asserted: `pytest tests/bench -m bench`."""
