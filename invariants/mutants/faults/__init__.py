"""The faults, one module per subject."""
