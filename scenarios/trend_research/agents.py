"""Agents of the replay, the owner who sells and repays and those who bring WETH back, and records of what anybody did.

Agents only do what anyone could do on chain. What the pool refuses is recorded and does not stop the replay.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pooltwin.protocol.errors import PANIC_OVERFLOW, Panic, Revert

from ..formatting import amount as show
from ..units import BPS, MAX_UINT, PRICE_UNIT, WAD, Exact, Frozen, timestamp
from .accounts import Account
from .owner_plan import Target
from .parameters import ReplayParameters
from .weth_market import WethMarket
from .world import POSITION_DEBTS, World, debt_split

Action = Literal["withdraw", "repay", "liquidate"]

MOST_PIECES = 400
SMALLEST_PIECE = WAD // 100
"""Withdrawals below 0.01 WETH are not worth a transaction, unless it is everything that is left."""
SMALLEST_REPAYMENT = Fraction(1)
"""Nor are repayments below a dollar."""


class Sale(Frozen):
    """WETH withdrawn and sold at the oracle's price, and what was repaid afterwards."""

    time: int
    wallet: str
    weth: Exact
    proceeds_base: Exact
    """Dollars with 8 decimals."""
    price: Exact
    """Of one WETH on the market when the sale began, before it moved anything; 8 decimals."""


class Repayment(Frozen):
    """Stablecoins paid back."""

    time: int
    wallet: str
    asset: str
    amount: Exact


class Return(Frozen):
    """WETH brought back by others."""

    time: int
    by: Literal["repayment", "supply"]
    amount: Exact


class Liquidation(Frozen):
    """One liquidation call that went through."""

    time: int
    account: str
    collateral_asset: str
    debt_asset: str
    repaid: Exact
    received: Exact
    """By the liquidator, after the protocol's fee."""
    seized: Exact
    """From the account, the protocol's fee included."""
    collateral_price: Exact
    debt_price: Exact
    """The pool's prices at the call, 8 decimals."""
    received_a_tokens: bool
    profit_base: Exact
    """Dollars with 8 decimals, after the assumed slippage."""
    health_factor_before: Exact
    deficits_created: dict[str, Exact]
    """By asset, in its smallest unit; empty for most liquidations."""


class Disposal(Frozen):
    """Collateral that liquidators sold on the market outside, counted in WETH."""

    time: int
    weth: Exact
    proceeds_base: Exact
    """Dollars with 8 decimals."""
    redeemed: bool
    """Whether it was aWETH first, and had to wait for free WETH."""


class Declined(Frozen):
    """A liquidation that the pool allows and no liquidator wants: what it receives does not pay what it repays.

    Dollars have 8 decimals.
    """

    time: int
    account: str
    collateral_asset: str
    debt_asset: str
    repaid_base: Exact
    received_base: Exact
    """At the pool's price, after the protocol's fee."""
    proceeds_base: Exact
    """Received when it is sold."""

    @property
    def bonus_bps(self) -> Fraction:
        """Worth of what is received beyond what is repaid, in basis points of what is repaid."""
        return Fraction((self.received_base - self.repaid_base) * BPS, self.repaid_base)

    @property
    def slippage_bps(self) -> Fraction:
        """Loss on selling, in basis points of what is received."""
        return Fraction((self.received_base - self.proceeds_base) * BPS, self.received_base)


class Refusal(Frozen):
    """A call that the pool refused, and what it said."""

    time: int
    who: str
    action: Action
    amount: Exact
    words: str
    """The reason as people would say it."""
    reason: str
    """The reason as the pool gave it."""
    weth_in_pool: Exact
    """What could have been withdrawn at that moment."""


def refusal_words(action: Action, symbol: str, amount: int, in_pool: int, revert: Revert) -> str:
    """Say in plain words why the pool refused. WETH that is not there shows on chain as an arithmetic underflow.

    `amount` and `in_pool` are of the asset that was to leave the pool, with 18 decimals.
    """
    underflow = isinstance(revert, Panic) and revert.code == PANIC_OVERFLOW
    if underflow and action == "withdraw" and amount > in_pool:
        return f"not enough {symbol} in the pool: {show(amount, 18, 0)} wanted, {show(in_pool, 18, 0)} there"
    if underflow and action == "liquidate":
        return f"not enough {symbol} in the pool to pay the liquidator: {show(in_pool, 18, 0)} there"
    return f"the pool says {revert.describe()}"


def refusal(
    world: World, account: Account, action: Action, amount: int, revert: Revert, symbol: str = "WETH"
) -> Refusal:
    """Record a refusal; `symbol` is the asset that was to leave the pool."""
    return Refusal(
        time=world.market.chain.time,
        who=account.name,
        action=action,
        amount=amount,
        words=refusal_words(action, symbol, amount, world.cash(symbol), revert),
        reason=revert.describe(),
        weth_in_pool=world.cash("WETH"),
    )


class Owner:
    """The owner, who follows the plan: withdraw, sell, repay, in pieces that keep every wallet above the floor."""

    def __init__(self, world: World, parameters: ReplayParameters, returns: WethReturners, outside: WethMarket) -> None:
        self.world = world
        self.outside = outside
        self.parameters = parameters
        self.returns = returns
        self.sales: list[Sale] = []
        self.repayments: list[Repayment] = []
        self.refusals: list[Refusal] = []

    def act(self) -> None:
        """Bring every wallet to its target of this moment, as far as the pool lets it.

        Candles close in the last second before the next one and before the milestones, hence the second added.
        """
        for index, wallet in enumerate(self.world.wallets):
            target = self.world.plan.target(index, self.world.market.chain.time + 1)
            for _ in range(MOST_PIECES):
                if not self._one_piece(wallet, target):
                    break

    def _one_piece(self, wallet: Account, target: Target) -> bool:
        """Withdraw, sell and repay once. Returns False when nothing is left to do or nothing more can be done."""
        excess = self.world.supplied("WETH", wallet) - target.weth
        if target.weth and excess < SMALLEST_PIECE:
            excess = 0
        due = self._due(wallet, target.debt_usd)
        total_due = sum(due.values(), Fraction(0))
        piece = self._safe_piece(wallet, excess)
        if piece == 0 and total_due <= (SMALLEST_REPAYMENT if target.debt_usd else 0):
            return False
        proceeds = self._worth(piece)
        if piece and not self._withdraw(wallet, piece, everything=target.weth == 0 and piece == excess):
            return False
        # With more to withdraw, the proceeds are the budget; otherwise the rest of the money comes from elsewhere.
        budget = proceeds if 0 < piece < excess else total_due
        self._repay(wallet, due, budget, close=target.debt_usd == 0)
        return piece < excess

    def _worth(self, weth: int) -> Fraction:
        """Tell what selling so much would bring."""
        return self.outside.quote(weth) if self.outside.has_depth else self.world.dollars("WETH", weth)

    def _due(self, wallet: Account, target_debt: Fraction) -> dict[str, Fraction]:
        """Dollars to repay by asset."""
        owed = {symbol: self.world.dollars(symbol, self.world.debt(symbol, wallet)) for symbol in POSITION_DEBTS}
        split = debt_split(self.parameters)
        return {symbol: max(Fraction(0), dollars - target_debt * split[symbol]) for symbol, dollars in owed.items()}

    def _safe_piece(self, wallet: Account, excess: int) -> int:
        """Compute how much of the excess can leave now with the health factor at or above the floor."""
        if excess <= 0:
            return 0
        data = self.world.market.pool.get_user_account_data(wallet.address)
        if data.total_debt_base == 0:
            return excess
        keep = Fraction(self.parameters.health_factor_floor) * WAD / data.health_factor
        held = self.world.supplied("WETH", wallet)
        return max(0, min(excess, int(held * (1 - keep))))

    def _withdraw(self, wallet: Account, amount: int, *, everything: bool) -> bool:
        pool, time = self.world.market.pool, self.world.market.chain.time
        self.returns.make_room(amount)
        try:
            weth = self.world.assets["WETH"]
            taken = pool.withdraw(weth, MAX_UINT if everything else amount, wallet.address, sender=wallet.address)
        except Revert as revert:
            self.refusals.append(refusal(self.world, wallet, "withdraw", amount, revert))
            return False
        price, worth = self._sold(taken)
        self.sales.append(
            Sale(time=time, wallet=wallet.name, weth=taken, proceeds_base=int(worth * PRICE_UNIT), price=price)
        )
        return True

    def _sold(self, weth: int) -> tuple[int, Fraction]:
        """Sell WETH: the market's price before, with 8 decimals, and the dollars it brings."""
        if not self.outside.has_depth:
            return self.world.price("WETH"), self.world.dollars("WETH", weth)
        return self.outside.price_base, self.outside.sell(weth)

    def _repay(self, wallet: Account, due: dict[str, Fraction], budget: Fraction, *, close: bool) -> None:
        """Spend a budget of dollars on the debts in proportion to what is due; to close, pay the last unit."""
        total = sum(due.values(), Fraction(0))
        part = min(Fraction(1), budget / total) if total else Fraction(0)
        for symbol, dollars in due.items():
            owed = self.world.debt(symbol, wallet)
            amount = owed if close and part == 1 else min(owed, self.world.from_dollars(symbol, dollars * part))
            if amount > 0 and (close or dollars * part >= SMALLEST_REPAYMENT):
                self._repay_one(wallet, symbol, amount)

    def _repay_one(self, wallet: Account, symbol: str, amount: int) -> None:
        market = self.world.market
        self.world.fund(symbol, wallet, amount)
        try:
            paid = market.pool.repay(self.world.assets[symbol], amount, 2, wallet.address, sender=wallet.address)
        except Revert as revert:
            self.refusals.append(refusal(self.world, wallet, "repay", amount, revert))
            return
        self.repayments.append(Repayment(time=market.chain.time, wallet=wallet.name, asset=symbol, amount=paid))


class WethReturners:
    """Others who repay or supply WETH, just enough to keep utilisation at or below the ceiling of the moment."""

    def __init__(self, world: World, parameters: ReplayParameters) -> None:
        self.world = world
        self.parameters = parameters
        self.returned: list[Return] = []

    def make_room(self, withdrawal: int) -> None:
        """Bring back, before a withdrawal, what it would take beyond the ceiling."""
        if not self.parameters.weth_returns:
            return
        missing = self._missing(withdrawal)
        if missing <= 0:
            return
        repaid = missing * self.parameters.weth_returned_by_repayment_bps // BPS
        self._repay(repaid)
        self._supply(missing - repaid)

    def _missing(self, withdrawal: int) -> int:
        """Solve (D - share*x) / (D + VB - withdrawal + (1 - share)*x) = ceiling for x, rounded up."""
        ceiling = Fraction(self._ceiling_bps(), BPS)
        share = Fraction(self.parameters.weth_returned_by_repayment_bps, BPS)
        debt = int(self.world.market.debt_token("WETH").total_supply())
        cash = self.world.cash("WETH") - withdrawal
        needed = (debt * (1 - ceiling) / ceiling - cash) / (1 + share * (1 - ceiling) / ceiling)
        return -int(-needed // 1) if needed > 0 else 0

    def _ceiling_bps(self) -> int:
        now = self.world.market.chain.time
        past = [ceiling.bps for ceiling in self.parameters.utilisation_ceilings if timestamp(ceiling.since) <= now]
        return past[-1] if past else self.parameters.utilisation_ceilings[0].bps

    def _repay(self, amount: int) -> None:
        market = self.world.market
        while amount > 0:
            looper = max(self.world.loopers, key=lambda account: self.world.debt("WETH", account))
            part = min(amount, self.world.debt("WETH", looper))
            if part == 0:
                self._supply(amount)
                return
            self.world.fund("WETH", looper, part)
            market.pool.repay(self.world.assets["WETH"], part, 2, looper.address, sender=looper.address)
            self.returned.append(Return(time=market.chain.time, by="repayment", amount=part))
            amount -= part

    def _supply(self, amount: int) -> None:
        if amount > 0:
            self.world.supply("WETH", self.world.returning_lender, amount)
            self.returned.append(Return(time=self.world.market.chain.time, by="supply", amount=amount))
