"""A study for the tests of sweeps: quick, exact, and able to fail, to wait and to die in the middle of a run."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from pathlib import Path

from pooltwin.scenarios.sweep.columns import LENDERS_LOST, Column, ColumnKind, Row

DEFAULTS = {"rate": 1, "depth": {"usd": "110"}, "agents": [{"name": "bot", "fee": 3}], "seed": 0}
SWITCHES = {"fails_at": -1, "waits_ms": 0, "dies_once": "", "runs_noted_in": "", "grows_to": 0}


class Fake:
    """A run that computes figures from the digest of its parameters."""

    seed_path = "seed"

    def complete(self, parameters: str, folder: Path) -> str:
        given = json.loads(parameters)
        strange = sorted(set(given) - {*DEFAULTS, *SWITCHES})
        if strange or not isinstance(given.get("rate", 1), int):
            raise ValueError(f"{strange or given['rate']}: not of this study")
        return json.dumps({**DEFAULTS, **SWITCHES, **given})

    def columns(self, parameters: str) -> tuple[Column, ...]:
        return (
            LENDERS_LOST,
            Column("lost_usd_e8", ColumnKind.EXACT, "most lost, USD", "most", 8),
            Column("calls", ColumnKind.COUNT, "fewest calls", "least"),
        )

    def run(self, parameters: str) -> tuple[Row, str]:
        given = json.loads(parameters)
        time.sleep(given["waits_ms"] / 1000)
        if given["runs_noted_in"]:
            with open(given["runs_noted_in"], "a", encoding="utf-8") as notes:
                notes.write(f"{given['rate']}/{given['seed']}\n")
        if given["dies_once"] and given["rate"] == 3 and not Path(given["dies_once"]).exists():
            Path(given["dies_once"]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if given["fails_at"] == given["rate"]:
            raise ArithmeticError(f"the rate {given['rate']} cannot be had by {object()}")
        digest = hashlib.sha256(json.dumps([given["rate"], given["seed"], given["agents"]]).encode()).hexdigest()
        lost = int(digest[:30], 16) + given["grows_to"] * 10**38
        return {"lenders_lost": lost % 2 == 0, "lost_usd_e8": lost, "calls": int(digest[-4:], 16)}, digest


FAKE = Fake()
NO_STUDY = object()


class Silent(Fake):
    """A study that does not say whether lenders lost."""

    def columns(self, parameters: str) -> tuple[Column, ...]:
        return super().columns(parameters)[1:]


class Changing(Fake):
    """A study whose columns depend on its parameters."""

    def columns(self, parameters: str) -> tuple[Column, ...]:
        return super().columns(parameters)[: 2 + json.loads(parameters)["rate"] % 2]


class Unseeded(Fake):
    """A study that draws nothing."""

    seed_path = ""


SILENT, CHANGING, UNSEEDED = Silent(), Changing(), Unseeded()
