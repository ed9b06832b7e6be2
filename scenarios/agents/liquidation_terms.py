"""The terms of one liquidation: what a repayment of any size seizes, by the very rules of the pool's release.

Read once for a borrower and a pair of assets; after that each size costs microseconds, not a whole call. The decisions
are asked of the record of the release, or of a fork, so nothing of the pool's arithmetic is written here a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import MustNotLeaveDust
from pooltwin.protocol.logic.liquidation import calculate_available_collateral
from pooltwin.protocol.logic.reserve import unit_of
from pooltwin.protocol.logic.terms import Liquidation, ReserveCache
from pooltwin.protocol.market import Market
from pooltwin.protocol.state import bitmaps

from ..units import BPS


@dataclass(frozen=True)
class Seizure:
    """The outcome of one liquidation call, in the smallest units of the two assets."""

    repaid: int
    """By the liquidator, in the debt's asset."""
    received: int
    """By the liquidator, in the collateral's asset, after the protocol's fee."""
    fee: int
    """By the treasury, in the collateral's asset."""


class LiquidationTerms:
    """A borrower's debt in one asset, and one collateral that can be seized for it, at the present second.

    Meaningful while the borrower is below the threshold; the pool itself says so when it is called.
    """

    def __init__(self, market: Market, borrower: Address, collateral: str, debt: str) -> None:
        """Read the position. Raises `Revert` where the pool cannot value it."""
        self.pool = pool = market.pool
        self.collateral, self.debt, self.borrower = collateral, debt, borrower
        assets = market.asset(collateral), market.asset(debt)
        self._run = run = Liquidation(pool, ZERO_ADDRESS, *assets, borrower, False)
        self._read_balances(market, run)
        account = pool.get_user_account_data(borrower)
        run.total_collateral = account.total_collateral_base
        self.health_factor = account.health_factor
        self.bonus = pool.revision.liquidation_bonus(pool, run)
        """What is seized for what is covered, in basis points: 10,500 for a bonus of 5%."""
        pool.revision.read_liquidation_prices(pool, run)
        run.collateral_unit = unit_of(run.collateral_configuration)
        run.debt_unit = unit_of(run.debt_cache.configuration)
        self.closable = 0
        """The most that one call may repay by the close factor, in the debt's asset."""
        if run.borrower_debt and run.borrower_collateral:
            self.closable = pool.revision.max_liquidatable_debt(
                pool, run, account.health_factor, account.total_debt_base
            )

    def _read_balances(self, market: Market, run: Liquidation) -> None:
        pool = self.pool
        run.collateral_configuration = run.collateral_reserve.configuration
        run.debt_cache, run.collateral_cache = (
            ReserveCache(pool, run.debt_reserve),
            ReserveCache(pool, run.collateral_reserve),
        )
        cache = run.debt_cache
        cache.next_variable_borrow_index = pool.get_reserve_normalized_variable_debt(run.debt_asset)
        run.collateral_cache.next_liquidity_index = pool.get_reserve_normalized_income(run.collateral_asset)
        earlier = pool.revision.earlier
        token = market.debt_token(self.debt)
        run.borrower_debt = earlier.debt_of(cache, self.borrower) if earlier else int(token.balance_of(self.borrower))
        run.borrower_scaled_collateral = run.collateral_cache.a_token.scaled_balances[self.borrower]
        run.borrower_collateral = int(run.collateral_cache.a_token.balance_of(self.borrower))

    @property
    def owed(self) -> int:
        """What the borrower owes of the debt's asset."""
        return self._run.borrower_debt

    @property
    def held(self) -> int:
        """What the borrower has supplied of the collateral's asset."""
        return self._run.borrower_collateral

    def seizure(self, amount: int) -> Seizure | None:
        """Compute what a call with this amount pays and takes; None where the pool refuses to leave dust.

        More than the close factor allows is cut to it, as the pool does.
        """
        seized = self.uncut(amount)
        try:
            self.pool.revision.refuse_dust(self.pool, self._run)
        except MustNotLeaveDust:
            return None
        return seized

    def clears_collateral(self, amount: int) -> bool:
        """Would the amount take all of the collateral?"""
        seized = self.uncut(amount)
        return seized.received + seized.fee >= self._run.borrower_collateral

    def leaves_dust(self, amount: int) -> bool:
        """Does the pool refuse the amount because too little would be left of debt or collateral?"""
        return self.seizure(amount) is None

    def uncut(self, amount: int) -> Seizure:
        """Compute what a call with this amount would pay and take if the pool let it leave any dust."""
        run = self._run
        run.debt_to_liquidate = min(amount, self.closable)
        calculate_available_collateral(self.pool, run, self.bonus)
        return Seizure(run.debt_to_liquidate, run.collateral_to_liquidate, run.protocol_fee)

    @property
    def rate(self) -> Fraction:
        """Collateral that a liquidator receives for one unit of debt, in smallest units, before any rounding."""
        run = self._run
        value = Fraction(run.debt_price * run.collateral_unit, run.collateral_price * run.debt_unit)
        bonus = Fraction(self.bonus, BPS)
        fee = Fraction(bitmaps.liquidation_protocol_fee(run.collateral_configuration), BPS)
        return value * (bonus - fee * (bonus - 1))

    @property
    def rounding(self) -> int:
        """The most that the rounding of bonus, its part in the whole and fee can bring beyond `rate`."""
        return 3
