"""Which laws are meant: by id, as objects, or by import path; and which of them an engine declares to break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from typing import Any

from pooltwin.protocol.bytecode_name import bytecode_named, is_bytecode
from pooltwin.protocol.import_path import imported
from pooltwin.protocol.revisions import Revision, revision_named

from .catalogue import all_laws
from .ids import unknown
from .law import Law

LawLike = Law | str
"""A law: itself, its id, or an import path, as "my_laws:NO_LOSS", behind which are one law or several."""


def engine_at(path: str) -> Revision:
    """Import an engine, the record of a fork, by its path, as "my_fork:FORK"; or load bytecode, as "bytecode:3.6:out".

    Raises ImportPathError for what cannot be imported, ValueError for what is no record or no bytecode.
    """
    if is_bytecode(path):
        return _compiled(path)
    found = imported(path)
    if not isinstance(found, Revision):
        raise ValueError(
            f"{path}: is {_described(found)}, not the record of an engine, as "
            "FORK = NEWEST.forked('my-fork', close_factor=6_000)"
        )
    return found


def engine_meant(engine: Revision | str | None) -> Revision | None:
    """Give the record of an engine that may be named by a string. Raises as `engine_at`."""
    return engine_at(engine) if isinstance(engine, str) else engine


def _compiled(name: str) -> Revision:
    """Load compiled contracts by the room above that knows them. Raises ValueError where there is no EVM."""
    bytecode_named(name)
    try:
        room = import_module(f"{__package__.partition('.')[0]}.interop.evm.engine")
    except ImportError as missing:
        raise ValueError(f"{name}: {missing}") from None
    engine: Revision = room.engine_named(name)
    return engine


def laws_at(path: str) -> list[Law]:
    """Import laws by their path, as "my_laws:NO_LOSS": one law, or a list of laws.

    Raises ImportPathError for what cannot be imported, ValueError for what is none.
    """
    found = imported(path)
    laws = [found] if isinstance(found, Law) else list(found) if isinstance(found, list | tuple) else []
    if not laws or not all(isinstance(each, Law) for each in laws):
        raise ValueError(f"{path}: is {_described(found)}, not a law or a list of laws")
    return laws


def _described(thing: Any) -> str:
    text = repr(thing)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(thing).__name__})"


def with_own(own: Iterable[LawLike]) -> list[Law]:
    """Give the whole catalogue and laws of one's own. Raises ValueError for two laws of one id."""
    laws = {law.id: law for law in all_laws()}
    for each in own:
        for law in [each] if isinstance(each, Law) else laws_at(_checked(each)):
            if laws.setdefault(law.id, law) is not law:
                raise ValueError(f"two laws are called {law.id}: {laws[law.id].statement!r} and {law.statement!r}")
    return list(laws.values())


def law_among(laws: Iterable[Law], identifier: str) -> Law:
    """Find a law by its id. Raises ValueError, with what was probably meant, for one that there is not."""
    by_id = {law.id: law for law in laws}
    if identifier not in by_id:
        raise unknown(f"no law is called {identifier!r}", identifier, by_id)
    return by_id[identifier]


def chosen(asked: Sequence[LawLike], *, own: Sequence[LawLike] = (), without: Sequence[str] = ()) -> list[Law]:
    """Give the laws that are asked for, all if none is named; `own` are added, those `without` are left out.

    Raises ValueError for an id that there is not, in either list.
    """
    named = [each for each in asked if isinstance(each, Law) or ":" in _checked(each)]
    known = with_own((*own, *named))
    left_out = {law_among(known, identifier).id for identifier in without}
    wanted = {law.id for law in known}
    if asked:
        wanted = {law.id for each in asked for law in _meant(known, each)}
        wanted |= {law.id for each in own for law in _meant(known, each)}
    return [law for law in known if law.id in wanted - left_out]


def laws_meant(laws: Iterable[LawLike]) -> list[Law]:
    """Give laws that may be told by their ids or import paths. Raises ValueError for what is no law."""
    return [law for each in one_or_more(laws) for law in _meant((), each)]


def one_or_more(given: Iterable[LawLike]) -> tuple[LawLike, ...]:
    """Give a list of laws or ids; one of them alone is a list of one."""
    return (given,) if isinstance(given, Law | str) else tuple(given)


def _checked(each: Any) -> str:
    if not isinstance(each, str):
        raise ValueError(
            f"{_described(each)} is no law: expected a law, its id, or its import path, as 'my_laws:NO_LOSS'"
        )
    return each


def _meant(known: Sequence[Law], each: LawLike) -> list[Law]:
    if isinstance(each, Law):
        return [each]
    return laws_at(each) if ":" in _checked(each) else [law_among(known or all_laws(), each)]


def marks_of(record: Revision) -> list[Any]:
    """Tell engines apart: names, and what is decided otherwise than by the release that it comes from."""
    original = revision_named(record.release)
    other = {
        decision.name: _mark(getattr(record, decision.name))
        for decision in fields(record)
        if decision.name != "parent" and getattr(record, decision.name) != getattr(original, decision.name)
    }
    if record.machine is not None:
        other["machine"] = record.machine.marks()
    return [record.name, record.release, other]


def _mark(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _mark(part) for key, part in value.items()}
    if callable(value):
        return f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', repr(value))}"
    return value if isinstance(value, int | str) else repr(value)


class Deviations:
    """The laws that an engine is known, or declares, to break: those of its release, and a fork's own with reasons."""

    def __init__(self, record: Revision, laws: Iterable[Law] = ()) -> None:
        """`record` is what the engine says that it is, `laws` what may be declared besides the catalogue.

        Raises ValueError for a deviation from a law that there is not.
        """
        self.name, self.release = record.name, record.release
        self.declared: Mapping[str, str] = dict(record.deviates)
        """What a fork declares: reasons by law."""
        if self.declared:
            known = {law.id for law in (*all_laws(), *laws)}
            for identifier, reason in self.declared.items():
                if identifier not in known:
                    raise unknown(
                        f"{record.name} deviates from {identifier!r}, which no law is called", identifier, known
                    )
                if not reason:
                    raise ValueError(f"{record.name} deviates from {identifier} without a reason")

    def reason_of(self, law: Law) -> str:
        """Tell why the engine breaks a law; empty where it is not known to."""
        return self.declared.get(law.id) or law.deviates.get(self.release, "")

    def told(self) -> list[str]:
        """Say what a fork declares, a sentence for each law."""
        return [f"{self.name} means to deviate from {law}: {reason}" for law, reason in self.declared.items()]

    def know(self, law: Law, subject: Any) -> bool:
        """Is what broke a law known of the engine, or declared by it?"""
        return law.id in self.declared or law.knows(self.release, subject)
