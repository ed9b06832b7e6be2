"""Options by which commands take compiled contracts for an engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="Begin with the market in this state of a chain, on its own code: anvil's dump, vm.dumpState or genesis.",
    ),
]
Accounts = Annotated[
    Path | None,
    typer.Option(
        "--accounts",
        metavar="FILE",
        help="Addresses of accounts that this state has something about and does not name.",
    ),
]
Provider = Annotated[
    str,
    typer.Option("--provider", metavar="ADDRESS", help="The registry or pool that is meant, if the state has several."),
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
    state: Path | None = None
    accounts: Path | None = None
    provider: str = ""

    @classmethod
    def told(cls, path: Path | None, layout: Path | None, stand_ins: list[str] | None) -> Compiled:
        """Take the values of the three options."""
        return cls(path, layout, tuple(stand_ins or ()))

    def on(self, state: Path | None, accounts: Path | None, provider: str) -> Compiled:
        """Take the options that tell of the state of a chain. Raises ValueError where no state is told."""
        for option, value in (("--accounts", accounts), ("--provider", provider)):
            if value and state is None:
                raise ValueError(f"{option} {value}: is about a state that --state names")
        return replace(self, state=state, accounts=accounts, provider=provider)

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
        name = BytecodeName(
            revision_named(revision).name,
            self.path,
            self.layout,
            stand_ins(self.stand_ins),
            self.state,
            self.accounts,
            self._provider(),
        )
        for path in name.files:
            if not path.exists():
                raise ValueError(f"{path}: there is no such file or folder")
        return str(name.found_from(Path()))

    def _provider(self) -> str:
        from pooltwin.protocol.address import address

        try:
            return self.provider and address(self.provider)
        except ValueError as error:
            raise ValueError(f"--provider: {error}") from None

    def _refuse_lonely(self) -> None:
        if self.layout is not None:
            raise ValueError(f"--layout {self.layout}: is of contracts that --bytecode names")
        if self.stand_ins:
            raise ValueError(f"--contract {self.stand_ins[0]}: is among contracts that --bytecode names")
        if self.state is not None:
            raise ValueError(
                f"--state {self.state}: say by --bytecode and --revision which compiled contracts it has; its own code "
                "runs, and what comes new, as tokens that an adversary lists, is theirs"
            )
