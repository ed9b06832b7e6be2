"""Makers of the chains of an engine: the twin's own, or one whose contracts are bytecode."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class RunningMarket(Protocol):
    """The state of somebody's chain that markets of an engine go on from."""

    @property
    def state(self) -> Path | None:
        """The file of the state, where it is named."""

    def market_in(self, path: Path) -> Any:
        """Give the market (`protocol.Market`) of the state, its records on a twin, if that is the file; or None."""

    def on_twin(self, release: Any) -> Any:
        """Copy that market to the twin of a release. Raises ValueError where none can play it."""

    def refuse_twin(self) -> None:
        """Raise ValueError where no twin can play the market."""

    def with_code_of(self, other: Any) -> Any:
        """Give the maker of the same state on which the compiled contracts of another maker run."""


class ChainMaker(Protocol):
    """Makes the chains of a record whose decisions something else than the twin takes, as compiled contracts."""

    def new(self, revision: Any, *, time: int, number: int, chain_id: int) -> Any:
        """Make an empty chain (`protocol.Chain`) of a record (`logic.terms.Revision`) that names this maker."""

    def take_over(self, chain: Any) -> Any:
        """Make a chain with the state of a twin's."""

    def record(self) -> Any:
        """Give the record that names this maker: so a record travels to another process."""

    @property
    def label(self) -> str:
        """What reports call it, as the file of its contracts."""

    def told(self) -> list[str]:
        """Say which contracts run, a line each."""

    def marks(self) -> Any:
        """Tell apart by content what runs, as JSON data: a mapping with a mark for each contract."""

    @property
    def running(self) -> RunningMarket | None:
        """The state of a chain that its markets go on from; None for compiled contracts alone."""

    def has_other_code(self, other: Any, kind: str) -> bool:
        """Is the code of a kind of contract another than that of another maker?"""

    def __repr__(self) -> str:
        """Tell engines apart: where the contracts come from."""
