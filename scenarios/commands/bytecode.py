"""Options by which commands take compiled contracts for an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

Bytecode = Annotated[
    Path | None,
    typer.Option(
        "--bytecode",
        metavar="PATH",
        help="Run compiled contracts: Foundry's out/, Hardhat's artifacts/ or a file of solc's; with --revision.",
    ),
]
Layout = Annotated[
    Path | None,
    typer.Option(
        "--layout", metavar="FILE", help="Where those contracts keep variables of their own: of `pooltwin evm layout`."
    ),
]
StandIns = Annotated[
    list[str] | None,
    typer.Option(
        "--contract",
        metavar="KIND=NAME",
        help="A contract of the fork that stands in for one of the release, as PoolInstance=MyPool. Repeatable.",
    ),
]


Foundry = Annotated[
    bool,
    typer.Option("--foundry/--no-foundry", help="Write a violation on compiled contracts as a Foundry test too."),
]


@dataclass(frozen=True)
class Compiled:
    """Compiled contracts as a command is told of them."""

    path: Path | None
    layout: Path | None
    stand_ins: tuple[str, ...]

    @classmethod
    def told(cls, path: Path | None, layout: Path | None, stand_ins: list[str] | None) -> Compiled:
        """Take the values of the three options."""
        return cls(path, layout, tuple(stand_ins or ()))

    def engine(self, engine: str, revision: str) -> str:
        """Name the engine that is meant in one string: these contracts, or what --engine says, which may be nothing.

        Paths in it are whole, for other processes. Raises ValueError for both at once, for bytecode of no release or of
        one that there is not, for a path where nothing is, and for options that need bytecode.
        """
        from pooltwin.protocol.bytecode_name import BytecodeName, stand_ins
        from pooltwin.protocol.revisions import revision_named

        if self.path is None:
            self._refuse_lonely()
            return engine
        if engine:
            raise ValueError(f"--engine {engine} and --bytecode {self.path}: one engine runs, not two")
        if not revision:
            raise ValueError(f"--bytecode {self.path}: say which release it comes from, as --revision 3.6")
        if "," in revision:
            raise ValueError(f"--revision {revision}: {self.path} comes from one release")
        for path in filter(None, (self.path, self.layout)):
            if not path.exists():
                raise ValueError(f"{path}: there is no such file or folder")
        name = BytecodeName(revision_named(revision).name, self.path, self.layout, stand_ins(self.stand_ins))
        return str(name.found_from(Path()))

    def _refuse_lonely(self) -> None:
        if self.layout is not None:
            raise ValueError(f"--layout {self.layout}: is of contracts that --bytecode names")
        if self.stand_ins:
            raise ValueError(f"--contract {self.stand_ins[0]}: is among contracts that --bytecode names")
