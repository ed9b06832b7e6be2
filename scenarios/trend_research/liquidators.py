"""Liquidators of the replay, who look at every borrower and take every liquidation that pays.

Where nothing limits them they call for everything and sell at the pool's price. Where the market has a depth, or their
money an end, they search the amount whose last unit still pays, and sell what they receive at once; what they receive
as aWETH they sell when the pool has WETH for it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from pooltwin.protocol.errors import Revert

from ..agents.liquidation_terms import LiquidationTerms
from ..units import BPS, MAX_UINT, PRICE_UNIT, WAD
from .accounts import Account
from .agents import SMALLEST_PIECE, Declined, Disposal, Liquidation, Refusal, refusal
from .call_amount import Limits, chosen
from .parameters import ReplayParameters
from .weth_market import WethMarket
from .world import World

MOST_LIQUIDATIONS = 50
"""Calls on one account in a row."""


class Pair(NamedTuple):
    """The assets of a call on an account."""

    account: Account
    collateral: str
    debt: str


class Liquidators:
    """Liquidators, who look at borrowers and take every liquidation that pays."""

    def __init__(self, world: World, parameters: ReplayParameters, outside: WethMarket) -> None:
        self.world = world
        self.parameters = parameters
        self.outside = outside
        self.capital = (
            None if parameters.liquidator_capital_usd is None else Fraction(parameters.liquidator_capital_usd)
        )
        """Dollars that are free; None without an end."""
        self.liquidations: list[Liquidation] = []
        self.disposals: list[Disposal] = []
        self.refusals: list[Refusal] = []
        self.declined: list[Declined] = []
        self._declined_before: set[str] = set()

    @property
    def _kept(self) -> Fraction:
        """The share of its worth that selling brings, market impact apart."""
        return Fraction(BPS - self.parameters.liquidator_slippage_bps, BPS)

    @property
    def searches(self) -> bool:
        """Whether amounts are searched: everything may be too much for the market, or for the purse."""
        return self.outside.has_depth or self.capital is not None

    def act(self, accounts: Iterable[Account]) -> None:
        """Go through accounts until none can be liquidated at a profit."""
        if not self.parameters.liquidators_active:
            return
        if self.searches:
            self._redeem()
        for account in accounts:
            for _ in range(MOST_LIQUIDATIONS):
                if not self._liquidate_once(account):
                    break

    # --- one call ---

    def _liquidate_once(self, account: Account) -> bool:
        health_factor = self.world.market.pool.get_user_account_data(account.address).health_factor
        if health_factor >= WAD:
            return False
        pair = Pair(account, self._largest(account, self.world.supplied), self._largest(account, self.world.debt))
        return any(
            self._try(pair, health_factor, a_tokens)
            for a_tokens in ([False, True] if self.parameters.liquidator_takes_a_tokens else [False])
        )

    def _largest(self, account: Account, amount_of: Callable[[str, Account], int]) -> str:
        """Find the asset in which an account has most, by worth."""
        symbols = [reserve.symbol for reserve in self.world.config.reserves]
        return max(symbols, key=lambda symbol: self.world.dollars(symbol, amount_of(symbol, account)))

    def _try(self, pair: Pair, health_factor: int, a_tokens: bool) -> bool:
        """Attempt one call; undo it when it does not pay. Returns whether it stands."""
        account, collateral, debt = pair
        amount = self._searched(pair, a_tokens) if self.searches else MAX_UINT
        if amount is None:
            return False
        chain, before = self.world.market.chain, self.world.market.chain.snapshot()
        self.world.fund(debt, self.world.liquidator, self.world.debt(debt, account))
        held, deficits = self._held(pair, a_tokens), self._deficits()
        supplied = self.world.supplied(collateral, account)
        try:
            self._call(pair, amount, a_tokens)
        except Revert as revert:
            chain.revert_to(before)
            owed = self.world.debt(debt, account)
            self.refusals.append(refusal(self.world, account, "liquidate", owed, revert, collateral))
            return False
        after = self._held(pair, a_tokens)
        received, repaid = after[0] - held[0], held[1] - after[1]
        proceeds = self._proceeds(pair, received)
        profit = proceeds - self.world.dollars(debt, repaid)
        if profit <= 0 or profit < self.parameters.liquidator_least_profit_usd:
            self._decline(pair, received, repaid, proceeds)
            chain.revert_to(before)
            return False
        chain.release(before)
        self._settle(pair, received, repaid, a_tokens)
        if self.world.background is not None:
            self.world.background.hit.add(account.name)
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
                deficits_created=self._since(deficits),
            )
        )
        return True

    def _call(self, pair: Pair, amount: int, a_tokens: bool) -> None:
        market, me = self.world.market, self.world.liquidator.address
        assets = self.world.assets[pair.collateral], self.world.assets[pair.debt]
        market.pool.liquidation_call(*assets, pair.account.address, amount, a_tokens, sender=me)

    def _deficits(self) -> dict[str, int]:
        pool, assets = self.world.market.pool, self.world.market.assets
        return {
            reserve.symbol: int(pool.get_reserve_deficit(assets[reserve.symbol]))
            for reserve in self.world.config.reserves
        }

    def _since(self, before: dict[str, int]) -> dict[str, int]:
        return {symbol: now - before[symbol] for symbol, now in self._deficits().items() if now != before[symbol]}

    def _held(self, pair: Pair, a_tokens: bool) -> tuple[int, int]:
        """The liquidator's collateral and debt asset."""
        market, me = self.world.market, self.world.liquidator.address
        received = market.a_token(pair.collateral) if a_tokens else market.erc20(pair.collateral)
        return int(received.balance_of(me)), int(market.erc20(pair.debt).balance_of(me))

    # --- what pays ---

    def _searched(self, pair: Pair, a_tokens: bool) -> int | None:
        """Search the amount that pays best; None where none pays, which is noted."""
        account, collateral, debt = pair
        terms = LiquidationTerms(self.world.market, account.address, collateral, debt)
        unit = self.world.dollars(debt, 1)
        limits = Limits(
            repaid=None if self.capital is None else int(self.capital / unit),
            received=None if a_tokens else self.world.cash(collateral),
        )
        best = chosen(
            terms,
            limits,
            lambda seizure: self._proceeds(pair, seizure.received) - unit * seizure.repaid,
            self._bearable(pair, unit / terms.rate),
        )
        if best is None:
            return None
        if best.profit <= 0 or best.profit < self.parameters.liquidator_least_profit_usd:
            seizure = terms.seizure(terms.closable) or best.seizure
            self._decline(pair, seizure.received, seizure.repaid, self._proceeds(pair, seizure.received))
            return None
        return MAX_UINT if best.is_all else best.seizure.repaid

    def _bearable(self, pair: Pair, unit_cost: Fraction) -> int | None:
        """Tell how much collateral the market takes until its price is what a unit of it costs; None for all of it."""
        ratio = self.world.ether.get(pair.collateral)
        if ratio is None or self._in_weth(pair, 1) is None:
            return None
        least_price = unit_cost * 10**18 * Fraction(WAD, ratio) / self._kept
        units = self.outside.sellable(least_price)
        return None if units is None else max(0, units) * WAD // ratio

    def _decline(self, pair: Pair, received: int, repaid: int, proceeds: Fraction) -> None:
        """Note what nobody wanted, the first time for each account."""
        repaid_base, received_base = (
            int(self.world.dollars(symbol, amount) * PRICE_UNIT)
            for symbol, amount in ((pair.debt, repaid), (pair.collateral, received))
        )
        if not repaid_base or not received_base or pair.account.name in self._declined_before:
            return
        self._declined_before.add(pair.account.name)
        self.declined.append(
            Declined(
                time=self.world.market.chain.time,
                account=pair.account.name,
                collateral_asset=pair.collateral,
                debt_asset=pair.debt,
                repaid_base=repaid_base,
                received_base=received_base,
                proceeds_base=int(proceeds * PRICE_UNIT),
            )
        )

    def _proceeds(self, pair: Pair, received: int) -> Fraction:
        """Dollars for the collateral when it is sold, less the assumed slippage."""
        weth = self._in_weth(pair, received)
        worth = self.world.dollars(pair.collateral, received) if weth is None else self.outside.quote(weth)
        return worth * self._kept

    def _in_weth(self, pair: Pair, received: int) -> int | None:
        """Count collateral in WETH where it is sold on the market of WETH: not for a debt that is ether itself."""
        if not self.outside.has_depth or pair.debt in self.world.ether:
            return None
        ratio = self.world.ether.get(pair.collateral)
        return None if ratio is None else received * ratio // WAD

    # --- money ---

    def _settle(self, pair: Pair, received: int, repaid: int, a_tokens: bool) -> None:
        """Sell what was received; aTokens wait until the pool has the asset for them."""
        if not self.searches:
            return
        self._pay(-self.world.dollars(pair.debt, repaid))
        if a_tokens and pair.collateral == "WETH":
            return
        weth = self._in_weth(pair, received)
        if weth is None:
            self._pay(self._proceeds(pair, received))
        else:
            self._sell(weth, redeemed=False)

    def _sell(self, weth: int, *, redeemed: bool) -> None:
        worth = self.outside.sell(weth) if self.outside.has_depth else self.world.dollars("WETH", weth)
        proceeds = worth * self._kept
        self._pay(proceeds)
        self.disposals.append(
            Disposal(
                time=self.world.market.chain.time,
                weth=weth,
                proceeds_base=int(proceeds * PRICE_UNIT),
                redeemed=redeemed,
            )
        )

    def _pay(self, dollars: Fraction) -> None:
        if self.capital is not None:
            self.capital += dollars

    def _redeem(self) -> None:
        """Turn aWETH into WETH, as far as there is some in the pool, and sell it."""
        market, me = self.world.market, self.world.liquidator.address
        amount = min(int(market.a_token("WETH").balance_of(me)), self.world.cash("WETH"))
        if amount >= SMALLEST_PIECE:
            taken = market.pool.withdraw(self.world.assets["WETH"], amount, me, sender=me)
            self._sell(int(taken), redeemed=True)
