"""Views of reserves and users that are still true, kept from step to step."""

from __future__ import annotations

from pooltwin.protocol.address import Address

from .position import Holding
from .views import ReserveView


class Seen:
    """The last view of each reserve, and what each user had, as long as nothing has touched them."""

    __slots__ = ("holdings", "reserves")

    def __init__(self) -> None:
        self.reserves: dict[Address, ReserveView | None] = {}
        self.holdings: dict[Address, list[Holding] | None] = {}

    def clear(self) -> None:
        """Forget all of it."""
        self.reserves.clear()
        self.holdings.clear()

    def take(self, assets: list[Address], users: list[Address]) -> Seen:
        """Take out what a step touched: so it was before, and is no longer. What was never seen is None."""
        taken = Seen()
        reserves, holdings = self.reserves, self.holdings
        for asset in assets:
            taken.reserves[asset] = reserves.pop(asset, None)
        for user in users:
            taken.holdings[user] = holdings.pop(user, None)
        return taken
