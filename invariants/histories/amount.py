"""Amounts by meaning: a part of somebody's wallet, supply or debt, of the pool's liquidity or of what a cap leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from pooltwin.protocol.errors import Revert

from ..reference import EVERYTHING, RAY
from .action import Stage

MAX_UINT120 = 2**120 - 1


class Measure(Enum):
    """What an amount is a part of."""

    UNIT = "one whole token"
    WALLET = "the underlying in the wallet"
    SUPPLIED = "the supply, with interest"
    OWED = "the debt, with interest"
    LIQUIDITY = "what the pool can pay out"
    CREDIT = "what the user may still borrow"
    SHARE = "what one share is worth, rounded up"
    DEFICIT = "the reserve's bad debt"
    SUPPLY_ROOM = "what the supply cap leaves"
    BORROW_ROOM = "what the borrow cap leaves"


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a measure, nudged by a few units; or, without a measure, just the number."""

    measure: Measure | None
    part: Fraction = Fraction(1)
    nudge: int = 0

    def of(self, stage: Stage, symbol: str, user: str) -> int:
        """The amount in the asset's smallest unit, as things stand. Never negative, never above 2**256 - 1."""
        whole = 0 if self.measure is None else _MEASURES[self.measure](stage, symbol, user)
        return min(EVERYTHING, max(0, int(whole * self.part) + self.nudge))

    def __str__(self) -> str:
        if self.measure is None:
            return str(self.nudge)
        nudge = f" {self.nudge:+d}" if self.nudge else ""
        return (self.measure.value if self.part == 1 else f"{self.part} of {self.measure.value}") + nudge


def _unit(stage: Stage, symbol: str, _user: str) -> int:
    return int(10 ** stage.market.erc20(symbol).token_decimals)


def _wallet(stage: Stage, symbol: str, user: str) -> int:
    return stage.market.erc20(symbol).balances[stage.address_of(user)]


def _supplied(stage: Stage, symbol: str, user: str) -> int:
    return stage.market.a_token(symbol).balance_of(stage.address_of(user))


def _owed(stage: Stage, symbol: str, user: str) -> int:
    return stage.market.debt_token(symbol).balance_of(stage.address_of(user))


def _reserve(stage: Stage, symbol: str) -> Any:
    return stage.market.pool.reserves[stage.address_of(symbol)]


def _liquidity(stage: Stage, symbol: str, _user: str) -> int:
    return int(_reserve(stage, symbol).virtual_underlying_balance)


def _credit(stage: Stage, symbol: str, user: str) -> int:
    market = stage.market
    try:
        available = market.pool.get_user_account_data(stage.address_of(user)).available_borrows_base
        price = market.oracle.price_of(stage.address_of(symbol))
    except Revert:  # an asset without a price
        return 0
    return available * _unit(stage, symbol, user) // price if price else 0


def _share(stage: Stage, symbol: str, _user: str) -> int:
    return -(-stage.market.pool.income_of(stage.address_of(symbol)) // RAY)


def _deficit(stage: Stage, symbol: str, _user: str) -> int:
    return int(_reserve(stage, symbol).deficit)


def _supply_room(stage: Stage, symbol: str, user: str) -> int:
    reserve, a_token = _reserve(stage, symbol), stage.market.a_token(symbol)
    cap = reserve.configuration >> 116 & 0xFFFFFFFFF
    shares = a_token.scaled_supply + reserve.accrued_to_treasury
    claims = shares * stage.market.pool.income_of(stage.address_of(symbol)) // RAY
    return max(0, int(cap * _unit(stage, symbol, user) - claims))


def _borrow_room(stage: Stage, symbol: str, user: str) -> int:
    cap = _reserve(stage, symbol).configuration >> 80 & 0xFFFFFFFFF
    return max(0, int(cap * _unit(stage, symbol, user) - stage.market.debt_token(symbol).total_supply()))


_MEASURES: dict[Measure, Callable[[Stage, str, str], int]] = {
    Measure.UNIT: _unit,
    Measure.WALLET: _wallet,
    Measure.SUPPLIED: _supplied,
    Measure.OWED: _owed,
    Measure.LIQUIDITY: _liquidity,
    Measure.CREDIT: _credit,
    Measure.SHARE: _share,
    Measure.DEFICIT: _deficit,
    Measure.SUPPLY_ROOM: _supply_room,
    Measure.BORROW_ROOM: _borrow_room,
}

PARTS = tuple(
    Fraction(*part) for part in ((1, 1), (1, 2), (9, 10), (1, 10), (1, 3), (1, 1_000), (1, 10**6), (3, 1), (1_000, 1))
)
NUDGES = (0, 0, 1, -1, 2, -2)
EXTREMES = (1, 0, 2, 2**64, MAX_UINT120, MAX_UINT120 + 1, 2**128, EVERYTHING - 1, EVERYTHING)
