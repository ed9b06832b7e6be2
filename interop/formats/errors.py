"""Errors of foreign files: what is none of the kind it should be, and what a kind of file does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ForeignFileError(ValueError):
    """A file is not of its kind, or holds a value that cannot be taken; the message names file and place."""


class LackingError(ForeignFileError):
    """A file does not say everything that a market needs, and neither do the defaults.

    `fields` names what is lacking: for each field, whose it is ("the market", keys of reserves, "e-mode 1").
    `template` is a file of defaults with a null for each.
    """

    def __init__(self, message: str, fields: Mapping[str, Sequence[str]], template: Mapping[str, Any]) -> None:
        self.fields: dict[str, tuple[str, ...]] = {name: tuple(whose) for name, whose in fields.items()}
        self.template: dict[str, Any] = dict(template)
        super().__init__(message)
