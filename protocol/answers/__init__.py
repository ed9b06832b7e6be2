"""Answers about a market as it stands: the most that may move, the price that liquidates, what a call would do.

Every answer asks the contracts themselves, and whatever that writes is undone.
"""
