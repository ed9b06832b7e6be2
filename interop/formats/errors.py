"""Errors of foreign files: what is none of the kind it should be, and what a kind of file does not say."""

from __future__ import annotations

from collections.abc import Iterable


class ForeignFileError(ValueError):
    """A file is not of its kind, or holds a value that cannot be taken; the message names file and place."""


class LackingError(ForeignFileError):
    """A file does not say everything that a market needs: `fields` names each by its place in the market."""

    def __init__(self, message: str, fields: Iterable[str]) -> None:
        self.fields: tuple[str, ...] = tuple(fields)
        super().__init__(message)
