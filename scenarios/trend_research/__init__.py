"""The unwinding of the Trend Research position in February 2026."""
