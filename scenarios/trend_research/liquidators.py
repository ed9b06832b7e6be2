"""Liquidators of the replay, who look at every borrower and take every liquidation that pays."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from pooltwin.protocol.errors import Revert

from ..units import BPS, MAX_UINT, PRICE_UNIT, WAD
from .agents import Declined, Liquidation, Refusal, refusal
from .parameters import ReplayParameters
from .world import Account, World

MOST_LIQUIDATIONS = 50


class Liquidators:
    """Liquidators, who look at every borrower and take every liquidation that pays."""

    def __init__(self, world: World, parameters: ReplayParameters) -> None:
        self.world = world
        self.parameters = parameters
        self.liquidations: list[Liquidation] = []
        self.refusals: list[Refusal] = []
        self.declined: list[Declined] = []

    def act(self) -> None:
        """Go through all accounts until none can be liquidated at a profit."""
        if not self.parameters.liquidators_active:
            return
        for account in self.world.borrowers:
            for _ in range(MOST_LIQUIDATIONS):
                if not self._liquidate_once(account):
                    break

    def _liquidate_once(self, account: Account) -> bool:
        health_factor = self.world.market.pool.get_user_account_data(account.address).health_factor
        if health_factor >= WAD:
            return False
        collateral = self._largest(account, self.world.supplied)
        debt = self._largest(account, self.world.debt)
        return any(
            self._try(account, collateral, debt, health_factor, a_tokens)
            for a_tokens in ([False, True] if self.parameters.liquidator_takes_a_tokens else [False])
        )

    def _largest(self, account: Account, amount_of: Callable[[str, Account], int]) -> str:
        """Find the asset in which an account has most, by worth."""
        symbols = [reserve.symbol for reserve in self.world.config.reserves]
        return max(symbols, key=lambda symbol: self.world.dollars(symbol, amount_of(symbol, account)))

    def _try(self, account: Account, collateral: str, debt: str, health_factor: int, a_tokens: bool) -> bool:
        """Attempt one call for as much as the pool allows; undo it when it does not pay. Returns whether it stands."""
        chain, before = self.world.market.chain, self.world.market.chain.snapshot()
        self.world.fund(debt, self.world.liquidator, self.world.debt(debt, account))
        held, deficits = self._held(collateral, debt, a_tokens), self._deficits()
        supplied = self.world.supplied(collateral, account)
        try:
            self._call(account, collateral, debt, a_tokens)
        except Revert as revert:
            chain.revert_to(before)
            owed = self.world.debt(debt, account)
            self.refusals.append(refusal(self.world, account, "liquidate", owed, revert, collateral))
            return False
        after = self._held(collateral, debt, a_tokens)
        received, repaid = after[0] - held[0], held[1] - after[1]
        profit = self._profit(collateral, received, debt, repaid)
        if profit <= 0:
            self._decline(account, collateral, received, debt, repaid)
            chain.revert_to(before)
            return False
        chain.release(before)
        created = {
            symbol: now - deficits[symbol] for symbol, now in self._deficits().items() if now != deficits[symbol]
        }
        self.liquidations.append(
            Liquidation(
                time=chain.time,
                account=account.name,
                collateral_asset=collateral,
                debt_asset=debt,
                repaid=repaid,
                received=received,
                seized=supplied - self.world.supplied(collateral, account),
                collateral_price=self.world.price(collateral),
                debt_price=self.world.price(debt),
                received_a_tokens=a_tokens,
                profit_base=int(profit * PRICE_UNIT),
                health_factor_before=health_factor,
                deficits_created=created,
            )
        )
        return True

    def _call(self, account: Account, collateral: str, debt: str, a_tokens: bool) -> None:
        market, me = self.world.market, self.world.liquidator.address
        assets = self.world.assets[collateral], self.world.assets[debt]
        market.pool.liquidation_call(*assets, account.address, MAX_UINT, a_tokens, sender=me)

    def _deficits(self) -> dict[str, int]:
        pool, assets = self.world.market.pool, self.world.market.assets
        return {
            reserve.symbol: int(pool.get_reserve_deficit(assets[reserve.symbol]))
            for reserve in self.world.config.reserves
        }

    def _held(self, collateral: str, debt: str, a_tokens: bool) -> tuple[int, int]:
        """The liquidator's collateral and debt asset."""
        market, me = self.world.market, self.world.liquidator.address
        received = market.a_token(collateral) if a_tokens else market.erc20(collateral)
        return int(received.balance_of(me)), int(market.erc20(debt).balance_of(me))

    def _decline(self, account: Account, collateral: str, received: int, debt: str, repaid: int) -> None:
        """Note what nobody wanted, once for each account and print."""
        now = self.world.market.chain.time
        if any((entry.time, entry.account) == (now, account.name) for entry in self.declined):
            return
        self.declined.append(
            Declined(
                time=now,
                account=account.name,
                collateral_asset=collateral,
                debt_asset=debt,
                repaid_base=int(self.world.dollars(debt, repaid) * PRICE_UNIT),
                received_base=int(self.world.dollars(collateral, received) * PRICE_UNIT),
                proceeds_base=int(self._proceeds(collateral, received) * PRICE_UNIT),
            )
        )

    def _profit(self, collateral: str, received: int, debt: str, repaid: int) -> Fraction:
        """Dollars left after selling the collateral."""
        return self._proceeds(collateral, received) - self.world.dollars(debt, repaid)

    def _proceeds(self, collateral: str, received: int) -> Fraction:
        """Dollars for the collateral, sold below the oracle's price by the assumed slippage."""
        kept = Fraction(BPS - self.parameters.liquidator_slippage_bps, BPS)
        return self.world.dollars(collateral, received) * kept
