"""Engines whose contracts are bytecode: records of a release that make chains in an EVM."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from pooltwin.protocol.bytecode_name import bytecode_named
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.revisions import Revision, revision_named

from .artifacts import load_artifacts
from .chain import EvmChain
from .codes import CodeMaker
from .fitting import UnfitError, needed_kinds, possible_stand_ins, refuse_unfit
from .layout_file import read_layout_file
from .own_errors import Errors, declared_errors
from .own_variables import Difference, OwnVariable, known_layouts, refuse_moved, with_own_variables
from .planting import plant, plant_libraries

Layouts = Mapping[str, tuple[OwnVariable, ...]]
"""What contracts of a fork store besides those of its release, by the name that the release gives them."""


@dataclass(frozen=True)
class Bytecode:
    """Compiled contracts of a release, or of a fork of it, that markets run on."""

    release: str
    artifacts: Any
    """The compiled contracts, by name."""
    layouts: Layouts = field(default_factory=dict)
    """Variables of their own."""
    contracts: Mapping[str, str] = field(default_factory=dict)
    """Contracts that stand in for others: by the name that the release has, their own."""
    name: str = ""
    """The string that names them, where there is one (`protocol.bytecode_name`)."""
    codes: CodeMaker = field(init=False, compare=False, repr=False)
    """Makes the code of contracts that a twin has deployed."""
    errors: Errors = field(init=False, compare=False, repr=False)
    """Custom errors of their own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "errors", declared_errors(self.artifacts.contracts.values()))
        object.__setattr__(self, "codes", CodeMaker(self.artifacts, self.contracts))

    def new(self, revision: Revision, *, time: int, number: int, chain_id: int) -> EvmChain:
        """Make an empty chain in an EVM."""
        return EvmChain(revision, self, time=time, number=number, chain_id=chain_id)

    def take_over(self, chain: Chain) -> EvmChain:
        """Make a chain in an EVM with the state of a twin's. Raises CodeError for a contract that was not compiled.

        Raises ValueError for the state of another release, and TypeError for contracts that are Python code.
        """
        taken = self._like(chain)
        plant(chain, taken, self.codes.code_of)
        plant_libraries(taken, self.codes)
        return taken

    def _like(self, chain: Chain) -> EvmChain:
        """Make an empty chain at the moment of a twin's, for its state."""
        if chain.revision.release != self.release:
            raise ValueError(f"the state is of release {chain.revision.release}, the bytecode of {self.release}")
        record = replace(chain.revision, machine=self, contracts=self.record().contracts)
        return self.new(record, time=chain.time, number=chain.number, chain_id=chain.chain_id)

    def record(self) -> Revision:
        """Give the record of the engine: the release's, on bytecode.

        Raises LayoutError for variables of its own that lie where the release's are, or are called so.
        """
        release = revision_named(self.release)
        known = release.contracts
        own = {
            kind: with_own_variables(known[kind], layout_of(known[kind].code(), release), variables)
            for kind, variables in self.layouts.items()
        }
        return replace(release, machine=self, contracts={**known, **own})

    @property
    def running(self) -> Any:
        """The state of a chain that markets go on from; compiled contracts alone have none."""
        return None

    def name_of(self, kind: str) -> str:
        """What the compiled contract of a kind is called: as the release calls it, unless another stands in for it."""
        return self.contracts.get(kind, kind)

    def artifact(self, kind: str) -> Any:
        """Find the compiled contract of a kind. Raises UnfitError where there is none."""
        name = self.name_of(kind)
        if name not in self.artifacts:
            raise UnfitError(f"{self.label}: has no {name}, which this market needs")
        return self.artifacts[name]

    @property
    def label(self) -> str:
        """What reports call it: the file or folder of the contracts."""
        return shown(bytecode_named(self.name).artifacts) if self.name else "compiled contracts"

    def told(self) -> list[str]:
        """Say which contracts these are, and which could stand in for others but were not told to: a line each."""
        version = self.artifacts.compiler.partition(".Emscripten")[0]
        compiler = f", solc {version}" if version[:1].isdigit() else ""
        count = len({id(artifact) for artifact in self.artifacts.contracts.values() if artifact.bytecode})
        lines = [f"Bytecode of {self.label}: {count} contracts{compiler}, of v{self.release}."]
        lines += [f"{name} stands in for {kind}." for kind, name in self.contracts.items()]
        for kind, names in possible_stand_ins(self.artifacts, self.contracts, revision_named(self.release)).items():
            lines.append(f"{kind} is the one of that name; if {names[0]} is meant: --contract {kind}={names[0]}")
        for kind, difference in self.known_layouts().items():
            if difference.own and kind not in self.layouts:
                own = f"{len(difference.own)} variable{'s' * (len(difference.own) > 1)} of its own"
                lines.append(f"{kind} keeps {own}: `pooltwin evm layout` makes the file for --layout.")
        lines += self._told_of_layouts()
        return lines

    def _told_of_layouts(self) -> list[str]:
        """Say of which contracts it is not known whether they keep their variables where the release does."""
        kinds = (*needed_kinds(revision_named(self.release)), *self.contracts)
        known = [kind for kind in dict.fromkeys(kinds) if self.name_of(kind) in self.artifacts]
        lacking = [kind for kind in known if self.artifact(kind).storage is None]
        if not lacking:
            return []
        which = lacking[0] if len(lacking) == 1 else f"{lacking[0]} and {len(lacking) - 1} more"
        return [
            f"{which} came without storageLayout: whether variables are where v{self.release} has them, and which "
            "others there are, is not known. Ask the compiler for it."
        ]

    def marks(self) -> dict[str, str]:
        """Give for each compiled contract a mark that changes with its code, and with variables of its own."""
        return {
            name: mark_of(artifact.bytecode, sorted(artifact.links.items()), self.layouts.get(name, ()))
            for name, artifact in self.artifacts.contracts.items()
            if artifact.bytecode
        }

    def mark_with_libraries(self, kind: str) -> str:
        """Give a mark that changes with the code of a contract or of a library that it links; empty for none."""
        name = self.name_of(kind)
        if name not in self.artifacts:
            return ""
        artifact = self.artifacts[name]
        return mark_of(artifact.bytecode, [(each, self.mark_with_libraries(each)) for each in sorted(artifact.links)])

    def has_other_code(self, other: Any, kind: str) -> bool:
        """Is the code of a kind another than in other compiled contracts? Raises UnfitError where there are none."""
        if not other.artifacts.contracts:
            raise UnfitError(
                f"which contracts of the running state {self.label} would change is not known: give `market_of_alloc` "
                "the compiled contracts that run there, as `artifacts`"
            )
        return self.mark_with_libraries(kind) != str(other.mark_with_libraries(kind))

    def known_layouts(self) -> dict[str, Difference]:
        """Compare what the contracts of a market store with the release, as far as the compiler told."""
        release = revision_named(self.release)
        return known_layouts(self.artifacts, release, needed_kinds(release))

    def __repr__(self) -> str:
        return self.name or f"bytecode of {self.release}"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.name:
            return _machine_named, (self.name,)
        return Bytecode, (self.release, self.artifacts, self.layouts, self.contracts)


def _machine_named(name: str) -> Any:
    return engine_named(name).machine


def mark_of(*parts: Any) -> str:
    """Give twelve hex digits that change with any of these values, the same in every process."""
    return sha256(repr(parts).encode()).hexdigest()[:12]


def bytecode_engine(
    artifacts: Any,
    release: str,
    *,
    layouts: Layouts | None = None,
    contracts: Mapping[str, str] | None = None,
    name: str = "",
) -> Revision:
    """Make the record of an engine whose contracts are compiled: those of a release, or of a fork of one.

    `layouts` tell which variables of their own the contracts keep (`layout_entries`), `contracts` which of them stand
    in for others, as {"PoolInstance": "MyPool"}, or in which file they are: {"PoolInstance": "src/Pool.sol"}. `name` is
    the string that names the engine, where there is one. Raises UnfitError for contracts of which there can be no
    market of the release, and LayoutError for those that moved what is read of it.
    """
    stand_ins = {kind: artifacts.meant_by(own, kind) for kind, own in (contracts or {}).items()}
    machine = Bytecode(release, artifacts, layouts or {}, stand_ins, name)
    record = revision_named(release)
    refuse_unfit(artifacts, machine.contracts, record, machine.label)
    machine = replace(machine, artifacts=artifacts.standing_in(stand_ins))
    refuse_moved(machine.artifacts, machine.known_layouts(), record, machine.label)
    return machine.record()


def engine_named(text: str) -> Revision:
    """Find the engine that a string names, as "bytecode:3.6:/path/to/out".

    Raises ValueError for what is none, for contracts of which no market of the release can be made, and for a state in
    which there is no market.
    """
    named = bytecode_named(text)
    revision_named(named.release)
    return _engine_as_it_is(text, tuple(map(_stamp, named.files)))


@lru_cache(maxsize=8)
def _engine_as_it_is(text: str, _stamps: tuple[tuple[int, int], ...]) -> Revision:
    """Make the engine once, until its files are other ones."""
    named = bytecode_named(text)
    artifacts = load_artifacts(named.artifacts)
    layouts = read_layout_file(named.layout, named.release).contracts if named.layout is not None else None
    record = bytecode_engine(artifacts, named.release, layouts=layouts, contracts=named.contracts, name=text)
    if named.state is None:
        return record
    given = import_module(f"{__package__}.given")  # which knows this module
    engine: Revision = given.engine_of_state(named, record.machine)
    return engine


def _stamp(path: Path) -> tuple[int, int]:
    """Tell versions of a file apart; a folder by what lies in it, which compilers write anew."""
    try:
        known = [each.stat() for each in (path, *(path.rglob("*.json") if path.is_dir() else ()))]
    except OSError:
        return (0, 0)  # whoever reads it says what is wrong
    return max(each.st_mtime_ns for each in known), sum(each.st_size for each in known)


def shown(path: Path) -> str:
    """Tell a path as short as it can be told from here."""
    here = os.path.relpath(path)
    return str(path) if here.startswith(os.pardir) else here
