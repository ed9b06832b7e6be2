"""Markets read from foreign files: one function for every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pooltwin.protocol.revisions import Revision, revision_named

from . import address_book, parameters_csv, snapshot, ui_data
from .completing import Completion, ImportedMarket
from .defaults import Defaults, defaults_from, read_defaults
from .draft import Draft
from .errors import ForeignFileError, LackingError
from .values import json_in, read_text

READERS: dict[str, Callable[[str], Draft]] = {
    "snapshot": lambda text: snapshot.draft_of(json_in(text, snapshot.WANTED)),
    "parameters-csv": parameters_csv.draft_of,
    "ui-data": lambda text: ui_data.draft_of(json_in(text, ui_data.WANTED)),
    "address-book": lambda text: address_book.draft_of(json_in(text, address_book.WANTED)),
}
"""What makes a draft of a text, by the kind of the file."""

MARKET_FORMATS = tuple(READERS)
"""The kinds of files that `import_market` reads."""


def import_market(
    kind: str,
    path: Path | str,
    *,
    revision: Revision | str,
    defaults: Mapping[str, Any] | Path | str | None = None,
    state: bool = False,
) -> ImportedMarket:
    """Read a market of a release from a file of another tool: "snapshot", "parameters-csv", "ui-data", "address-book".

    `defaults` says what the file does not, as a mapping or the path of a JSON file. What the file says goes before it.
    With `state`, the state of the reserves is taken too, from a table or a dump.
    Raises LackingError naming everything that neither says, and ForeignFileError naming file, place and value for a
    file of another kind, a value that is none, or a market that cannot be.
    """
    if kind not in READERS:
        raise ValueError(f"{kind!r} is no kind of file that a market is read from; there are: {', '.join(READERS)}")
    release = revision_named(revision) if isinstance(revision, str) else revision
    file, given = Path(path), _read(defaults)
    try:
        return Completion(READERS[kind](read_text(file)), release, given, state=state).run(file.stem)
    except LackingError as error:
        raise LackingError(f"{file}: {error}", error.fields, error.template) from error
    except ForeignFileError as error:
        raise ForeignFileError(f"{file}: {error}") from error


def _read(defaults: Mapping[str, Any] | Path | str | None) -> Defaults:
    if isinstance(defaults, Path | str):
        return read_defaults(Path(defaults))
    return defaults_from({} if defaults is None else dict(defaults))
