"""The results of the campaigns for profit as a file: read by the page, and by the tests that play every chain again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import write_text
from pooltwin.protocol.revisions import REVISIONS

from .campaign import Combination, Cured
from .chain import Link
from .reckoning import Reckoning, Stretch

FORMAT = "pooltwin-profit"
PLACE = Path(__file__).parents[2] / "profit_results.json"


@dataclass(frozen=True)
class ProfitResults:
    """The best chains found on each release, and how they were sought."""

    budget: int
    seed: int
    premium_bps: int
    found: tuple[Combination, ...]

    def of(self, objective: str) -> list[Combination]:
        """List what was found for an objective, the oldest release first."""
        return [each for each in self.found if each.objective == objective]


def merged_profit(
    old: ProfitResults | None, budget: int, seed: int, premium_bps: int, found: Sequence[Combination]
) -> ProfitResults:
    """Merge results with some releases made anew. Raises ValueError where the old ones were made in another way."""
    if old is not None and (old.budget, old.seed, old.premium_bps) != (budget, seed, premium_bps):
        raise ValueError(
            f"the other releases were searched with a budget of {old.budget} calls from seed {old.seed}, "
            f"with a premium of {old.premium_bps} bps"
        )
    known = {(each.revision, each.objective): each for each in (*(old.found if old is not None else ()), *found)}
    order = list(REVISIONS)
    return ProfitResults(
        budget, seed, premium_bps, tuple(sorted(known.values(), key=lambda each: order.index(each.revision)))
    )


def write_profit(path: Path, results: ProfitResults) -> None:
    """Write results, whole or not at all, a chain a line."""
    rows = ",\n".join("  " + json.dumps(_to_json(each)) for each in results.found)
    head = json.dumps(
        {"format": FORMAT, "budget": results.budget, "seed": results.seed, "premium_bps": results.premium_bps}
    )
    write_text(path, f'{head[:-1]}, "found": [\n{rows}\n]}}\n')


def read_profit(path: Path = PLACE) -> ProfitResults:
    """Read results back. Raises ValueError, naming the file, for anything else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        _require_format(data)
        return ProfitResults(
            data["budget"], data["seed"], data["premium_bps"], tuple(_from_json(each) for each in data["found"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: holds no results of a campaign for profit: {error}") from None


def _require_format(data: Any) -> None:
    if data["format"] != FORMAT:
        raise ValueError(f"its format is {data['format']!r}, not {FORMAT!r}")


def _to_json(each: Combination) -> dict[str, Any]:
    return {
        "revision": each.revision,
        "objective": each.objective,
        "spent": each.spent,
        "chain": [link.to_json() for link in each.chain],
        "reckoning": asdict(each.reckoning),
        "stretches": [_stretch_to_json(stretch) for stretch in each.stretches],
        "unwinding": [_stretch_to_json(stretch) for stretch in each.unwinding],
        "cures": [asdict(cure) for cure in each.cures],
    }


def _from_json(data: dict[str, Any]) -> Combination:
    return Combination(
        data["revision"],
        data["objective"],
        data["spent"],
        tuple(Link.from_json(link) for link in data["chain"]),
        Reckoning(**data["reckoning"]),
        tuple(_stretch_from_json(stretch) for stretch in data["stretches"]),
        tuple(_stretch_from_json(stretch) for stretch in data["unwinding"]),
        tuple(Cured(**cure) for cure in data["cures"]),
    )


def _stretch_to_json(stretch: Stretch) -> dict[str, Any]:
    return {**stretch.link.to_json(), "first": list(stretch.first), "last": list(stretch.last)}


def _stretch_from_json(data: dict[str, Any]) -> Stretch:
    return Stretch(Link.from_json(data), tuple(data["first"]), tuple(data["last"]))
