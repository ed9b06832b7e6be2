"""Rows of exact integers as columns of NumPy, Arrow and pandas, where nothing is lost on the way."""
