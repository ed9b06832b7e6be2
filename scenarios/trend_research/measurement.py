"""Measurements read from the twin, exact: what lenders are owed, what stands against it, the state of the position.

For each reserve `slack = ceil(D*B) + VB + F - floor((S+A)*L)`: what borrowers owe, what is in the pool, and the
deficit, less what lenders and the treasury are owed. A deficit is owed by nobody: it is what lenders are short of until
someone pays it in. So the slack without it is given as well, and that one says whether lenders could all be paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ..units import BPS, PRICE_UNIT, RAY, WAD, Exact, Frozen, ceil_div
from .accounts import Account
from .world import POSITION_DEBTS, World


class ReserveBalance(Frozen):
    """One reserve's two sides, in the smallest unit of its asset."""

    symbol: str
    decimals: int
    owed_to_lenders: Exact
    """Suppliers and treasury together: floor((S+A)*L)."""
    owed_by_borrowers: Exact
    """ceil(D*B)."""
    cash: Exact
    """Virtual balance VB."""
    deficit: Exact
    """Bad debt F that nobody owes any more."""
    token_balance: Exact
    """The underlying that the aToken really holds; never below the cash."""
    price: Exact
    """8 decimals."""

    @property
    def slack(self) -> int:
        """Surplus with the deficit counted as if someone owed it."""
        return self.slack_without_deficit + self.deficit

    @property
    def slack_without_deficit(self) -> int:
        """Surplus when all borrowers pay and all lenders leave; where it is negative, lenders are short of so much."""
        return self.owed_by_borrowers + self.cash - self.owed_to_lenders

    @property
    def utilisation_wad(self) -> int:
        """Debt / (debt + cash), as the rate strategy sees it."""
        total = self.owed_by_borrowers + self.cash
        return self.owed_by_borrowers * WAD // total if total else 0

    def dollars(self, amount: int) -> float:
        """An amount of this asset in dollars, for showing."""
        return float(Fraction(amount * self.price, 10**self.decimals * PRICE_UNIT))


class WalletState(Frozen):
    """One wallet of the position. Dollar values have 8 decimals."""

    name: str
    weth: Exact
    collateral_base: Exact
    debt_base: Exact
    health_factor: Exact
    """18 decimals; 2**256 - 1 without debt."""
    liquidation_price: Exact | None
    """The WETH price, 8 decimals, at which the health factor would be one; None without debt."""


class PositionState(Frozen):
    """The whole position."""

    weth: Exact
    debts: dict[str, Exact]
    """By asset, in its smallest unit."""
    debt_base: Exact
    collateral_base: Exact
    worst_health_factor: Exact | None
    """None without debt."""
    aggregate_health_factor: Exact | None
    lowest_trigger: Exact | None
    highest_trigger: Exact | None
    book_trigger: Exact | None
    """The price at which the position, were it one wallet, would be liquidatable."""
    wallets: tuple[WalletState, ...]


def measure_reserve(world: World, symbol: str) -> ReserveBalance:
    """Measure both sides of a reserve, with interest and the treasury's share of it brought up to now.

    The pool books both at its next action. That is done here and undone again, so that measuring changes nothing.
    """
    chain, before = world.market.chain, world.market.chain.snapshot()
    try:
        configurator = world.market.configurator.address
        world.market.pool.sync_indexes_state(world.assets[symbol], sender=configurator)
        return _read_reserve(world, symbol)
    finally:
        chain.revert_to(before)


def _read_reserve(world: World, symbol: str) -> ReserveBalance:
    market, asset = world.market, world.assets[symbol]
    pool, a_token = market.pool, market.a_token(symbol)
    scaled_claims = a_token.scaled_total_supply() + pool.get_reserve_data(asset).accrued_to_treasury
    scaled_debt = market.debt_token(symbol).scaled_total_supply()
    return ReserveBalance(
        symbol=symbol,
        decimals=world.decimals(symbol),
        owed_to_lenders=scaled_claims * pool.get_reserve_normalized_income(asset) // RAY,
        owed_by_borrowers=ceil_div(scaled_debt * pool.get_reserve_normalized_variable_debt(asset), RAY),
        cash=world.cash(symbol),
        deficit=int(pool.get_reserve_deficit(asset)),
        token_balance=int(market.erc20(symbol).balance_of(a_token.address)),
        price=world.price(symbol),
    )


def measure_market(world: World) -> tuple[ReserveBalance, ...]:
    """Measure all reserves."""
    return tuple(measure_reserve(world, reserve.symbol) for reserve in world.config.reserves)


def total_base(balances: Iterable[ReserveBalance]) -> dict[str, int]:
    """Add up both sides of all reserves in dollars with 8 decimals, exactly, and then cut."""
    rows = {
        "owed to lenders and treasury": "owed_to_lenders",
        "owed by borrowers": "owed_by_borrowers",
        "in the pools": "cash",
        "surplus (+) or shortfall (-)": "slack_without_deficit",
        "deficit, owed by nobody": "deficit",
    }
    totals = dict.fromkeys(rows, Fraction(0))
    for balance in balances:
        for name, attribute in rows.items():
            totals[name] += Fraction(getattr(balance, attribute) * balance.price, 10**balance.decimals)
    return {name: int(total) for name, total in totals.items()}


class Debts(NamedTuple):
    """Debts of many accounts, judged one by one."""

    uncovered_base: int
    """Debt beyond collateral, dollars with 8 decimals: lost if prices stay as they are."""
    liquidatable: int
    """Accounts with a health factor below one."""


def measure_debts(world: World, accounts: Iterable[Account]) -> Debts:
    """Measure how much debt has no collateral behind it, and how many accounts may be liquidated."""
    uncovered = liquidatable = 0
    for account in accounts:
        data = world.market.pool.get_user_account_data(account.address)
        uncovered += max(0, data.total_debt_base - data.total_collateral_base)
        liquidatable += data.health_factor < WAD
    return Debts(uncovered, liquidatable)


def measure_position(world: World) -> PositionState:
    """Measure the six wallets and their sum."""

    wallets = tuple(_measure_wallet(world, account) for account in world.wallets)
    indebted = [wallet for wallet in wallets if wallet.liquidation_price is not None]
    triggers = [wallet.liquidation_price for wallet in indebted if wallet.liquidation_price is not None]
    collateral = sum(wallet.collateral_base for wallet in wallets)
    debt = sum(wallet.debt_base for wallet in wallets)
    weth = sum(wallet.weth for wallet in wallets)
    threshold = world.plan.timeline.liquidation_threshold_bps
    return PositionState(
        weth=weth,
        debts={symbol: sum(world.debt(symbol, wallet) for wallet in world.wallets) for symbol in POSITION_DEBTS},
        debt_base=debt,
        collateral_base=collateral,
        worst_health_factor=min((wallet.health_factor for wallet in indebted), default=None),
        aggregate_health_factor=collateral * threshold * WAD // (BPS * debt) if debt else None,
        lowest_trigger=min(triggers, default=None),
        highest_trigger=max(triggers, default=None),
        book_trigger=debt * WAD * BPS // (weth * threshold) if debt and weth else None,
        wallets=wallets,
    )


def _measure_wallet(world: World, account: Account) -> WalletState:
    data = world.market.pool.get_user_account_data(account.address)
    debt = data.total_debt_base
    return WalletState(
        name=account.name,
        weth=world.supplied("WETH", account),
        collateral_base=data.total_collateral_base,
        debt_base=debt,
        health_factor=data.health_factor,
        liquidation_price=world.price("WETH") * WAD // data.health_factor if debt and data.health_factor else None,
    )
