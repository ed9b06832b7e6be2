"""Rule-based state machines over a pool, to subclass with your own market, laws, people and contracts.

    class MyMachine(DynamicMachine):
        config = my_config
        laws = (*all_laws(), my_law)

    def test_my_market():
        check(MyMachine)

The static machine has no time and no prices: in it nobody can hurt anybody. The dynamic one has time, prices,
liquidations, bad debt, governance and tokens that call back. Every rule counts its attempts, its successes and the
reverts it met; a rule that never succeeds fails the run, because it tests nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule
from pooltwin.protocol.chain import Receipt
from pooltwin.protocol.errors import Revert

from .histories.action import Action
from .histories.amount import Amount, Measure
from .machine_base import PoolMachine, RuleNeverSucceededError, Tally, check
from .strategies import amounts, price_moves, waits

__all__ = ["DynamicMachine", "PoolMachine", "RuleNeverSucceededError", "StaticMachine", "Tally", "check"]

M = Measure
VARIABLE = 2
A_TOKEN, DEBT_TOKEN = 1, 2
"""Places in `PoolMachine.tokens`."""
INDEX = st.integers(0, 11)
"""A person or an asset, modulo how many there are."""


class StaticMachine(PoolMachine):
    """No time and no prices: whatever anybody does, nobody else ends up with less.

    `perform` compares what everybody has before and after; only the caller, and who gave the caller permission, may
    have less. Nobody can be liquidated, however the rules are combined.
    """

    expected: ClassVar[Sequence[str]] = (
        "supply",
        "supply_for",
        "withdraw",
        "borrow",
        "borrow_for",
        "repay",
        "repay_for",
        "repay_with_a_tokens",
        "use_as_collateral",
        "set_e_mode",
        "transfer",
        "transfer_from",
        "flash_loan",
        "mint_to_treasury",
        "donate",
        "manage_position",
    )
    may_harm: ClassVar[bool] = False

    def wealth(self, who: str) -> dict[str, int]:
        """Wallet and claims less debts of a person, by asset, in units of the asset."""
        where = self.stage.address_of(who)
        return {
            symbol: token.balances[where] + a_token.balance_of(where) - debt_token.balance_of(where)
            for symbol, (token, a_token, debt_token) in self.tokens.items()
        }

    def perform(self, name: str, action: Action, consenting: Sequence[str] = ()) -> Receipt | None:
        """Carry out one action; nobody but the caller and the consenting may lose by it."""
        if self.may_harm:
            return super().perform(name, action)
        others = [who for who in self.people if who != action.sender and who not in consenting]
        before = {who: self.wealth(who) for who in others}
        receipt = super().perform(name, action)
        for who in others:
            for symbol, amount in self.wealth(who).items():
                assert amount >= before[who][symbol], f"{action}: {who} lost {before[who][symbol] - amount} of {symbol}"
        return receipt

    # --- supplying and withdrawing ----------------------------------------------------------------------------------

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.UNIT, M.WALLET, M.SHARE, M.SUPPLY_ROOM))
    def supply(self, who: int, asset: int, amount: Amount) -> None:
        """Supply for oneself."""
        user, symbol = self.person(who), self.symbol(asset)
        self.perform("supply", self._call(user, "supply", symbol, amount.of(self.stage, symbol, user), user, 0))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.UNIT, M.SHARE))
    def supply_for(self, who: int, whom: int, asset: int, amount: Amount) -> None:
        """Supply for somebody else."""
        user, symbol = self.person(who), self.symbol(asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("supply_for", self._call(user, "supply", symbol, number, self.other(who, whom), 0))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.SUPPLIED, M.LIQUIDITY, M.SHARE))
    def withdraw(self, who: int, whom: int, asset: int, amount: Amount) -> None:
        """Withdraw to oneself or somebody else."""
        user, symbol = self._lender(who, asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("withdraw", self._call(user, "withdraw", symbol, number, self.person(whom)))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.SUPPLIED, M.SHARE))
    def transfer(self, who: int, whom: int, asset: int, amount: Amount) -> None:
        """Send aTokens, perhaps to oneself."""
        user, symbol = self._lender(who, asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("transfer", Action(user, f"a{symbol}", "transfer", (self.person(whom), number)))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.SUPPLIED, M.SHARE), spare=st.sampled_from((0, 1, -1)))
    def transfer_from(self, who: int, whom: int, asset: int, amount: Amount, spare: int) -> None:
        """Send somebody's aTokens with an allowance of about the amount."""
        owner, symbol = self._lender(who, asset)
        spender = self._somebody_but(owner, whom)
        number = amount.of(self.stage, symbol, owner)
        allowance = min(2**256 - 1, max(0, number + spare))
        self.perform("approve", Action(owner, f"a{symbol}", "approve", (spender, allowance)))
        action = Action(spender, f"a{symbol}", "transferFrom", (owner, spender, number))
        self.perform("transfer_from", action, (owner,))

    # --- borrowing and repaying -------------------------------------------------------------------------------------

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.CREDIT, M.LIQUIDITY, M.BORROW_ROOM, M.SHARE))
    def borrow(self, who: int, asset: int, amount: Amount) -> None:
        """Borrow for oneself."""
        user, symbol = self.person(who), self.symbol(asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("borrow", self._call(user, "borrow", symbol, number, VARIABLE, 0, user))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.CREDIT, M.SHARE), spare=st.sampled_from((0, 1, -1)))
    def borrow_for(self, who: int, whom: int, asset: int, amount: Amount, spare: int) -> None:
        """Borrow in the name of somebody who delegated about the amount."""
        debtor, caller, symbol = self.person(who), self.other(who, whom), self.symbol(asset)
        number = amount.of(self.stage, symbol, debtor)
        delegated = min(2**256 - 1, max(0, number + spare))
        self.perform("delegate", Action(debtor, f"debt{symbol}", "approveDelegation", (caller, delegated)))
        action = self._call(caller, "borrow", symbol, number, VARIABLE, 0, debtor)
        self.perform("borrow_for", action, (debtor,))

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.OWED, M.SHARE))
    def repay(self, who: int, asset: int, amount: Amount) -> None:
        """Repay one's own debt."""
        user, symbol = self._debtor(who, asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("repay", self._call(user, "repay", symbol, number, VARIABLE, user))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, amount=amounts(M.OWED, M.SHARE))
    def repay_for(self, who: int, whom: int, asset: int, amount: Amount) -> None:
        """Repay somebody else's debt."""
        debtor, symbol = self._debtor(who, asset)
        payer = self._somebody_but(debtor, whom)
        number = amount.of(self.stage, symbol, debtor)
        self.perform("repay_for", self._call(payer, "repay", symbol, number, VARIABLE, debtor))

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.OWED, M.SUPPLIED, M.SHARE))
    def repay_with_a_tokens(self, who: int, asset: int, amount: Amount) -> None:
        """Repay by burning aTokens, supplied first if there are none."""
        user, symbol = self._debtor(who, asset)
        if not self.stage.market.a_token(symbol).scaled_balances[self.stage.address_of(user)]:
            self.supply(self.people.index(user), self.symbols.index(symbol), Amount(M.WALLET, Fraction(1, 10)))
        number = amount.of(self.stage, symbol, user)
        self.perform("repay_with_a_tokens", self._call(user, "repayWithATokens", symbol, number, VARIABLE))

    # --- positions --------------------------------------------------------------------------------------------------

    @rule(who=INDEX, asset=INDEX, on=st.booleans())
    def use_as_collateral(self, who: int, asset: int, on: bool) -> None:
        """Switch a supply on or off as collateral."""
        action = self._call(self.person(who), "setUserUseReserveAsCollateral", self.symbol(asset), on)
        self.perform("use_as_collateral", action)

    @rule(who=INDEX, category=INDEX)
    def set_e_mode(self, who: int, category: int) -> None:
        """Enter, change or leave an e-mode category."""
        ids = (0, *(each.id for each in self.config.e_modes))
        self.perform("set_e_mode", self._call(self.person(who), "setUserEMode", ids[category % len(ids)]))

    @rule(who=INDEX, whom=INDEX, asset=INDEX, on=st.booleans(), appointed=st.booleans())
    def manage_position(self, who: int, whom: int, asset: int, on: bool, appointed: bool) -> None:
        """Let a position manager, appointed or not, switch somebody's collateral."""
        user, manager = self.person(who), self.other(who, whom)
        self.perform("appoint_manager", self._call(user, "approvePositionManager", manager, appointed))
        function = "setUserUseReserveAsCollateralOnBehalfOf"
        self.perform("manage_position", self._call(manager, function, self.symbol(asset), on, user), (user,))

    # --- everything else without time or prices ---------------------------------------------------------------------

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.LIQUIDITY, M.UNIT), inner=INDEX, part=st.integers(1, 10))
    def flash_loan(self, who: int, asset: int, amount: Amount, inner: int, part: int) -> None:
        """Flash-borrow; the receiver calls back into the pool before it pays back."""
        user, symbol = self.person(who), self.symbol(asset)
        number = amount.of(self.stage, symbol, user)
        inside = (
            self._call("receiver", "supply", symbol, number * part // 10, "receiver", 0),
            self._call("receiver", "borrow", self.symbol(inner), number // 20, VARIABLE, 0, "receiver"),
            self._call("receiver", "withdraw", symbol, 2**256 - 1, "receiver"),
        )[: inner % 4]
        action = Action(user, "pool", "flashLoanSimple", ("receiver", symbol, number, b"", 0), inside)
        self.perform("flash_loan", action)

    @rule(who=INDEX, first=INDEX, second=INDEX, amount=amounts(M.CREDIT, M.UNIT), mode=st.sampled_from((0, VARIABLE)))
    def flash_loan_of_two(self, who: int, first: int, second: int, amount: Amount, mode: int) -> None:
        """Flash-borrow two assets, the second of which may become debt."""
        user, symbols = self.person(who), (self.symbol(first), self.symbol(second))
        numbers = tuple(amount.of(self.stage, symbol, user) for symbol in symbols)
        arguments = ("receiver", symbols, numbers, (0, mode), user, b"", 0)
        self.perform("flash_loan_of_two", Action(user, "pool", "flashLoan", arguments))

    @rule()
    def mint_to_treasury(self) -> None:
        """Mint what the treasury has accrued."""
        self.perform("mint_to_treasury", self._call(self.person(0), "mintToTreasury", self.symbols))

    @rule(who=INDEX, asset=INDEX, amount=amounts(M.UNIT, M.WALLET, M.SHARE, extremes=False))
    def donate(self, who: int, asset: int, amount: Amount) -> None:
        """Send underlying straight to the aToken."""
        user, symbol = self.person(who), self.symbol(asset)
        number = amount.of(self.stage, symbol, user)
        self.perform("donate", Action(user, symbol, "transfer", (f"a{symbol}", number)))

    @rule(who=INDEX, whom=INDEX, collateral=INDEX, asset=INDEX, a_tokens=st.booleans())
    def liquidate(self, who: int, whom: int, collateral: int, asset: int, a_tokens: bool) -> None:
        """Try to liquidate somebody; without time and prices it must always be refused."""
        victim, symbol = self._debtor(whom, asset)
        liquidator = self._somebody_but(victim, who)
        seized = self._collateral_of(victim, collateral)
        number = 2**256 - 1
        action = self._call(liquidator, "liquidationCall", seized, symbol, victim, number, a_tokens)
        receipt = self.perform("liquidate", action)
        assert self.may_harm or receipt is None or not receipt.ok, f"{action}: nobody can be unhealthy here"

    # --- helpers ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _call(who: str, function: str, *arguments: Any) -> Action:
        return Action(who, "pool", function, arguments)

    def _somebody_but(self, user: str, index: int) -> str:
        """A person who is not this one."""
        return next(name for name in (self.person(index), self.person(index + 1)) if name != user)

    def _debtor(self, who: int, asset: int) -> tuple[str, str]:
        """Somebody who owes something and what it is, if anybody does; else anybody and anything."""
        return self._holder(DEBT_TOKEN, who, asset)

    def _lender(self, who: int, asset: int) -> tuple[str, str]:
        """Somebody who has supplied something and what it is, if anybody has; else anybody and anything."""
        return self._holder(A_TOKEN, who, asset)

    def _holder(self, token: int, who: int, asset: int) -> tuple[str, str]:
        for shift in range(len(self.people) * len(self.symbols)):
            user, symbol = self.person(who + shift // len(self.symbols)), self.symbol(asset + shift)
            if self.tokens[symbol][token].scaled_balances[self.stage.address_of(user)]:
                return user, symbol
        return self.person(who), self.symbol(asset)

    def _collaterals_of(self, user: str) -> list[str]:
        """Everything the user has put up."""
        pool = self.stage.market.pool
        flags, where = pool.users_config[self.stage.address_of(user)], self.stage.address_of
        return [symbol for symbol in self.symbols if flags >> (2 * pool.reserves[where(symbol)].id) & 2]

    def _collateral_of(self, user: str, index: int) -> str:
        """Something the user has put up, if anything; else any asset."""
        found = self._collaterals_of(user)
        return found[index % len(found)] if found else self.symbol(index)


class DynamicMachine(StaticMachine):
    """Time, prices, liquidations, bad debt and its cover, governance, tokens that call back."""

    may_harm = True
    expected: ClassVar[Sequence[str]] = (
        *StaticMachine.expected,
        "wait",
        "move_price",
        "to_the_brink",
        "liquidate",
        "govern",
        "cover_deficit",
    )

    @rule(seconds=waits())
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.perform("wait", Action.wait(seconds))

    @rule(asset=INDEX, factor=price_moves())
    def move_price(self, asset: int, factor: Fraction) -> None:
        """Multiply a price."""
        symbol = self.symbol(asset)
        self._set_price("move_price", symbol, int(self.stage.market.price_feed(symbol).answer * factor))

    @rule(who=INDEX, asset=INDEX, nudge=st.sampled_from((-1, 0, 1, -1_000_000)))
    def to_the_brink(self, who: int, asset: int, nudge: int) -> None:
        """Move the price of somebody's collateral to where the position is just healthy, or just not."""
        user, _ = self._debtor(who, asset)
        symbol = self._collateral_of(user, asset)
        price = self._critical_price(user, symbol)
        if price is not None:
            self._set_price("to_the_brink", symbol, price + nudge)

    def _set_price(self, name: str, symbol: str, price: int) -> None:
        """Move a price, by a factor of fifty at most and never to nothing: more would be an error of the feed."""
        now = int(self.stage.market.price_feed(symbol).answer)
        price = min(max(price, -(-now // 50)), 50 * now, 10**30)
        self.perform(name, Action.price(symbol, max(1, price)))

    def _critical_price(self, user: str, symbol: str) -> int | None:
        """About where the health factor would be one, if the user has debt and this were all the collateral."""
        feed = self.stage.market.price_feed(symbol)
        try:
            health = self.stage.market.pool.get_user_account_data(self.stage.address_of(user)).health_factor
        except Revert:
            return None
        return feed.answer * 10**18 // health if 0 < health < 2**255 else None

    @rule(asset=INDEX, amount=amounts(M.DEFICIT, M.SUPPLIED, M.SHARE))
    def cover_deficit(self, asset: int, amount: Amount) -> None:
        """Let the umbrella cover bad debt."""
        symbols = [self.symbol(asset + shift) for shift in range(len(self.symbols))]
        pool = self.stage.market.pool
        bad = [each for each in symbols if pool.reserves[self.stage.address_of(each)].deficit]
        symbol = (bad or symbols)[0]
        number = amount.of(self.stage, symbol, "umbrella")
        self.perform("cover_deficit", self._call("umbrella", "eliminateReserveDeficit", symbol, number))

    @rule(asset=INDEX, factor=st.sampled_from((Fraction(1, 20), Fraction(1, 3))), who=INDEX, whom=INDEX)
    def crash(self, asset: int, factor: Fraction, who: int, whom: int) -> None:
        """All that a debtor has put up crashes, a liquidator takes it, and the umbrella covers what is left."""
        victim, owed = self._debtor(who, asset)
        for symbol in self._collaterals_of(victim):
            self._set_price("move_price", symbol, int(self.stage.market.price_feed(symbol).answer * factor))
        liquidator, seized = self._somebody_but(victim, whom), self._collateral_of(victim, asset)
        action = self._call(liquidator, "liquidationCall", seized, owed, victim, 2**256 - 1, False)
        self.perform("liquidate", action)
        if self.stage.market.pool.reserves[self.stage.address_of(owed)].deficit:
            self.perform("cover_deficit", self._call("umbrella", "eliminateReserveDeficit", owed, 2**256 - 1))

    @rule(asset=INDEX, choice=st.integers(0, 12), on=st.booleans(), value=st.integers(0, 3))
    def govern(self, asset: int, choice: int, on: bool, value: int) -> None:
        """Change a parameter."""
        symbol = self.symbol(asset)
        category = self.config.e_modes[value % len(self.config.e_modes)].id if self.config.e_modes else 1
        functions: tuple[tuple[str, tuple[Any, ...]], ...] = (
            ("setReserveFactor", (symbol, (0, 1_000, 5_000, 10_000)[value])),
            ("setReserveFreeze", (symbol, on)),
            ("setReservePause", (symbol, on, (0, 1, 3_600, 14_400)[value])),
            ("setSupplyCap", (symbol, (0, 1, 2_000, 1_000_000)[value])),
            ("setBorrowCap", (symbol, (0, 1, 500, 1_000_000)[value])),
            ("setLiquidationProtocolFee", (symbol, (0, 1, 1_000, 10_000)[value])),
            ("setReserveLtvzero", (symbol, on)),
            ("setAssetLtvzeroInEMode", (symbol, category, on)),
            ("setAssetBorrowableInEMode", (symbol, category, on)),
            ("setAssetCollateralInEMode", (symbol, category, on)),
            ("setReserveBorrowing", (symbol, on)),
            ("updateFlashloanPremium", ((0, 1, 9, 10_000)[value],)),
            ("setEModeCategoryIsolated", (category, on)),
        )
        function, arguments = functions[choice]
        self.perform("govern", Action("admin", "configurator", function, arguments))

    @rule(asset=INDEX, who=INDEX, amount=amounts(M.CREDIT, M.LIQUIDITY))
    def ambush(self, asset: int, who: int, amount: Amount) -> None:
        """Withdraw a hostile token, which calls back to borrow the same asset.

        Only that: many laws say what exactly one call does, and presume that no other is made inside it.
        """
        if not self.hostile:
            return
        symbol, user = self.hostile[asset % len(self.hostile)], self.person(who)
        number = amount.of(self.stage, symbol, user)
        inside = (self._call(user, "borrow", symbol, number, VARIABLE, 0, user),)
        half = self.stage.market.a_token(symbol).balance_of(self.stage.address_of(user)) // 2
        self.perform("ambush", Action(user, "pool", "withdraw", (symbol, half, user), inside))
