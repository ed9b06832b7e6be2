"""Errors of books."""


class BookError(ValueError):
    """A book that cannot be made or placed; the message names the reserve, the class and the figures."""
