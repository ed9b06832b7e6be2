"""Release notes: one fragment a change in docs/changes, newest first, gathered into CHANGELOG.md for a release.

`python docs/_tools/changes.py` prints what is unreleased; `python docs/_tools/changes.py gather` moves the fragments
into the changelog's section "Unreleased", and with `--version 0.2.0` closes it under that version.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "changes"
CHANGELOG = ROOT / "CHANGELOG.md"
KINDS = ("breaking", "added", "changed", "fixed")
NAME = re.compile(rf"(\d{{4}}-\d\d-\d\d)-([a-z0-9][a-z0-9-]*)\.({'|'.join(KINDS)})\.md")
UNRELEASED = "## Unreleased"


class Fragment(NamedTuple):
    """One change, as its file tells it."""

    name: str
    kind: str
    text: str

    def entry(self) -> str:
        """The change as an entry of the changelog; what breaks users' code says so first."""
        mark = "**Breaking:** " if self.kind == "breaking" else ""
        return f"- {mark}{self.text}".replace("\n", "\n  ")


def read(path: Path) -> Fragment:
    """Read a fragment. Raises ValueError, saying what is wrong, for a file of another form."""
    named = NAME.fullmatch(path.name)
    if named is None:
        raise ValueError(f"{path.name}: expected YYYY-MM-DD-a-few-words.KIND.md, KIND one of {', '.join(KINDS)}")
    text = path.read_text(encoding="utf-8").strip()
    if not text or (not text[0].isupper() and text[0] != "`"):
        raise ValueError(f"{path.name}: a change is one or a few sentences and begins with a capital letter")
    if not text.endswith("."):
        raise ValueError(f"{path.name}: a change ends with a full stop")
    if "\n\n" in text or text.startswith("-"):
        raise ValueError(f"{path.name}: a change is one paragraph, without a bullet of its own")
    return Fragment(path.name, named.group(3), text)


def fragments(folder: Path = FOLDER) -> list[Fragment]:
    """Every fragment, newest first."""
    return [read(path) for path in sorted(folder.glob("*.md"), reverse=True) if path.name != "README.md"]


def entries(folder: Path = FOLDER) -> str:
    """The fragments as entries of the changelog."""
    return "".join(fragment.entry() + "\n" for fragment in fragments(folder))


def page(changelog: Path = CHANGELOG, folder: Path = FOLDER) -> str:
    """The changelog with the fragments put in at the top of what is unreleased."""
    before, heading, after = changelog.read_text(encoding="utf-8").partition(UNRELEASED + "\n\n")
    if not heading:
        raise ValueError(f"{changelog.name} has no section {UNRELEASED!r}")
    return before + heading + entries(folder) + after


def gather(version: str = "", changelog: Path = CHANGELOG, folder: Path = FOLDER) -> None:
    """Move the fragments into the changelog; with a version, close the section under it and open an empty one."""
    text = page(changelog, folder)
    if version:
        text = text.replace(UNRELEASED + "\n\n", f"{UNRELEASED}\n\n## {version}\n\n", 1)
    changelog.write_text(text, encoding="utf-8")
    for fragment in fragments(folder):
        (folder / fragment.name).unlink()


def main() -> int:
    """Run the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="The release notes, from the fragments in docs/changes.")
    parser.add_argument("what", nargs="?", choices=["show", "gather"], default="show")
    parser.add_argument("--version", default="", help="close the section under this version")
    chosen = parser.parse_args()
    try:
        if chosen.what == "gather":
            gather(chosen.version)
        else:
            print(entries(), end="")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
