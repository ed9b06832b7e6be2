"""Long campaigns on bytecode without a fault, of which no law may say anything."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants.campaigns.campaign import run_campaign
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.files import write_text

from ..harness.artifacts import load_v3_6
from .fault import REVISION

KEPT = Path(__file__).with_name("silence.json")


@dataclass(frozen=True)
class Silence:
    """A campaign in which no law was broken."""

    steps: int
    seed: int
    judgements: int
    laws: int
    """How many were put to the test."""

    def told(self) -> str:
        """Say it in a line."""
        return f"{self.steps:,} steps, {self.judgements:,} judgements of {self.laws} laws, seed {self.seed}"


def attacked(steps: int, seed: int) -> tuple[Silence, list[Finding]]:
    """Attack the faithful bytecode. Returns the campaign's figures, and what was found."""
    options = CampaignOptions(
        standard_history(REVISION), seed, steps=steps, engine=bytecode_engine(load_v3_6(), REVISION)
    )
    result = run_campaign(options)
    asked = {law: count for law, count in result.tally.exercised.items() if count}
    return Silence(result.tally.steps, seed, sum(asked.values()), len(asked)), result.findings


def kept(path: Path = KEPT) -> list[Silence]:
    """Read the campaigns that were kept, the longest first."""
    if not path.exists():
        return []
    return [Silence(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def keep(silent: Silence, path: Path = KEPT) -> None:
    """Keep a campaign, in place of one of as many steps with the same seed."""
    others = [each for each in kept(path) if (each.steps, each.seed) != (silent.steps, silent.seed)]
    _write(sorted([*others, silent], key=lambda each: (-each.steps, each.seed)), path)


def _write(campaigns: Sequence[Silence], path: Path) -> None:
    write_text(path, json.dumps([asdict(each) for each in campaigns], indent=1) + "\n")
