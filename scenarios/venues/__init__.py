"""Venues where assets are sold: depth, impact, refill."""
