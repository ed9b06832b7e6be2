"""Fixed-point arithmetic, one function per rounding, with the contracts' overflow rules."""
