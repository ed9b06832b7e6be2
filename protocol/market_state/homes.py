"""Homes: where the figures of each reserve are stored, by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..address import Address
from ..chain import Chain
from ..contracts.addresses_provider import POOL
from ..contracts.erc20 import WETH9
from ..contracts.tokens import RebasingToken
from ..state.records import Reserve


@dataclass(frozen=True, slots=True)
class Home:
    """A reserve's record and its tokens."""

    key: str
    id: int
    asset: Address
    record: Any
    token: Any
    """The underlying."""
    a_token: Any
    debt_token: Any
    stable_debt_token: Any
    """None from v3.2 on."""

    @property
    def is_rebased(self) -> bool:
        """Is the underlying a rebasing token of which a share is worth more or less than a token?"""
        return isinstance(self.token, RebasingToken) and self.token.total_shares != self.token.supply

    def write_held(self, where: Address, amount: int) -> None:
        """Write what an account holds of the underlying."""
        if amount or where in self.token.balances:
            self.token.balances[where] = amount
            if isinstance(self.token, RebasingToken):
                self.token.shares[where] = amount

    def write_supply(self, amount: int) -> None:
        """Write how much of the underlying there is: for wrapped ether, the ether that it holds."""
        if isinstance(self.token, WETH9):
            self.token.chain.balances[self.asset] = amount
        else:
            self.token.supply = amount
            if isinstance(self.token, RebasingToken):
                self.token.total_shares = amount


def homes_of(chain: Chain, provider: Address, assets: Mapping[str, Address]) -> dict[str, Home]:
    """The homes of a market's reserves, by key."""
    pool = chain.at(chain.at(provider).addresses[POOL])
    homes = {}
    for key, asset in assets.items():
        record: Reserve = pool.reserves[asset]
        token, a_token, debt_token = (chain.at(at) for at in (asset, record.a_token, record.variable_debt_token))
        stable = chain.at(record.stable_debt_token) if chain.revision.stable_rates else None  # type: ignore[attr-defined]
        homes[key] = Home(key, record.id, asset, record, token, a_token, debt_token, stable)
    return homes
