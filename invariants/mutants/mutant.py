"""Mutants: the protocol with one deliberate fault each, taken from an incident or a finding.

A fault is a handful of replacements of names in the engine, or of decisions in the revision record. It lasts as long as
a `with` block and leaves nothing behind. Replacements are always made where a name is used, never where it is defined,
so that a law which computes with the same arithmetic keeps the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import NEWEST, Revision, classes_of_kind, revision_named


@dataclass(frozen=True, slots=True)
class Patch:
    """One name of a module or class, and what it means in the faulty engine."""

    target: Any
    name: str
    faulty: Any

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the fault in, and the original back. Raises AttributeError when the engine has no such name."""
        if self.name not in vars(self.target):
            place = getattr(self.target, "__name__", self.target)
            raise AttributeError(f"{place} defines no {self.name}: the mutant does not fit this engine")
        original = vars(self.target)[self.name]
        setattr(self.target, self.name, self.faulty)
        try:
            yield
        finally:
            setattr(self.target, self.name, original)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: what is changed, where it was learnt, which laws are expected to notice."""

    id: str
    change: str
    """The single change, in words."""
    origin: str
    """The incident, audit finding or rule it comes from."""
    expected: tuple[str, ...]
    """Ids of the laws that should kill it."""
    patches: tuple[Patch, ...] = ()
    decisions: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the revision record that the mutant decides differently."""
    revision: str = NEWEST.name
    """The revision that is broken; an older one where only that has the rule."""
    engine: Revision | None = None
    """A fork of that revision, which is broken in its place and judged by what it declares."""
    equivalent: str = ""
    """Why no history can tell it from the protocol, if that is so."""

    @property
    def order(self) -> tuple[bool, int, str]:
        """Its place in the catalogue: faults of the protocol ("M40b") before those of the environment ("E3")."""
        found = re.fullmatch(r"([ME])(\d+)([a-z]?)", self.id)
        if found is None:
            raise ValueError(f"{self.id!r} is not the id of a mutant, like 'M40b' or 'E3'")
        return found[1] == "E", int(found[2]), found[3]

    def revision_record(self) -> Revision:
        """Make the revision with this mutant's decisions, for `Market.deploy(config, revision=...)`."""
        record = self.engine or revision_named(self.revision)
        return replace(record, **self.decisions) if self.decisions else record

    @contextmanager
    def engaged(self) -> Iterator[Revision]:
        """Break the engine for the length of the block. Yields the revision record to deploy with."""
        with ExitStack() as stack:
            for patch in self.patches:
                stack.enter_context(patch.applied())
            yield self.revision_record()


def nothing(*_: Any, **__: Any) -> None:
    """Leave out a step."""


def during(function: Callable[..., Any], *patches: Patch) -> Callable[..., Any]:
    """Wrap `function`, with patches in force only while it runs: a fault in one place of something many places use."""

    def faulty(*args: Any, **kwargs: Any) -> Any:
        with ExitStack() as stack:
            for patch in patches:
                stack.enter_context(patch.applied())
            return function(*args, **kwargs)

    return faulty


def bodies_of(contract: type[Contract], name: str, faulty: Callable[..., Any]) -> tuple[Patch, ...]:
    """Patch what a contract's external function does in every release, however it is called.

    Raises LookupError without one.
    """
    functions = {
        id(function): function
        for cls in (contract, *classes_of_kind(contract.KIND))
        for function in cls.functions.values()
        if function.name == name
    }
    found = tuple(Patch(function, "body", faulty) for function in functions.values())
    if not found:
        raise LookupError(f"{contract.__name__} has no external function {name}")
    return found
