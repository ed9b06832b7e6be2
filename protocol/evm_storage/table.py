"""The table of storage layouts: which code, on a chain of which release, is laid out how."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from ..contracts.tokens import STAND_INS
from ..revisions import REVISIONS, Revision
from .layout import Layout

_RELEASES = tuple(REVISIONS.values())

LAYOUTS: dict[str, Mapping[str, Layout]] = {
    release.name: dict(ChainMap(*(dict(known.layouts) for known in reversed(_RELEASES[: age + 1]))))
    for age, release in enumerate(_RELEASES)
}
"""What may stand on a chain of each release, by its code: an upgraded chain still holds code of earlier releases."""


_WITHOUT_LAYOUT = {cls.code() for cls in STAND_INS}


def layout_of(code: str, revision: Revision) -> Layout:
    """The layout of code on a revision's chain; empty without storage.

    Raises ValueError for tokens that stand for others, and for code of a fork that stores what no layout names: the
    fork says where in its `layouts`.
    """
    if code in _WITHOUT_LAYOUT:
        raise ValueError(f"{code} stands for a token whose contract stores otherwise: it has no words in storage")
    layout = known_layout(code, revision)
    cls, inherited = _own_code(code, revision)
    placed = {variable.name.partition(".")[0] for variable in layout}
    for name in cls.STORAGE if cls is not None else ():
        if name not in placed and (inherited is None or name not in inherited.STORAGE):
            raise ValueError(
                f"{name} of {cls.__name__} has no place in the storage of the EVM: give it one in the `layouts` of "
                f"{revision.name}, under {code!r}"
            )
    return layout


def known_layout(code: str, revision: Revision) -> Layout:
    """The layout of code as far as it is known: of a fork's code, what it has from its parent at least."""
    layout = revision.layouts.get(code, LAYOUTS[revision.release].get(code))
    if layout is not None:
        return layout
    _, inherited = _own_code(code, revision)
    return known_layout(inherited.code(), revision.parent) if inherited is not None and revision.parent else ()


def _own_code(code: str, revision: Revision) -> tuple[Any, Any]:
    """Find the class that a fork has for code of its own, and its parent's of that kind; None where there is none."""
    for kind in revision.own_kinds:
        if revision.contracts[kind].code() == code:
            return revision.contracts[kind], revision.parent.contracts.get(kind) if revision.parent else None
    return None, None
