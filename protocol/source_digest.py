"""Digests of the source and of the data that ship: they tell which program a result was computed by.

Two machines with the same digests compute the same; one byte of any module changes the first of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("protocol", "invariants", "scenarios", "fixtures", "interop")
NOT_COMPUTED_FROM = ("recordings",)
"""Folders of the fixtures that nothing but the proof of exactness reads."""


def digest_of_files(folders: Mapping[str, Path], suffix: str, leaving_out: tuple[str, ...] = ()) -> str:
    """Digest all files with a suffix below some folders, each with its name: SHA-256 in hexadecimal."""
    hashed = hashlib.sha256()
    for name in sorted(folders):
        root = folders[name]
        for path in sorted(root.rglob(f"*{suffix}"), key=lambda path: path.relative_to(root).as_posix()):
            parts = path.relative_to(root).parts
            if parts[0] not in leaving_out:
                content = path.read_bytes()
                hashed.update(f"{name}:{'/'.join(parts)}:{len(content)}\n".encode())
                hashed.update(content)
    return hashed.hexdigest()


@cache
def source_digest() -> str:
    """Digest the Python of the five packages."""
    return digest_of_files({name: _folder_of(name) for name in PACKAGES}, ".py")


@cache
def fixtures_digest() -> str:
    """Digest the markets, timelines and other data that ship, but not the recordings."""
    return digest_of_files({"fixtures": _folder_of("fixtures")}, ".json", NOT_COMPUTED_FROM)


def _folder_of(package: str) -> Path:
    spec = find_spec(f"pooltwin.{package}")
    places = spec.submodule_search_locations if spec is not None else None
    if not places:
        raise LookupError(f"pooltwin.{package} is not installed as files: there is no digest of its source")
    return Path(next(iter(places)))
