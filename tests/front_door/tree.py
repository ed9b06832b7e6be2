"""What the pages for those who carry it on say about the tree: paths, and the picture of the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..unit.source import PACKAGES, ROOT

PATH = re.compile(r"(?<![\w/.])((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|yaml))(?![\w/])")
NOT_OF_THE_TREE = re.compile(r"v3_8|from_v3_7|\d{4}-\d\d-\d\d-|X\.Y\.Z|\.venv/|site/|^v\d|OUT\.")
"""Names in recipes and examples that stand for something still to be made, and what commands make."""

ENTRY = re.compile(r"( *)([\w./]+(?: [\w./]+)*)  +\S")


def named_paths(text: str) -> list[str]:
    """Every path that a page names in backticks or in commands, but those that are still to be made."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    found = [path for piece in code for path in PATH.findall(piece)]
    return [path for path in found if not NOT_OF_THE_TREE.search(path)]


def missing_paths(text: str, root: Path = ROOT) -> list[str]:
    """The named paths that the tree does not have; a name without a folder may be in any folder of the packages."""
    return [path for path in named_paths(text) if not _exists(path, root)]


def _exists(path: str, root: Path) -> bool:
    return (root / path).exists() or ("/" not in path and any(_anywhere(path, root)))


def _anywhere(name: str, root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from (root / package).rglob(name)


def picture(text: str) -> list[str]:
    """The paths of the picture of the house, from the root."""
    drawn = text[text.index("```text\nprotocol/") :].partition("```text\n")[2].partition("```")[0]
    found: list[str] = []
    package = ""
    for line in drawn.splitlines():
        entry = ENTRY.match(line)
        if entry is None:
            raise ValueError(f"not a line of the picture: {line!r}")
        indent, names = entry.groups()
        for name in names.split():
            found.append(name if not indent else f"{package}{name}")
        package = names if not indent else package
    return found


def rooms_and_modules(root: Path = ROOT) -> set[str]:
    """What the picture must show: the rooms of every package, and the modules that are in none."""
    found = set()
    for package in PACKAGES:
        for path in (root / package).iterdir():
            if path.is_dir() and any(path.glob("*.py")):
                found.add(f"{package}/{path.name}/")
            elif path.suffix == ".py" and path.stem != "__init__":
                found.add(f"{package}/{path.name}")
    return found
