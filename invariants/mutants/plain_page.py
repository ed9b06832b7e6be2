"""The page of what plain campaigns found of mutants; and the page read back, so that some rows can be made anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .catalogue import MUTANTS
from .kill_page import PageError, cells_of, listed
from .plain import CONTROL, PlainKill, false_alarms, survivors, suspect

RENEWED = "attacked again since, by `--only` and `--into`"
"""What the line of the page begins with that tells which mutants were attacked in a later run than the others."""
TOLD = 3
"""How many of the laws that broke a page tells."""
MORE = "..."
SCALE = re.compile(r"^is the steps to the first broken law, of ([\d,]+) at most;", re.MULTILINE)
SEED = re.compile(r"seed (-?\d+)")
FOUND = re.compile(r"([\d,]+): (.+)")
NOTHING = re.compile(r"nothing in ([\d,]+)")


@dataclass(frozen=True)
class PlainPage:
    """Findings of campaigns of some seeds and one length, and which mutants were attacked in a later run."""

    kills: Sequence[PlainKill]
    budget: int
    seeds: tuple[int, ...]
    renewed: tuple[str, ...] = ()


def markdown_of(page: PlainPage) -> str:
    """Write what the campaigns found as a page."""
    kills, budget, seeds = page.kills, page.budget, page.seeds
    by_name: dict[str, dict[int, PlainKill]] = {}
    for kill in kills:
        by_name.setdefault(kill.mutant, {})[kill.seed] = kill
    hunted = [some for name, some in by_name.items() if not name.startswith(CONTROL)]
    killed = sum(1 for some in hunted if all(kill.laws for kill in some.values()))
    steps = sorted(kill.steps for some in hunted for kill in some.values() if kill.laws)
    lines = [
        "# Mutants before a plain campaign",
        "",
        "Written by `pooltwin mutants --by fuzz`; a test runs some of it again.",
        "",
        f"{len(hunted)} of the {_tellable()} mutants that can be told from the protocol, on the standard market of",
        f"their release, attacked as by `pooltwin fuzz --seed N --steps {budget}`, seeds {_words(seeds)}. Each figure",
        f"is the steps to the first broken law, of {budget:,} at most; the laws are those that broke then. Unlike the",
        "walks of the [kill matrix](KILLS.md), the campaign knows nothing of mutants.",
        "",
        f"- killed with every seed: {killed} of {len(hunted)}",
        f"- alive: {_listed(survivors(kills))}",
        f"- laws that broke on a faithful engine: {_listed(false_alarms(kills))}",
    ]
    if steps:
        lines.append(f"- steps to a kill: half within {steps[len(steps) // 2]:,}, all within {steps[-1]:,}")
    if page.renewed:
        lines.append(f"- {RENEWED}: {_words(page.renewed)}")
    lines += [
        "",
        "| mutant | change | " + " | ".join(f"seed {seed}" for seed in seeds) + " |",
        "|---|---|" + "---|" * len(seeds),
    ]
    lines += [_row(name, [some[seed] for seed in seeds]) for name, some in by_name.items()]
    return "\n".join(lines) + "\n"


def _tellable() -> int:
    return sum(1 for mutant in MUTANTS if not mutant.equivalent)


def _words(some: Sequence[object]) -> str:
    return ", ".join(map(str, some))


def _listed(kills: Sequence[PlainKill]) -> str:
    return ", ".join(f"{kill.mutant} (seed {kill.seed})" for kill in kills) or "none"


def _row(name: str, kills: Sequence[PlainKill]) -> str:
    change = suspect(name).change.replace("|", "\\|")
    return f"| {name} | {change} | " + " | ".join(_told(kill) for kill in kills) + " |"


def _told(kill: PlainKill) -> str:
    if not kill.laws:
        return f"nothing in {kill.steps:,}"
    return f"{kill.steps:,}: {', '.join(kill.laws[:TOLD])}{f' {MORE}' if len(kill.laws) > TOLD else ''}"


def read_page(text: str) -> PlainPage:
    """Read a page back; what is no mutant any more is left out. Raises PageError for what is no such page.

    Where it tells of more laws than it names, the last of them is called "...".
    """
    scale, seeds, known = SCALE.search(text), _seeds(text), {mutant.id for mutant in MUTANTS}
    if scale is None or not seeds:
        raise PageError("tells of no campaigns of `pooltwin mutants --by fuzz`")
    kills = [
        _read(name, seed, told)
        for name, campaigns in _rows(text)
        if name.startswith(CONTROL) or name in known
        for seed, told in zip(seeds, campaigns, strict=True)
    ]
    return PlainPage(kills, _number(scale[1]), seeds, tuple(listed(text, RENEWED)))


def renewed(old: PlainPage, new: PlainPage) -> PlainPage:
    """Put what was found anew in the place of what there was. The result tells which mutants that are.

    Raises PageError for campaigns of another length or other seeds.
    """
    if (old.budget, old.seeds) != (new.budget, new.seeds):
        asked = f"{new.budget:,} with {_words(new.seeds)}"
        raise PageError(f"is of {old.budget:,} steps each with seeds {_words(old.seeds)}; {asked} is no part of it")
    again = {kill.mutant for kill in new.kills}
    both = [*(kill for kill in old.kills if kill.mutant not in again), *new.kills]
    names = {kill.mutant for kill in both}
    order = [*sorted(name for name in names if name.startswith(CONTROL)), *(m.id for m in MUTANTS if m.id in names)]
    marked = {*old.renewed, *again} if names - again else set()
    kills = sorted(both, key=lambda kill: order.index(kill.mutant))
    return PlainPage(kills, new.budget, new.seeds, tuple(name for name in order if name in marked))


def _seeds(text: str) -> tuple[int, ...]:
    heading = next((line for line in text.splitlines() if line.startswith("| mutant | change | ")), "")
    return tuple(map(int, SEED.findall(heading)))


def _rows(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| mutant |"):
            name, _, *campaigns = cells_of(line)
            yield name, campaigns


def _read(name: str, seed: int, told: str) -> PlainKill:
    found, nothing = FOUND.fullmatch(told), NOTHING.fullmatch(told)
    if found is not None:
        laws = found[2].removesuffix(f" {MORE}").split(", ")
        return PlainKill(name, seed, _number(found[1]), tuple(laws + [MORE] * found[2].endswith(MORE)))
    if nothing is None:
        raise PageError(f"of {name} and seed {seed} it says {told!r}, which is no finding")
    return PlainKill(name, seed, _number(nothing[1]))


def _number(told: str) -> int:
    return int(told.replace(",", ""))
