"""Probes: alternatives tried on a state and undone, for laws that compare two continuations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random
from typing import Any, TypeVar

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.contracts.token_interface import let_spend
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.abi import calldata_of
from pooltwin.protocol.machine.contract import NoSuchFunction
from pooltwin.protocol.market import Market
from pooltwin.protocol.receipt import Receipt

from ..law import Broken, Verdict, all_of
from ..reference import EVERYTHING, RAY
from .census import Census
from .moment import Moment
from .position import NoPriceError

T = TypeVar("T")

STRANGER = named_address("a stranger")
"""Somebody with no position who pays for what a probe tries."""


class Probe:
    """One state, a source of randomness, and means to try things that are all undone."""

    def __init__(self, census: Census, rng: Random) -> None:
        self.census = census
        self.market: Market = census.market
        self.pool: Any = census.pool
        self.rng = rng

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Moment:
        """The present state."""
        return Moment(self.census, {}, self.census.chain.time)

    @property
    def assets(self) -> list[Address]:
        """The listed assets."""
        return list(self.census.homes)

    def pick(self, items: Sequence[T]) -> T | None:
        """Pick one of them; None of none."""
        return self.rng.choice(items) if items else None

    def lenders(self, asset: Address) -> list[Address]:
        """List everybody with shares, in a random order."""
        found = [user for user, shares in self.census.homes[asset].a_balances.items() if shares]
        self.rng.shuffle(found)
        return found

    def borrowers(self, limit: int = 8) -> list[Address]:
        """List some users who owe something."""
        found: dict[Address, None] = {}
        for home in self.census.homes.values():
            found.update(dict.fromkeys(user for user, shares in home.debt_balances.items() if shares))
        for token in self.census.stable_tokens:
            found.update(dict.fromkeys(user for user, principal in token.scaled_balances.items() if principal))
        users = list(found)
        self.rng.shuffle(users)
        return users[:limit]

    def answer(self, where: Address, signature: str, *arguments: Any) -> Any:
        """Ask a view of any contract by calldata; None where it reverts."""
        return self.census.chain.call(STRANGER, where, calldata_of(signature, arguments)).value

    # --- trying -----------------------------------------------------------------------------------------------------

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo whatever happens inside."""
        chain = self.census.chain
        kept = chain.receipt
        snapshot = chain.snapshot()
        try:
            yield
        finally:
            chain.revert_to(snapshot)
            chain.receipt = kept
            if self.census.stale():
                self.census.take()

    def attempt(self, call: Callable[..., Any], *arguments: Any, sender: Address) -> Receipt:
        """Make a call and return its receipt; a revert is in it, not raised."""
        try:
            call(*arguments, sender=sender)
        except Revert as revert:
            receipt = self.census.chain.receipt
            if receipt is None or receipt.revert is not revert:
                raise
        receipt = self.census.chain.receipt
        if receipt is None:
            raise RuntimeError(f"{call!r} was not a transaction")
        return receipt

    def send(self, sender: Address, where: Address, signature: str, *arguments: Any) -> Receipt:
        """Call any contract by calldata; a revert is in the receipt."""
        return self.census.chain.transact(sender, where, calldata_of(signature, arguments))

    def give(self, asset: Address, user: Address, amount: int) -> None:
        """Create underlying for a user and let the pool move it."""
        token = self.census.chain.at(asset)
        token.mint(user, amount, sender=token.owner_address)
        let_spend(token, user, self.pool.address, EVERYTHING)

    def open_gates(self, asset: Address) -> None:
        """Lift a reserve's pause and switch it on, as governance may: while it is off nobody can leave it."""
        configurator, admin = self.market.configurator, self.market.admin
        word: int = self.census.homes[asset].reserve.configuration
        if word >> 60 & 1:
            configurator.set_reserve_pause(asset, False, sender=admin)
        if not word >> 56 & 1:
            configurator.set_reserve_active(asset, True, sender=admin)

    def settle_everything(self, asset: Address, lenders: Collection[Address]) -> bool:
        """Repay every debt that keeps these lenders of a reserve inside, and mint the treasury's shares.

        Those are the debts of the reserve, and what the lenders owe elsewhere, for which their collateral may not
        leave. Returns whether all is paid.
        """
        for other in self.assets:
            home = self.census.homes[other]
            debts = [(2, home.debt_token, user) for user, shares in home.debt_balances.items() if shares]
            if (stable := home.stable_token) is not None:
                debts += [(1, stable, user) for user, principal in stable.scaled_balances.items() if principal]
            if other != asset:
                debts = [debt for debt in debts if debt[2] in lenders]
            if debts or other == asset:
                self.open_gates(other)
            self.census.chain.will_ask((home.debt_token.balance_of,), [user for _, _, user in debts])
            owed = [token.balance_of(user) for _, token, user in debts]
            if debts:
                self.give(other, STRANGER, sum(owed))
            for (mode, _, user), amount in zip(debts, owed, strict=True):
                if not self.attempt(self.pool.repay, other, amount, mode, user, sender=STRANGER).ok:
                    return False
        return self.attempt(self.pool.mint_to_treasury, [asset], sender=STRANGER).ok

    def exits(self, asset: Address, lenders: Sequence[Address]) -> tuple[dict[Address, int], list[Address]]:
        """Have everybody withdraw everything. Returns what each was paid, and who could not leave."""
        paid: dict[Address, int] = {}
        stuck = []
        for user in lenders:
            receipt = self.attempt(self.pool.withdraw, asset, EVERYTHING, STRANGER, sender=user)
            if receipt.ok:
                paid[user] = receipt.value
            else:
                stuck.append(user)
        return paid, stuck

    def poke(self, asset: Address) -> bool:
        """Accrue and set rates: governance sets the reserve factor to what it is.

        Returns whether it went through: a reserve whose figures outgrow their storage can be updated no more.
        """
        factor = self.now.reserve(asset).reserve_factor
        return self.attempt(self.market.configurator.set_reserve_factor, asset, factor, sender=self.market.admin).ok

    def value_of(self, function: Callable[..., T], *arguments: Any) -> T | None:
        """Call a function; None where it reverts."""
        try:
            return function(*arguments)
        except Revert:
            return None

    def give_credit(self, user: Address) -> bool:
        """Give a user who has none collateral worth a lot. Returns whether any asset would do."""
        now = self.now
        for asset in self.assets:
            view = now.reserve(asset)
            usable = view.active and not (view.paused or view.frozen or view.supply_cap)
            if usable and now.ltv(asset, 0) and not view.debt_ceiling:
                amount = 10**7 * view.unit
                self.give(asset, user, amount)
                if self.attempt(self.pool.supply, asset, amount, user, 0, sender=user).ok:
                    return True
        return False

    @property
    def stranger(self) -> Address:
        """Somebody with no position."""
        return STRANGER

    def has_feed(self, asset: Address) -> bool:
        """Is the asset priced by a feed of its own whose answer can be set?"""
        sources = self.census.oracle.sources
        feed = self.census.chain.contracts[sources[asset]]
        own = sum(1 for other in self.assets if sources[other] == sources[asset]) == 1
        return own and isinstance(feed, MockAggregator) and feed.answer > 0

    def set_price(self, asset: Address, price: int) -> None:
        """Set the answer of an asset's feed. Raises NoPriceError where the feed answers something else."""
        feed = self.census.chain.at(self.census.oracle.sources[asset])
        feed.set_answer(price)
        if feed.answer != price:
            raise NoPriceError(f"{self.census.homes[asset].symbol} is {feed.answer} where {price} was told")

    @property
    def receiver(self) -> Address | None:
        """A contract that accepts flash loans, if there is one on the market."""
        where = named_address("receiver")
        return where if self.census.chain.contracts[where] is not None else None

    def worth(self, user: Address, asset: Address) -> int:
        """Value a user's shares of an asset in base currency."""
        now = self.now
        view = now.reserve(asset)
        return now.shares(asset, user) * view.income // RAY * now.price(asset) // view.unit

    def go_on(self, market: Market, asset: Address, amount: int) -> str:
        """Let a stranger supply new tokens, time pass and governance poke. Returns the digest."""
        chain = market.chain
        token = chain.at(asset)
        token.mint(STRANGER, amount, sender=token.owner_address)
        let_spend(token, STRANGER, market.pool.address, amount)
        with suppress(Revert):
            market.pool.supply(asset, amount, STRANGER, 0, sender=STRANGER)
        chain.advance(3_600)
        factor = market.pool.reserves[asset].configuration >> 64 & 0xFFFF
        with suppress(Revert):
            market.configurator.set_reserve_factor(asset, factor, sender=market.admin)
        return chain.digest()


def probed(check: Callable[[Probe], Verdict], probe: Probe) -> Verdict:
    """Judge a probe by a law: nothing where a price or what it reads is missing, broken where a view of it reverts."""
    try:
        return check(probe)
    except (NoPriceError, NoSuchFunction):
        return None
    except Revert as revert:
        return Broken("a view that the law reads must answer", revert, "an answer")


def each_apart(probe: Probe, things: Iterable[T], judge: Callable[[T], Verdict]) -> Verdict:
    """Judge each of some things on a state of its own, and give the verdict of all."""
    verdicts = []
    for thing in things:
        with probe.undone():
            verdicts.append(judge(thing))
    return all_of(verdicts)
