"""How much the laws judge in this checkout and in another: `python -m tests.bench.verdicts --against PATH`.

Beside `ratio.py`, which says how long a watched step takes: a step that is judged by more laws takes longer. Run with a
checkout, a walk and nothing else, it prints what that checkout judges as JSON, and imports only what `walk.py` does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[2]


class Judged(NamedTuple):
    """What the laws said of a walk made one way."""

    verdicts: float
    """How often a law was put to the test, a step."""
    laws: int
    """How many laws were put to the test at all."""


def judged_by(checkout: Path, walk: Path) -> dict[str, Judged]:
    """Let a checkout judge a walk, by each way, in a process of its own. Raises RuntimeError with what it said."""
    command = [sys.executable, str(Path(__file__).resolve()), str(checkout), str(walk)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{checkout} cannot be asked:\n{done.stderr[-2000:]}")
    return {way: Judged(*said) for way, said in json.loads(done.stdout).items()}


def judge(checkout: Path, path: Path) -> dict[str, Judged]:
    """Replay a walk by each way with every law of a checkout watching."""
    with tempfile.TemporaryDirectory() as links:
        sys.path.insert(0, str(Path(__file__).parent))
        from timing import import_from  # beside this file

        import_from(checkout, Path(links))
        from walk import WAYS, found_in, senders

        history, said = found_in("read_history", "invariants.history")(path), {}
        laws, monitor_of = found_in("all_laws", "invariants.catalogue")(), found_in("Monitor", "invariants.monitor")
        for way in WAYS:
            stage = history.stage()
            send, monitor = senders(stage, way), monitor_of(stage.market, laws, stop=False).attach()
            for action in history.actions:
                send(action)
            monitor.detach()
            counts = monitor.exercised().values()
            said[way] = Judged(sum(counts) / len(history.actions), sum(count > 0 for count in counts))
    return said


def main(against: Path, steps: int = 1_000) -> str:
    """Write what both checkouts judge of one walk as a table in Markdown."""
    from tests.bench.ratio import draw_walk

    with tempfile.TemporaryDirectory() as folder:
        walk = Path(folder) / "walk.json"
        draw_walk(walk, steps)
        there, here = judged_by(against.resolve(), walk), judged_by(HERE, walk)
    lines = ["| steps made | verdicts a step there | here | laws asked there | here |", "|---|--:|--:|--:|--:|"]
    for way in here:
        cells = (f"{there[way].verdicts:.1f}", f"{here[way].verdicts:.1f}", str(there[way].laws), str(here[way].laws))
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--against":
        print(main(Path(sys.argv[2])))
    elif len(sys.argv) == 3:
        print(json.dumps(judge(Path(sys.argv[1]), Path(sys.argv[2]))))
    else:
        sys.exit("usage: python -m tests.bench.verdicts --against PATH")
