"""Ids that nobody has: a refusal that says which was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def meant(name: str, known: Iterable[str]) -> str:
    """Find what was probably meant by a name that is not among the known; empty where none is like it."""
    by_small = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_small, n=1)
    return by_small[close[0]] if close else ""


def unknown(message: str, name: str, known: Iterable[str]) -> ValueError:
    """Make the refusal of a name: what was probably meant, else what there is, few of it in full."""
    names = list(known)
    near = meant(name, names)
    if near:
        return ValueError(f"{message}; did you mean {near!r}?")
    there = ", ".join(names) if len(names) <= 12 else f"{names[0]} to {names[-1]}, {len(names)} in all"
    return ValueError(f"{message}; there are {there or 'none'}")
