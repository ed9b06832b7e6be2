"""One position on a market, as it stands and after moves: every figure computed by the twin.

The position is written into the market's storage, so that it may be one that the pool would let nobody open, as between
loan to value and liquidation threshold. A lender supplies ten times what is owed of each asset, so that nothing fails
for want of liquidity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from pooltwin.protocol import (
    Health,
    LiquidationPreview,
    LiquidationPrice,
    Market,
    Revert,
    named_address,
)
from pooltwin.protocol.market_state.adding import Adding
from pooltwin.protocol.models.state import AccountReserveState, AccountState

OWNER, LENDER = named_address("position/owner"), named_address("position/lender")
LENT_TIMES = 10
"""What the lender supplies of an asset, in times of what is owed of it."""
MOVES_PERCENT = (-50, -40, -30, -25, -20, -15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 40, 50)
PARTS_PERCENT = (10, 25, 50)


@dataclass(frozen=True)
class Given:
    """A position as it is told: amounts in units by the name of the asset, prices with 8 decimals."""

    collateral: Mapping[str, int]
    debt: Mapping[str, int]
    prices: Mapping[str, int]
    e_mode: int = 0


@dataclass(frozen=True)
class SideRow:
    """One asset of the position."""

    name: str
    is_debt: bool
    amount: int
    decimals: int
    price: int
    value: int
    liquidation_price: LiquidationPrice | None


@dataclass(frozen=True)
class LiquidationRow:
    """A liquidation for one pair of assets, at the present price or where the price of `moved` liquidates."""

    collateral: str
    debt: str
    moved: str
    price: int
    outcome: LiquidationPreview


@dataclass(frozen=True)
class ChangeRow:
    """A top-up or a repayment, and the position after it."""

    name: str
    is_repayment: bool
    part_percent: int
    amount: int
    health: Health | None
    liquidation_price: LiquidationPrice | None
    """Of the main collateral."""
    refusal: Revert | None


@dataclass(frozen=True)
class MoveRow:
    """The position at another price of one asset."""

    percent: int
    price: int
    health: Health | None


@dataclass(frozen=True)
class Figures:
    """Everything there is to say about a position."""

    release: str
    health: Health
    sides: tuple[SideRow, ...]
    moved: str
    """Whose price moves: the asset asked for, or the largest collateral."""
    liquidations: tuple[LiquidationRow, ...]
    changes: tuple[ChangeRow, ...]
    moves: tuple[MoveRow, ...]

    @property
    def can_be_liquidated(self) -> bool:
        """Is the health factor below 1?"""
        return self.health.health_factor is not None and self.health.health_factor < 10**18


def put_in_place(market: Market, given: Given) -> None:
    """Set the prices and write the position into a market that has just been deployed.

    Raises ValueError for an e-mode category that there is not.
    """
    for name, price in given.prices.items():
        market.set_price(name, price)
    if given.e_mode and market.pool.e_modes[given.e_mode].liquidation_threshold == 0:
        raise ValueError(f"e-mode category {given.e_mode}: the market has none of this number")
    adding = Adding(market.chain, market.provider.address, market.assets)
    key_of = {asset: key for key, asset in market.assets.items()}
    collateral, debt = (
        {key_of[market.asset(name)]: amount for name, amount in side.items()} for side in (given.collateral, given.debt)
    )
    owner = {
        key: AccountReserveState(
            scaled_supply=adding.supply_shares(key, collateral.get(key, 0)),
            scaled_variable_debt=adding.debt_shares(key, debt.get(key, 0)),
            collateral=key in collateral,
        )
        for key in {**collateral, **debt}
    }
    lender = {
        key: AccountReserveState(scaled_supply=adding.supply_shares(key, LENT_TIMES * owed))
        for key, owed in debt.items()
    }
    accounts = {OWNER: AccountState(e_mode=given.e_mode, reserves=owner), LENDER: AccountState(reserves=lender)}
    adding.add(accounts, lender=None, out_of=None)


def figures_of(market: Market, given: Given, moved: str = "") -> Figures:
    """Compute all figures of a position that is in place; nothing of the market changes.

    Raises Revert where the pool cannot tell the position.
    """
    health = _health(market)
    if health is None:
        market.pool.get_user_account_data(OWNER)
        raise AssertionError("the pool tells a position, and tells none")
    sides = tuple(_sides(market, given))
    main = max((side for side in sides if not side.is_debt), key=lambda side: side.value).name
    return Figures(
        market.chain.revision.name,
        health,
        sides,
        moved or main,
        tuple(_liquidations(market, given, sides, health)),
        tuple(_changes(market, given, main)),
        tuple(_moves(market, moved or main)),
    )


def _health(market: Market) -> Health | None:
    return market.preview(lambda: None, accounts=[OWNER]).after[OWNER]


def _sides(market: Market, given: Given) -> Iterable[SideRow]:
    for is_debt, amounts in ((False, given.collateral), (True, given.debt)):
        for name, amount in amounts.items():
            price, decimals = market.oracle.price_of(market.asset(name)), market.erc20(name).decimals()
            worth = amount * price
            value = -(-worth // 10**decimals) if is_debt else worth // 10**decimals
            yield SideRow(name, is_debt, amount, decimals, price, value, market.liquidation_price(OWNER, name))


def _liquidations(market: Market, given: Given, sides: Iterable[SideRow], health: Health) -> Iterable[LiquidationRow]:
    """Every pair now, if the position can be liquidated; else each pair where the collateral's price falls so far."""
    now = health.health_factor is not None and health.health_factor < 10**18
    for side in sides:
        if side.is_debt or not (now or side.liquidation_price):
            continue
        price = side.price if now or side.liquidation_price is None else int(side.liquidation_price)
        for debt in given.debt:

            def liquidate(name: str = side.name, at: int = price, debt: str = debt) -> LiquidationPreview:
                market.set_price(name, at)
                return market.liquidation(OWNER, name, debt)

            outcome = market.preview(liquidate).value
            yield LiquidationRow(side.name, debt, "" if now else side.name, price, outcome)


def _changes(market: Market, given: Given, main: str) -> Iterable[ChangeRow]:
    for is_repayment, amounts in ((False, given.collateral), (True, given.debt)):
        for name, amount in amounts.items():
            for part in PARTS_PERCENT:
                yield _changed(market, name, is_repayment, part, amount * part // 100, main)


def _changed(market: Market, name: str, is_repayment: bool, part: int, amount: int, main: str) -> ChangeRow:
    def change() -> LiquidationPrice | None:
        market.fund(name, OWNER, amount)
        asset = market.asset(name)
        if is_repayment:
            market.pool.repay(asset, amount, sender=OWNER)
        else:
            market.pool.supply(asset, amount, sender=OWNER)
        return market.liquidation_price(OWNER, main)

    played = market.preview(change, accounts=[OWNER])
    after = played.after[OWNER] if played.ok else None
    return ChangeRow(name, is_repayment, part, amount, after, played.value, played.revert)


def _moves(market: Market, name: str) -> Iterable[MoveRow]:
    present = market.oracle.price_of(market.asset(name))
    for percent in MOVES_PERCENT:
        price = max(1, int(Fraction(present) * (100 + percent) / 100))

        def move(at: int = price) -> None:
            market.set_price(name, at)

        yield MoveRow(percent, price, market.preview(move, accounts=[OWNER]).after[OWNER])
