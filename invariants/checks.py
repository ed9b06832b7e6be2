"""The laws that a monitor asks, sorted by what they are asked of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from .call_names import NO_CALLS
from .law import Law, Subject, Verdict
from .reading.cutting import Part

Check = tuple[int, Callable[[Any], Verdict]]
"""The place of a law, and what it asks."""


class BySubject(NamedTuple):
    """Checks by what they are asked of."""

    steps: list[Check]
    reserves: list[Check]
    users: list[Check]
    categories: list[Check]
    probes: list[Check]


IN_ORDER = (Subject.STEP, Subject.RESERVE, Subject.USER, Subject.CATEGORY, Subject.PROBE)
"""The subjects, as `BySubject` has them."""


class Checks:
    """The checks of some laws, by subject, by call, and by whether others were made inside."""

    def __init__(self, laws: Sequence[Law], *, profile: bool = False) -> None:
        """`profile` times each law."""
        self.laws = laws
        self.seconds = [0.0] * len(laws)
        of: dict[Subject, list[Check]] = {subject: [] for subject in Subject}
        for index, law in enumerate(laws):
            of[law.subject].append((index, self._timed(index, law.check) if profile else law.check))
        self.of = BySubject(*(of[subject] for subject in IN_ORDER))
        self.alone = BySubject(*map(self._without_alone, self.of))
        """Those that are asked of a call inside which others were made."""
        self.over_time = [pair for pair in self.of.reserves if laws[pair[0]].over_time]
        self._by_call: dict[tuple[str, bool, Part, bool], list[Check]] = {}

    def of_call(self, name: str, ok: bool, part: Part, reentered: bool) -> list[Check]:
        """Choose the laws of steps that are asked of a part of a call."""
        key = name, ok, part, reentered
        found = self._by_call.get(key)
        if found is None:
            checks = (self.alone if reentered else self.of).steps
            found = self._by_call[key] = [pair for pair in checks if _is_asked(self.laws[pair[0]], name, ok, part)]
        return found

    def _without_alone(self, checks: list[Check]) -> list[Check]:
        """Leave out the laws that say what one call does alone."""
        return [pair for pair in checks if not self.laws[pair[0]].alone]

    def _timed(self, index: int, check: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
        def timed(subject: Any) -> Verdict:
            began = perf_counter()
            try:
                return check(subject)
            finally:
                self.seconds[index] += perf_counter() - began

        return timed


def _is_asked(law: Law, name: str, ok: bool, part: Part) -> bool:
    """Does a law of steps look at this part of a call with this outcome?"""
    if not ok and not law.reverted:
        return False
    if law.on and name not in NO_CALLS:
        return name in law.on and part.about_the_call
    if law.on and name not in law.on:
        return False
    return part.about_the_writes
