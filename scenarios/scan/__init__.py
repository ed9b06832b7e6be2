"""Scans of whole books with NumPy: health factors and liquidatable sets, exact."""
