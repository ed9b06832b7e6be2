"""Engines whose contracts are bytecode: records of a release that make chains in an EVM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from pooltwin.protocol.bytecode_name import bytecode_named
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.revisions import Revision, revision_named

from .chain import EvmChain

Layouts = Mapping[str, tuple[Any, ...]]
"""Where contracts keep variables, by the name of their code (`protocol.evm_storage.layout.Layout`)."""


@dataclass(frozen=True)
class Bytecode:
    """Compiled contracts of a release, or of a fork of it, that markets run on."""

    release: str
    artifacts: Any
    """The compiled contracts, by name."""
    layouts: Layouts = field(default_factory=dict)
    """Layouts of their own."""
    contracts: Mapping[str, str] = field(default_factory=dict)
    """Contracts that stand in for others: by the name that the release has, their own."""
    name: str = ""
    """The string that names them, where there is one (`protocol.bytecode_name`)."""

    def new(self, revision: Revision, *, time: int, number: int, chain_id: int) -> EvmChain:
        """Make an empty chain in an EVM."""
        return EvmChain(revision, self, time=time, number=number, chain_id=chain_id)

    def take_over(self, chain: Chain) -> EvmChain:
        """Make a chain in an EVM with the state of a twin's."""
        raise NotImplementedError("a saved state cannot be brought into an EVM yet")

    def record(self) -> Revision:
        """Give the record of the engine: the release's, on bytecode."""
        release = revision_named(self.release)
        return replace(release, machine=self, layouts={**release.layouts, **self.layouts})

    def artifact(self, kind: str) -> Any:
        """Find the compiled contract of a kind. Raises LookupError where there is none."""
        name = self.contracts.get(kind, kind)
        if name not in self.artifacts:
            raise LookupError(f"there is no contract {name!r} among the compiled ones")
        return self.artifacts[name]

    def __repr__(self) -> str:
        return self.name or f"bytecode of {self.release}"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.name:
            return _machine_named, (self.name,)
        return Bytecode, (self.release, self.artifacts, self.layouts, self.contracts)


def _machine_named(name: str) -> Any:
    return engine_named(name).machine


def bytecode_engine(
    artifacts: Any,
    release: str,
    *,
    layouts: Layouts | None = None,
    contracts: Mapping[str, str] | None = None,
    name: str = "",
) -> Revision:
    """Make the record of an engine whose contracts are compiled: those of a release, or of a fork of one.

    `layouts` tell where the contracts keep variables of their own, `contracts` which of them stand in for others, as
    {"PoolInstance": "MyPool"}. `name` is the string that names the engine, where there is one.
    """
    return Bytecode(release, artifacts, layouts or {}, contracts or {}, name).record()


def engine_named(text: str) -> Revision:
    """Find the engine that a string names, as "bytecode:3.6:/path/to/out". Raises ValueError for what is none."""
    named = bytecode_named(text)
    artifacts = import_module(f"{__package__}.artifacts").load_artifacts(named.artifacts)
    return bytecode_engine(artifacts, named.release, contracts=named.contracts, name=text)
