"""Paths of prices: given, historical, drawn, and bridges through candles."""
