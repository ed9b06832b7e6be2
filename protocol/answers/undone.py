"""A block of calls that leave no trace: the state is put back, and nobody who watches the chain sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..address import Address
from ..chain import Chain
from ..contracts.oracle import AaveOracle
from ..contracts.pool import Pool
from ..errors import Revert
from ..machine.watcher import Watcher


class Twin(Protocol):
    """A market, as answers need it."""

    chain: Chain

    @property
    def pool(self) -> Pool:
        """The pool."""

    @property
    def oracle(self) -> AaveOracle:
        """The price oracle."""

    @property
    def assets(self) -> dict[str, Address]:
        """Underlying addresses by name."""

    def asset(self, symbol: str) -> Address:
        """The underlying address of one asset."""

    def fund(self, symbol: str, user: Address, amount: int) -> None:
        """Create underlying for a user who has approved the pool."""


@contextmanager
def undone(chain: Chain, watcher: Watcher | None = None) -> Iterator[None]:
    """Put everything back when the block ends: the whole state, the last receipt, the libraries.

    Whoever watches the chain sees nothing of the block; `watcher` watches in their place. Snapshots taken in the block
    are gone after it. Python contracts keep what they hold outside their ledgers. Raises RuntimeError inside a
    transaction.
    """
    receipt, logs, deployer, libraries = chain.receipt, chain.logs, chain.deployer, dict(chain.libraries)
    mark = chain.snapshot()
    watching, chain.watcher = chain.watcher, watcher
    try:
        yield
    finally:
        chain.watcher = None
        try:
            chain.revert_to(mark)
        finally:
            chain.receipt, chain.logs, chain.deployer = receipt, logs, deployer
            chain.libraries.clear()
            chain.libraries.update(libraries)
            chain.watcher = watching
            if watching is not None:
                watching.step_begun()


def name_of(twin: Twin, asset: Address) -> str:
    """The name of a listed asset in its market; the address of any other."""
    return next((name for name, where in twin.assets.items() if where == asset), asset)


def describe_revert(revert: Revert) -> str:
    """The error's name, or its description where it has none."""
    return revert.name if revert.name not in ("", "Error", "Panic") else revert.describe()
