"""The page of a kill matrix, read back: so that some mutants can be hunted again, and the others keep their rows.

    matrix = read_matrix(page, all_laws())
    page = markdown_of(renewed(matrix, run_mutants(all_laws(), mutants=some, both_ways=True)))

A page tells when laws failed first, not by which values: a matrix that was read back makes the same page again, and
knows no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..law import Law
from .catalogue import MUTANTS, KillMatrix, control
from .hunt import Hunt, Kill
from .report import ENDED_EARLY, RENEWED, THE_SAME, UNSOUND

SCALE = re.compile(r"^\d+ mutants, \d+ laws, ([\d,]+) steps each at most, seed (\d+)\.$", re.MULTILINE)
CELLS = re.compile(r"(?<!\\)\|")


class PageError(ValueError):
    """A page that cannot be renewed. Says why."""


def read_matrix(page: str, laws: Sequence[Law]) -> KillMatrix:
    """Read the page of a kill matrix as a matrix of these laws; what is no mutant any more is left out.

    Raises PageError for what is no such page.
    """
    scale = SCALE.search(page)
    if scale is None or "\n## Mutants\n" not in page or "\n## Stories\n" not in page:
        raise PageError("is no kill matrix of `pooltwin mutants`")
    matrix = KillMatrix(laws, int(scale[1].replace(",", "")), int(scale[2]), renewed=tuple(listed(page, RENEWED)))
    matrix.controls += _controls(page)
    rows, stories, ended = dict(_rows(page)), dict(_stories(page)), set(listed(page, ENDED_EARLY))
    for mutant in MUTANTS:
        if mutant.id in rows:
            steps, kills, routed = rows[mutant.id]
            found = Hunt(mutant, int(steps.replace(",", "")), _kills(kills), crash="early" * (mutant.id in ended))
            found.routed = dict(found.kills) if routed == THE_SAME else _kills(routed)
            matrix.hunts.append(_with_story(found, stories.get(mutant.id, "")))
    return matrix


def renewed(old: KillMatrix, new: KillMatrix) -> KillMatrix:
    """Put what was hunted anew in the place of what there was. The result tells which mutants that are.

    Raises PageError for hunts of other lengths or seeds, or of one way where there are both.
    """
    if (old.budget, old.seed) != (new.budget, new.seed):
        asked = f"{new.budget:,} steps with seed {new.seed}"
        raise PageError(f"is of {old.budget:,} steps each with seed {old.seed}; {asked} is no part of it")
    if any(found.routed is None for found in new.hunts):
        raise PageError("tells both ways: the walks have to be sent through a router too")
    hunts = {found.mutant.id: found for found in (*old.hunts, *new.hunts)}
    controls = {found.mutant.id: found for found in (*old.controls, *new.controls)}
    kept = {found.mutant.id for found in old.hunts} - {found.mutant.id for found in new.hunts}
    again = {*old.renewed, *(found.mutant.id for found in new.hunts)} if kept else set()
    order = [mutant.id for mutant in MUTANTS if mutant.id in hunts]
    return replace(
        new,
        hunts=[hunts[name] for name in order],
        controls=[controls[name] for name in sorted(controls)],
        renewed=tuple(name for name in order if name in again),
    )


def listed(page: str, words: str) -> list[str]:
    """List the ids in the line of a page that begins with some words; none where there is no such line."""
    line = next((line for line in page.splitlines() if line.startswith(f"- {words}: ")), "")
    ids = line.removeprefix(f"- {words}: ")
    return [] if ids in ("", "none") else ids.split(", ")


def cells_of(row: str) -> list[str]:
    """Split a row of a table into its cells."""
    return [cell.strip() for cell in CELLS.split(row)[1:-1]]


def _controls(page: str) -> Iterator[Hunt]:
    told = next((line for line in page.splitlines() if line.startswith(f"- {UNSOUND}: ")), "")
    for part in told.removeprefix(f"- {UNSOUND}: ").split("; "):
        release, _, laws = part.partition(": ")
        if release:
            unsound = [] if laws == "none" else laws.split(", ")
            yield Hunt(control(release), 0, {law: Kill(law, 0, 0, 0, "") for law in unsound})


def _rows(page: str) -> Iterator[tuple[str, tuple[str, str, str]]]:
    for line in page.partition("\n## Mutants\n")[2].partition("\n## ")[0].splitlines():
        if line.startswith("| ") and not line.startswith("| mutant |"):
            name, _, _, _, steps, kills, routed = cells_of(line)
            yield name, (steps, kills, routed)


def _kills(told: str) -> dict[str, Kill]:
    each: Iterable[str] = told.split(", ") if told not in ("", "none") else ()
    found = [part.replace("*", "").split() for part in each]
    return {law: Kill(law, int(steps), 0, 0, "") for law, steps in found}


def _stories(page: str) -> Iterator[tuple[str, str]]:
    """Tell of each mutant what stands below its heading and its origin."""
    for section in page.partition("\n## Stories\n")[2].split("\n### ")[1:]:
        heading, _, text = section.partition("\n")
        yield heading.partition(":")[0], text.strip("\n").partition("\n\n")[2]


def _with_story(found: Hunt, text: str) -> Hunt:
    """Give a hunt its story, or, of a law that failed in a probe, how the quickest one that counts failed."""
    if text.startswith("```\n"):
        found.story = text.removeprefix("```\n").removesuffix("\n```")
    elif (kill := found.first) is not None:
        found.kills[kill.law] = replace(kill, violation=text)
    return found
