"""The table of storage layouts: which code, on a chain of which release, is laid out how."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from ..revisions import REPLAYED, REVISIONS, Revision
from .layout import Layout

_RELEASES = (*REPLAYED.values(), *REVISIONS.values())

LAYOUTS: dict[str, Mapping[str, Layout]] = {
    release.name: dict(ChainMap(*(dict(known.layouts) for known in reversed(_RELEASES[: age + 1]))))
    for age, release in enumerate(_RELEASES)
}
"""What may stand on a chain of each release, by its code: an upgraded chain still holds code of earlier releases."""


def layout_of(code: str, revision: Revision) -> Layout:
    """The layout of code on a revision's chain; empty without storage. Raises ValueError for other revisions."""
    if revision.name not in LAYOUTS:
        raise ValueError(f"no storage layout for revision {revision.name}; there are {', '.join(LAYOUTS)}")
    return LAYOUTS[revision.name].get(code, ())
