"""Laws: each has one statement, one small function that looks at what a step touched, and a verdict.

A law answers `None` where it has nothing to say, `True` where it was put to the test and held, and a `Broken` with both
figures where it failed. Counting the `True`s is how a campaign knows that a law was really exercised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal, TypeAlias

from .worth import Unit, Worth


class Kind(Enum):
    """The part of a history that a law speaks of."""

    STATE = "S"
    """Holds in every state."""
    STEP = "T"
    """Of one step: before, call, receipt, after."""
    SEQUENCE = "Q"
    """Of several steps."""
    TWO_RUNS = "2"
    """Compares two continuations of one state."""


class Subject(Enum):
    """The thing that a law's function is given, once for each that the step touched."""

    RESERVE = "reserve"
    """A `ReserveChange`: a reserve before and after. After time has passed, every reserve counts as touched."""
    USER = "user"
    """A `UserChange`: a user's position before and after."""
    CATEGORY = "category"
    """A `CategoryChange`: an e-mode category before and after."""
    STEP = "step"
    """The `Step`, once; with `on`, only for these calls, wherever they are made."""
    PROBE = "probe"
    """A `Probe`: a state to try alternatives on, now and then, all undone."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A law's answer when it fails: what was compared, and both figures."""

    comparison: str
    left: Any
    right: Any
    unit: Unit | None = None
    """What the figures count; None where they are no amounts."""
    of: str = ""
    """The address of the asset, or of the user with the health factor, that they are of; empty for the subject's."""
    scale: int = 1
    """How many of the figures make one unit: 10**27 where they are ray units."""
    amount: int | None = None
    """What the break is about, in units times scale, where the figures themselves do not say it."""

    def __str__(self) -> str:
        text = f"{self.comparison}: {self.left} against {self.right}"
        if type(self.left) is int and type(self.right) is int:
            text += f", by {abs(self.left - self.right)}"
        return text

    def named(self, names: Mapping[str, str]) -> Broken:
        """The same, with names for the addresses that are compared and have one."""
        left, right = (names.get(each, each) if type(each) is str else each for each in (self.left, self.right))
        return self if left is self.left and right is self.right else replace(self, left=left, right=right)

    @property
    def difference(self) -> int | None:
        """What the break is about, in units times scale; None where the law names no unit."""
        if self.unit is None:
            return None
        if self.amount is not None:
            return abs(self.amount)
        return abs(self.left - self.right) if type(self.left) is int and type(self.right) is int else None


Verdict: TypeAlias = Literal[True] | Broken | None
"""What a law answers: held, broken, or None where it has nothing to say."""


def equal(
    comparison: str,
    left: Any,
    right: Any,
    unit: Unit | None = None,
    of: str = "",
    scale: int = 1,
    amount: int | None = None,
) -> Literal[True] | Broken:
    """Demand that the two are the same. `unit`, `of`, `scale` and `amount` say what a break is worth, as in `Broken`.

    `unit` is what the figures count; `of` the address of the asset they are amounts of, or of the user whose health
    factors they are, where that is not the subject's.
    """
    return True if left == right else Broken(f"{comparison} must be equal", left, right, unit, of, scale, amount)


def at_least(
    comparison: str,
    left: int,
    right: int,
    unit: Unit | None = None,
    of: str = "",
    scale: int = 1,
    amount: int | None = None,
) -> Literal[True] | Broken:
    """Demand that the left is not below the right. The rest says what a break is worth, as in `equal`."""
    if left >= right:
        return True
    return Broken(f"{comparison} must not be below", left, right, unit, of, scale, amount)


def at_most(
    comparison: str,
    left: int,
    right: int,
    unit: Unit | None = None,
    of: str = "",
    scale: int = 1,
    amount: int | None = None,
) -> Literal[True] | Broken:
    """Demand that the left is not above the right. The rest says what a break is worth, as in `equal`."""
    if left <= right:
        return True
    return Broken(f"{comparison} must not be above", left, right, unit, of, scale, amount)


def implies(comparison: str, premise: bool, conclusion: bool) -> Verdict:
    """Demand the conclusion where the premise is true; a false premise exercises nothing."""
    if not premise:
        return None
    return True if conclusion else Broken(f"{comparison} must hold", premise, conclusion)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Find the first failure; without one, tell whether anything was exercised."""
    exercised: Verdict = None
    for verdict in verdicts:
        if verdict is True:
            exercised = True
        elif verdict is not None:
            return verdict
    return exercised


def release(name: str) -> tuple[int, ...]:
    """Turn a release's name into numbers that compare. Raises ValueError for what is not like "3.7"."""
    try:
        return tuple(int(part) for part in name.split("."))
    except ValueError:
        raise ValueError(f"{name!r} is not a release like '3.7'") from None


@dataclass(frozen=True, slots=True)
class Edge:
    """A region of a law's rule in which it could fail: between a threshold and the next unit, where a rounding decides.

    A law that was put to the test often and never there proves little.
    """

    name: str
    """The region in words, as a report shows it."""
    meets: Callable[[Any], bool]
    """Tells of a subject that the law had something to say about whether it lies there. Changes nothing."""
    since: str = "3.0"
    until: str | None = None
    """First and last release on which the region exists."""
    on: tuple[str, ...] = ()
    """The calls in which alone it can be met, by the names of their steps; empty for any step."""

    def exists_on(self, revision: str) -> bool:
        """Does a release have the region?"""
        named = release(revision)
        return release(self.since) <= named and (self.until is None or named <= release(self.until))


def edge(
    name: str, *, since: str = "3.0", until: str | None = None, on: tuple[str, ...] = ()
) -> Callable[[Callable[[Any], bool]], Edge]:
    """Make an edge of a function that tells of a subject whether it lies there; `on` are the calls with such."""
    return lambda meets: Edge(name, meets, since, until, on)


@dataclass(frozen=True, slots=True)
class Law:
    """One law of lender protection."""

    id: str
    """Stable, for instance "SOL-1"."""
    statement: str
    """What holds, exactly."""
    kind: Kind
    subject: Subject
    source: str
    """Where it comes from: Certora, Enigma, a document, an audit, an incident, the contract, or new."""
    check: Callable[..., Verdict]
    on: tuple[str, ...] = ()
    """Calls a step law looks at, as "pool.supply", in Solidity's spelling or Python's; empty for all."""
    since: str = "3.0"
    until: str | None = None
    """First and last release it is claimed for."""
    bound: str = ""
    """Where it tolerates a difference: how the bound is derived."""
    deviates: dict[str, str] = field(default_factory=dict)
    """Releases whose real contracts are known to break it, each with how."""
    excuse: Callable[[Any], bool] | None = None
    """Tells, of a subject that broke it on a release that deviates, whether that is the known deviation and no other:
    the formula that the deviation follows. Without one, whatever breaks it there is."""
    over_time: bool = False
    """Does the passing of time alone put it to the test?"""
    reverted: bool = False
    """Does it look at reverted calls too?"""
    alone: bool = False
    """Does it say what one call does alone? It is not asked of calls inside which others were made, flash loans apart.
    """
    needs: str = ""
    """What a market must have for the law to be exercised, where not every market has it."""
    met: Callable[[Any], bool] = bool
    """Tells of a market whether it has what the law needs; one that needs nothing is content with any."""
    remembers: bool = False
    """Does it remember what other laws ask for, so that they need it to be checked too?"""
    edges: tuple[Edge, ...] = ()
    """The regions in which it could fail, for a law whose rule has such; of an identity any case can fail."""

    def __post_init__(self) -> None:
        if isinstance(self.on, str):
            object.__setattr__(self, "on", (self.on,))
        if not self.on:
            return
        from .call_names import named_call  # noqa: PLC0415 - asks every release, and this module loads with the face

        try:
            object.__setattr__(self, "on", tuple(dict.fromkeys(map(named_call, self.on))))
        except ValueError as error:
            raise ValueError(f"{self.id}: on={error}") from None

    def __call__(self, subject: Any) -> Verdict:
        """Judge one subject."""
        return self.check(subject)

    def knows(self, revision: str, subject: Any) -> bool:
        """Is what broke it known of a release?"""
        return revision in self.deviates and (self.excuse is None or self.excuse(subject))

    def edges_on(self, revision: str) -> list[Edge]:
        """List the edges that exist on a release."""
        return [edge for edge in self.edges if edge.exists_on(revision)]

    def edge_labels(self, revision: str) -> list[str]:
        """Name the edges that exist on a release, the law's id before each, as counts of them do."""
        return [f"{self.id}: {edge.name}" for edge in self.edges_on(revision)]

    def claimed_for(self, revision: str) -> bool:
        """Is it claimed for a release? A known deviation is still a claim."""
        named = release(revision)
        return release(self.since) <= named and (self.until is None or named <= release(self.until))


def calls_there_are(*calls: str) -> tuple[str, ...]:
    """Leave out calls that no release has. A law about what ended with a release asks, since that may be deleted."""
    from .call_names import named_call  # noqa: PLC0415 - asks every release, and this module loads with the face

    found = []
    for call in calls:
        try:
            found.append(named_call(call))
        except ValueError:
            continue
    return tuple(found)


def law(
    identifier: str,
    statement: str,
    *,
    kind: Kind,
    subject: Subject,
    source: str,
    on: tuple[str, ...] = (),
    since: str = "3.0",
    until: str | None = None,
    bound: str = "",
    deviates: dict[str, str] | None = None,
    excuse: Callable[[Any], bool] | None = None,
    over_time: bool = False,
    reverted: bool = False,
    alone: bool = False,
    needs: str = "",
    met: Callable[[Any], bool] = bool,
    remembers: bool = False,
    edges: tuple[Edge, ...] = (),
) -> Callable[[Callable[..., Verdict]], Law]:
    """Make a law of a function that judges one subject. Raises ValueError for a law nobody could ever check."""
    if on and subject is not Subject.STEP:
        raise ValueError(f"{identifier}: only a law of a step can be restricted to calls, not one of a {subject.value}")
    if not statement or not source:
        raise ValueError(f"{identifier}: a law states what holds and where it comes from")
    if len({edge.name for edge in edges}) < len(edges):
        raise ValueError(f"{identifier}: two of its edges have one name")

    def declare(check: Callable[..., Verdict]) -> Law:
        return Law(
            id=identifier,
            statement=statement,
            kind=kind,
            subject=subject,
            source=source,
            check=check,
            on=on,
            since=since,
            until=until,
            bound=bound,
            deviates=deviates or {},
            excuse=excuse,
            over_time=over_time,
            reverted=reverted,
            alone=alone,
            needs=needs,
            met=met,
            remembers=remembers,
            edges=edges,
        )

    return declare


def not_asked_of(revision: str, laws: Iterable[Law]) -> str:
    """Say in one line which laws are not asked of a release, as "2 of 9 laws ...: SOL-9, 11"; empty if all are."""
    all_of_them = list(laws)
    left_out = [law.id for law in all_of_them if not law.claimed_for(revision)]
    if not left_out:
        return ""
    groups: dict[str, list[str]] = {}
    for identifier in left_out:
        group, _, number = identifier.partition("-")
        groups.setdefault(group, []).append(number)
    named = "; ".join(f"{group}-{', '.join(numbers)}" for group, numbers in groups.items())
    reason = "because they speak of what it lacks or of how others round"
    return f"{len(left_out)} of {len(all_of_them)} laws are not asked of v{revision}, {reason}: {named}"


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that a step broke."""

    law: Law
    verdict: Broken
    where: str
    """Which reserve or user, in words."""
    step: int
    """The number of the step, from 0."""
    call: str
    """The step in words."""
    worth: Worth | None = None
    """How much money it is about; None where the law's figures are no amounts."""
    known: bool = False
    """Is it the known deviation of the release? Such violations are kept only where somebody is strict."""

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        money = f" ({self.worth})" if self.worth is not None else ""
        return (
            f"{self.law.id} broken at step {self.step}, {self.call}{place}: {self.verdict}{money}\n"
            f"  {self.law.statement}"
        )


class LawBroken(AssertionError):  # noqa: N818 - a broken law, not an error of ours
    """A violation, raised by a monitor that is told to stop at the first."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation
