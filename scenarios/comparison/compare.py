"""Comparison of several revisions by one history: which calls differ, by how much, and what it adds up to.

The history is a recording, or a script of named actions as `pooltwin fuzz` writes them. Every revision lives through
all of it; nothing is compared with what was recorded, only with what the baseline does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pooltwin.invariants.choice import LawLike, engine_at
from pooltwin.invariants.choice import chosen as chosen_laws
from pooltwin.invariants.history import History, read_history
from pooltwin.invariants.law import Law
from pooltwin.protocol.file_kinds import FileKind, kind_of
from pooltwin.protocol.recordings.recording import Recording, RecordingError
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named

from .difference import Comparison, Progress
from .recordings import play_recording
from .scripts import play_script


def compare(
    path: Path,
    revisions: Sequence[str] = (),
    baseline: str | None = None,
    *,
    each_call: bool = False,
    engine: Revision | None = None,
    laws: Sequence[LawLike] = (),
    progress: Progress = lambda _: None,
) -> Comparison:
    """Play a history on several revisions, compared with a baseline: by default the one it was made on.

    No revisions stand for all; with a recording, for those whose markets are set up by the same calls. What a release
    lacks of a history's market is built without it, and told in `changes` of its branch.
    With `each_call` every call of a recording starts from the baseline's state. A fork takes part as `engine`; a
    history that names one is played on it in any case. `laws` watch every call of a history on each release; what they
    find is kept in `watched` of its branch. Raises RecordingError, HistoryError, and ValueError for an
    unknown revision or one that cannot live through the history.
    """
    watching = chosen_laws(laws) if laws else []
    if not _is_script(path):
        if laws:
            raise ValueError(f"{path}: --law is for histories; laws watch a recording by `pooltwin laws {path.name}`")
        recording = Recording(path)
        made_on = recording.header.revision
        chosen = _chosen(revisions or _set_up_alike(), baseline or made_on, engine)
        _require_one_way_to_set_up(chosen)
        calls, branches = play_recording(recording, chosen, each_call, progress)
        return Comparison(path, made_on, calls, branches, each_call)
    if each_call:
        raise ValueError(f"{path}: --each-call is for recordings; a script is lived through as a whole")
    return compare_history(
        read_history(path), path, revisions, baseline, engine=engine, laws=watching, progress=progress
    )


def compare_history(
    history: History,
    path: Path,
    revisions: Sequence[str] = (),
    baseline: str | None = None,
    *,
    engine: Revision | None = None,
    laws: Sequence[Law] = (),
    progress: Progress = lambda _: None,
) -> Comparison:
    """Play a history on several revisions, as `compare`; `path` is what it is called. Raises as `compare`."""
    made_on = history.opening.revision
    if not made_on and history.begins_with_a_chain:
        made_on = engine_at(history.engine).release
    if not made_on:
        raise ValueError(f"{path}: begins with a saved state, which belongs to one revision")
    engine = engine or (engine_at(history.engine) if history.engine else None)
    beside = (engine.release,) if engine is not None and engine.machine is not None else tuple(REVISIONS)
    chosen = _chosen(revisions or beside, baseline or made_on, engine)
    calls, branches = play_script(history, chosen, progress, laws)
    return Comparison(path, made_on, calls, branches, is_script=True)


def _chosen(revisions: Sequence[str], baseline: str, engine: Revision | None) -> list[Revision]:
    """Find the records to play on, the baseline first; the engine may be it, by its name."""
    own = {engine.label if engine.machine is not None else engine.name: engine} if engine is not None else {}
    names = dict.fromkeys((baseline, *revisions, *own))
    return [own[name] if name in own else revision_named(name) for name in names]


def _set_up_alike() -> list[str]:
    """The releases whose markets are set up by the same calls, or calls that are translated."""
    return [name for name, release in REVISIONS.items() if not release.stable_rates]


def _require_one_way_to_set_up(chosen: Sequence[Revision]) -> None:
    """Check that recorded calls set up a market on all releases. Raises ValueError, naming those on which they do."""
    for revision in chosen:
        if revision.stable_rates:
            raise ValueError(
                f"a market of v{revision.name} is set up by other calls: with recordings comparable are "
                f"{', '.join(_set_up_alike())}"
            )


def _is_script(path: Path) -> bool:
    """Tell a script from a recording. Raises RecordingError for a file that is neither."""
    try:
        kind = kind_of(path)
    except OSError:
        return False  # whoever reads the recording says what is wrong
    if kind in (FileKind.STATE, FileKind.MARKET):
        raise RecordingError(f"{path}: is {kind.value}; a recording or a history is compared")
    return kind is FileKind.HISTORY
