"""Plots: stories of several moves, which bring positions and reserves to where a rule has to decide."""
