"""Comparison of several revisions by one history: which calls differ, by how much, and what it adds up to.

The history is a recording, or a script of named actions as `pooltwin fuzz` writes them. Every revision lives through
all of it; nothing is compared with what was recorded, only with what the baseline does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pooltwin.invariants.history import FORMAT, read_history
from pooltwin.protocol.recordings.recording import Recording
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named

from .difference import Comparison, Progress
from .recordings import play_recording
from .scripts import play_script


def compare(
    path: Path,
    revisions: Sequence[str],
    baseline: str | None = None,
    *,
    each_call: bool = False,
    progress: Progress = lambda _: None,
) -> Comparison:
    """Play a history on several revisions, compared with a baseline: by default the one it was made on.

    With `each_call` every call of a recording starts from the baseline's state. Raises RecordingError, HistoryError,
    and ValueError for an unknown revision or one that cannot live through the history.
    """
    if not _is_script(path):
        recording = Recording(path)
        made_on = recording.header.revision
        calls, branches = play_recording(recording, _chosen(revisions, baseline or made_on), each_call, progress)
        return Comparison(path, made_on, calls, branches, each_call)
    if each_call:
        raise ValueError(f"{path}: --each-call is for recordings; a script is lived through as a whole")
    history = read_history(path)
    made_on = history.opening.revision
    if not made_on:
        raise ValueError(f"{path}: begins with a saved state, which belongs to one revision")
    calls, branches = play_script(history, _chosen(revisions, baseline or made_on), progress)
    return Comparison(path, made_on, calls, branches, each_call)


def _chosen(revisions: Sequence[str], baseline: str) -> list[Revision]:
    names = (baseline, *(name for name in revisions if name != baseline))
    for name in names:
        if revision_named(name).name not in REVISIONS:
            raise ValueError(f"a market of v{name} is set up by other calls: comparable are {', '.join(REVISIONS)}")
    return [REVISIONS[name] for name in names]


def _is_script(path: Path) -> bool:
    """Tell a script, one JSON document that says so near its beginning, from a recording, which has a line a record."""
    try:
        with path.open("rb") as file:
            return f'"format": "{FORMAT}"'.encode() in file.read(200)
    except OSError:
        return False  # whoever reads the recording says what is wrong
