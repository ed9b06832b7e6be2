"""Table of provoked outcomes: every function, every error and event, how often each was seen, and why some never.

`python -m tests.contracts.provoked` runs the campaign on the real contracts of v3.6, replays the recordings of the
checkout and writes `PROVOKED.md`. The rows are read off the twin's source (`reachable.py`); the arranged situations are
in the folder `situations` (`offices.py`, `pool.py`, `impostors.py`), the reasons in `reasons.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pooltwin.protocol.recordings.recording import Call, Recording
from pooltwin.protocol.recordings.verification import Replay
from pooltwin.protocol.revisions import revision_named

from ..harness.artifacts import ArtifactSet
from ..harness.hits import Hit, Hits, count_hits
from ..harness.lockstep import FAILURES
from ..histories.assault import Assault
from ..histories.history import PROFILES
from ..histories.run import Run
from ..situations.arrangement import Stage
from ..situations.impostors import IMPOSTORS
from ..situations.offices import OFFICES
from ..situations.pool import POOL
from ..situations.provocations import Provocation
from .reachable import Outcomes
from .reasons import OPEN, reason

HERE = Path(__file__).parent
TABLE = HERE / "PROVOKED.md"
FOLDERS = (HERE.parents[2] / "fixtures" / "recordings", HERE.parents[1] / "recordings" / "histories")
REVISIONS = ("3.6", "3.7")
SOURCES = ("recordings v3.6", "recordings v3.7", "lockstep v3.6", "planted v3.6")
ARRANGEMENTS = (*OFFICES, *POOL, *IMPOSTORS)

_LINE = re.compile(r"^\| `(?P<function>[^`]+)` \| (?P<outcome>.+?) \| (?P<counts>[\d –|]+) \| (?P<reason>.*) \|$")
_HEADING = re.compile(r"^## (?P<kind>\w+)$")


class Row(NamedTuple):
    """One outcome of one function: counts by source, None where the revision does not have it."""

    hit: Hit
    counts: tuple[int | None, ...]
    reason: str

    @property
    def total(self) -> int:
        """Number of times that it was seen."""
        return sum(count or 0 for count in self.counts)


def rows_of(revision: str) -> set[Hit]:
    """Every outcome that a revision's source allows."""
    follow = Outcomes(revision_named(revision))
    return {
        (cls.KIND, function.signature, outcome)
        for cls, function in follow.functions()
        for outcome in follow.of(cls, function)
    }


def recorded_hits(revision: str) -> Hits:
    """Count what the recordings of a revision show: the bundled ones, and the histories beside the tests."""
    hits: Hits = Counter()
    for path in sorted(path for folder in FOLDERS for path in folder.glob(f"v{revision}-*.jsonl.gz")):
        recording = Recording(path)
        replay = Replay(recording)
        for line, record in recording:
            difference = replay.apply(line, record)
            if difference is not None:
                raise ValueError(f"{path.name}: {difference}")
            if isinstance(record, Call) and replay.chain.receipt is not None:
                to = replay.addresses.get(record.to, record.to)
                count_hits(hits, replay.chain, to, bytes.fromhex(record.data[2:]), replay.chain.receipt)
    return hits


def arranged(artifacts: ArtifactSet) -> tuple[Hits, Hits, int]:
    """Every arrangement, in lockstep: what calls alone led to, what needed planting, and how many calls it compared."""
    stages = {silenced: Stage(artifacts, silenced) for silenced in {a.silenced for a in ARRANGEMENTS}}
    by_calls: Hits = Counter()
    planted: Hits = Counter()
    for arrangement in ARRANGEMENTS:
        (planted if arrangement.planted else by_calls).update(stages[arrangement.silenced].play(arrangement))
    return by_calls, planted, sum(stage.chain.compared for stage in stages.values())


def campaign(artifacts: ArtifactSet) -> tuple[Hits, Hits, int]:
    """The lockstep that the table counts, in two parts, and how many calls it compared; the same each time."""
    hits: Hits = Counter()
    compared = 0
    for seed in range(1000, 1002):
        for profile in PROFILES.values():
            run = Run(artifacts, "3.6", profile, seed, steps=600)
            run.go(FAILURES)
            hits, compared = hits + run.chain.hits, compared + run.chain.compared
    for seed in range(1000, 1010):
        assault = Assault(artifacts, "3.6", seed)
        assault.run(4000, FAILURES)
        hits, compared = hits + assault.chain.hits, compared + assault.chain.compared
    for seed in range(3):
        provocation = Provocation(artifacts, "3.6", seed)
        provocation.run_moods(2000)
        hits, compared = hits + provocation.chain.hits, compared + provocation.chain.compared
    by_calls, planted, asked = arranged(artifacts)
    return hits + by_calls, planted, compared + asked


def table(expected: Mapping[str, set[Hit]], recorded: Mapping[str, Hits], lockstep: Hits, planted: Hits) -> list[Row]:
    """The rows with their counts and reasons. Raises ValueError for an outcome that was seen and is no row."""
    seen = {"3.6": recorded["3.6"] + lockstep + planted, "3.7": recorded["3.7"]}
    for revision, hits in seen.items():
        unexpected = sorted(hits.keys() - expected[revision])
        if unexpected:
            raise ValueError(f"v{revision}: seen, though the source seems not to allow it: {unexpected}")
    made = []
    for hit in sorted(expected["3.6"] | expected["3.7"]):
        in_3_6, in_3_7 = (hit in expected[revision] for revision in REVISIONS)
        counts = (
            recorded["3.6"][hit] if in_3_6 else None,
            recorded["3.7"][hit] if in_3_7 else None,
            lockstep[hit] if in_3_6 else None,
            planted[hit] if in_3_6 else None,
        )
        made.append(Row(hit, counts, "" if any(counts) else reason(hit)))
    return made


def render(rows: list[Row], compared: int) -> str:
    """The table as a document."""
    zeros = sum(not row.total for row in rows)
    open_rows = sum(row.reason.startswith(OPEN) for row in rows)
    planted = sum(bool(row.total) and row.total == row.counts[-1] for row in rows)
    lines = [
        "# What has been provoked",
        "",
        "Made by `python -m tests.contracts.provoked`; a test compares it with the source and with the recordings.",
        "",
        "Each row is one function and one thing that can come of it, as the twin's source tells: an error, or an",
        "event. The numbers say in how many calls it was seen: in the recordings of v3.6 and of v3.7, and in a",
        f"lockstep campaign against the real contracts of v3.6 that compared {compared:,} calls. Of these the column",
        "`planted` counts what calls with valid keys seldom lead to, or never: a value was first written into the",
        "storage of both sides, or the caller was the zero address or the pool. A dash marks what a revision does not",
        "have.",
        "",
        f"Of {len(rows):,} rows {zeros:,} were never seen, and {planted:,} only where planted. Where the reason begins",
        f"with `open`, it could be arranged and has not been ({open_rows} rows); the others cannot be.",
    ]
    kind = ""
    for row in rows:
        if row.hit[0] != kind:
            kind = row.hit[0]
            lines += ["", f"## {kind}", "", f"| function | outcome | {' | '.join(SOURCES)} | why never |"]
            lines.append(f"|---|---|{'--:|' * len(SOURCES)}---|")
        counts = " | ".join("–" if count is None else str(count) for count in row.counts)
        lines.append(f"| `{row.hit[1]}` | {row.hit[2]} | {counts} | {row.reason} |")
    return "\n".join(lines) + "\n"


def read_table(path: Path = TABLE) -> Iterator[Row]:
    """The rows of the document. Raises ValueError for a line that is no row."""
    kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = _HEADING.match(line)
        if heading is not None:
            kind = heading["kind"]
        elif line.startswith("| `"):
            match = _LINE.match(line)
            if match is None:
                raise ValueError(f"{path.name}: no row: {line}")
            counts = tuple(None if c.strip() == "–" else int(c) for c in match["counts"].split("|"))
            yield Row((kind, match["function"], match["outcome"]), counts, match["reason"])


def refuted(hits: Hits, rows: Mapping[Hit, Row]) -> list[Hit]:
    """Find what was seen although the table has no row for it, or says that it cannot be."""
    impossible = {row.hit for row in rows.values() if not row.total and not row.reason.startswith(OPEN)}
    return sorted(hit for hit in hits if hit not in rows or hit in impossible)
