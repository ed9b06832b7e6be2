"""Engines whose contracts are bytecode: records of a release that make chains in an EVM."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.revisions import Revision, revision_named

from .chain import EvmChain

PREFIX = "bytecode:"


@dataclass(frozen=True)
class Bytecode:
    """Compiled contracts of a release, or of a fork of it, that markets run on."""

    release: str
    artifacts: Any
    path: str = ""

    def new(self, revision: Revision, *, time: int, number: int, chain_id: int) -> EvmChain:
        """Make an empty chain in an EVM."""
        return EvmChain(revision, self.artifacts, time=time, number=number, chain_id=chain_id)

    def take_over(self, chain: Chain) -> EvmChain:
        """Make a chain in an EVM with the state of a twin's."""
        raise NotImplementedError("saved states cannot be planted yet")

    def record(self) -> Revision:
        """Give the record of the engine: the release's, on bytecode."""
        return replace(revision_named(self.release), machine=self)

    def __repr__(self) -> str:
        return f"{PREFIX}{self.release}:{self.path}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_named, (repr(self),)) if self.path else (Bytecode, (self.release, self.artifacts))


def _named(text: str) -> Any:
    return engine_named(text).machine


def bytecode_engine(artifacts: Any, release: str, *, layouts: Any = None, path: str = "") -> Revision:
    """Make the record of an engine whose contracts are compiled: of a release, or of a fork of one."""
    record = Bytecode(release, artifacts, path).record()
    return record if layouts is None else replace(record, layouts={**record.layouts, **layouts})


def engine_named(text: str) -> Revision:
    """Find the engine that a text names, as "bytecode:3.6:/path/to/out". Raises ValueError for what is none."""
    kind, release, path = [*text.split(":", 2), "", ""][:3]
    if f"{kind}:" != PREFIX or not path:
        raise ValueError(f"{text!r} names no engine of bytecode, as 'bytecode:3.6:/path/to/out' does")
    return bytecode_engine(import_module(f"{__package__}.artifacts").load_artifacts(Path(path)), release, path=path)
