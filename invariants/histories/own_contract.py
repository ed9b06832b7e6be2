"""Contracts of one's own on a stage: the names they go by, and the functions that put them there."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.import_path import import_path_of, imported

from .outfit import OUTFIT

Setup = str | Callable[[Any], None]
"""A function of a stage that puts contracts of one's own on it and names them, or the import path of one."""

WORDS = ("time", "price", "router", *OUTFIT)
"""Names that mean something else in an action."""


@dataclass(frozen=True)
class OwnContract:
    """A contract of one's own: its name, where it is, and how it is used at random."""

    name: str
    address: Address
    moves: tuple[Any, ...] | None = None
    """Functions of a driver that yield actions; None for one of each function that it has."""
    apart: frozenset[str] = frozenset()
    """Functions whose calls somebody else draws."""


class SetupError(ValueError):
    """A setup that cannot be found or that fails. Names it and what went wrong."""


def checked_name(name: str, address: Address, taken: Address | None) -> str:
    """Return a name that a contract of one's own may have. Raises ValueError for no word, and for one that is taken."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name for a contract: letters, digits and underscores make one, as in 'vault'")
    if name in WORDS:
        raise ValueError(f"{name!r} is no name for a contract: it means something else in an action")
    if taken not in (None, address):
        raise ValueError(f"{name!r} is no name for a contract: {taken} is called so already")
    return name


def told_with_line(error: Exception) -> str:
    """Tell an error and the line on which it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"


def set_up(stage: Any, setups: Sequence[Setup]) -> None:
    """Put contracts of one's own on a stage, one setup after the other. Raises SetupError for one that is in vain."""
    for setup in setups:
        make = imported(setup) if isinstance(setup, str) else setup
        try:
            make(stage)
        except Exception as error:
            told = setup if isinstance(setup, str) else getattr(setup, "__qualname__", repr(setup))
            raise SetupError(f"the setup {told} failed: {told_with_line(error)}") from error


def setup_path(setup: Setup) -> str:
    """Tell where a setup is imported from. Raises ImportPathError for one that nobody else can import."""
    if isinstance(setup, str):
        imported(setup)
        return setup
    return import_path_of(setup)
