"""Liquidators: one alone, or several who compete for the same accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.events import DeficitCreated
from pydantic import Field, PrivateAttr, model_validator

from ..engine.agent import Agent
from ..engine.hand import Hand
from ..engine.phase import Phase, Wake
from ..engine.record import Sale
from ..engine.world import World
from ..units import BPS, MAX_UINT, PRICE_UNIT, WAD, to_units
from .flash_liquidator import contract_address, flash_liquidator, offer
from .liquidation_plan import Plan, Planner
from .liquidator_settings import LiquidatorSettings, Watching
from .lottery import order_of_places

MOST_CALLS = 50
"""Liquidations of one account in one block, at the most."""


REFUSED_BLOCKS = 25
"""Blocks for which an account is left alone after the pool has refused a call, as while a reserve is paused."""


@dataclass
class Memory:
    """The memory of one liquidator between its acts."""

    held: dict[str, str] = field(default_factory=dict)
    """Collaterals of which it holds aTokens to be redeemed, each with the asset that they shall be sold into."""


@dataclass(frozen=True)
class Done:
    """One call that the pool took."""

    repaid: int
    received: int
    proceeds: Fraction
    """Dollars that the venue paid for what was received, or would have."""
    events: tuple[Any, ...]


class Desk:
    """One liquidator at work in one block."""

    def __init__(self, world: World, hand: Hand, member: str, settings: LiquidatorSettings, memory: Memory) -> None:
        """Work for a hand, as the settings say; `member` is its name among several."""
        self.world, self.hand, self.member, self.settings, self.memory = world, hand, member, settings, memory
        self.planner = Planner(world, settings, hand.address)

    def bid(self, plan: Plan) -> int:
        """Dollars (8 decimals) that it pays for a place in the block."""
        return _base(plan.profit * self.settings.bid_bps / BPS)

    def carry_out(self, plan: Plan) -> bool:
        """Do what the plan says, and note what it brought. Returns whether the pool took any of it."""
        done = self._with_a_loan(plan) if plan.way == "flash loan" else self._with_own_money(plan)
        if done:
            self._note(plan, done)
        return bool(done)

    def _with_own_money(self, plan: Plan) -> list[Done]:
        done = []
        for call in plan.calls:
            if plan.way == "unlimited":
                self.hand.fund(plan.debt, plan.owed)
            pair = plan.borrower, plan.collateral, plan.debt
            outcome = self.hand.liquidate(*pair, call.amount, a_tokens=plan.a_tokens)
            if not outcome:
                break
            got = outcome.value
            proceeds = self.world.venue(plan.collateral).quote(got.received)
            done.append(Done(got.repaid, got.received, proceeds, outcome.events))
            self._dispose(plan, got.received)
        return done

    def _dispose(self, plan: Plan, received: int) -> None:
        """Sell what was taken, or keep it."""
        if self.settings.collateral == "keep":
            return
        if plan.a_tokens:
            self.memory.held[plan.collateral] = plan.debt
        else:
            self.hand.sell(plan.collateral, received, into=plan.debt)

    def _with_a_loan(self, plan: Plan) -> list[Done]:
        """Borrow, liquidate, sell and pay back in one transaction of a contract of its own."""
        world, chain = self.world, self.world.market.chain
        call, pair = plan.calls[0], [world.market.asset(asset) for asset in (plan.collateral, plan.debt)]
        venue = world.venue(plan.collateral)
        proceeds = venue.quote(call.seizure.received)
        paid = world.units(plan.debt, proceeds)
        mark = chain.snapshot()
        contract = flash_liquidator(world.market, self.hand.address)
        offer(world.market, contract, plan.debt, paid)
        outcome = self.hand.call(contract.liquidate, *pair, plan.borrower, call.seizure.repaid, call.amount, paid)
        if not outcome:
            chain.revert_to(mark)
            return []
        chain.release(mark)
        venue.sell(call.seizure.received)
        world.sold.add(plan.collateral)
        when = world.time, world.block, self.hand.name
        sale = Sale(*when, plan.collateral, call.seizure.received, _base(proceeds), plan.debt, paid)
        world.record.entries.append(sale)
        return [Done(call.seizure.repaid, call.seizure.received, proceeds, outcome.events)]

    def _note(self, plan: Plan, done: Sequence[Done]) -> None:
        cost = self.planner.cost(plan.debt, plan.way)
        gas, bid = self.planner.gas * len(done), self.bid(plan)
        profit = sum((each.proceeds - cost.of(each.repaid) for each in done), -gas)
        self.hand.note(
            "liquidation",
            member=self.member,
            borrower=plan.borrower,
            collateral=plan.collateral,
            debt=plan.debt,
            repaid=sum(each.repaid for each in done),
            received=sum(each.received for each in done),
            a_tokens=plan.a_tokens,
            funding=plan.way,
            calls=len(done),
            profit_base=_base(profit) - bid,
            gas_base=_base(gas),
            bid_base=bid,
            health_factor_before=plan.health_factor,
            deficits=self._deficits(done),
        )

    def _deficits(self, done: Sequence[Done]) -> dict[str, int]:
        """Bad debt that the calls have left, by asset."""
        keys = {asset: key for key, asset in self.world.market.assets.items()}
        created: dict[str, int] = {}
        for event in (event for each in done for event in each.events if isinstance(event, DeficitCreated)):
            key = keys[event.debt_asset]
            created[key] = created.get(key, 0) + event.amount_created
        return created

    def redeem(self) -> None:
        """Turn aTokens into the asset as far as the pool has cash, and sell it."""
        for collateral, debt in list(self.memory.held.items()):
            held = self.hand.supplied(collateral)
            amount = min(held, self.world.cash(collateral))
            outcome = self.hand.withdraw(collateral, MAX_UINT if amount == held else amount) if amount else None
            if outcome:
                self.hand.sell(collateral, outcome.value, into=debt)
                if amount == held:
                    del self.memory.held[collateral]


def _base(dollars: Fraction) -> int:
    """Dollars with 8 decimals, rounded down."""
    return int(dollars * PRICE_UNIT // 1)


class Liquidating(Watching, Agent):
    """The common part of a liquidator alone and of several: whom they look at, and who gets the next call."""

    phase: ClassVar[Phase] = Phase.LIQUIDATORS
    wakes_on: ClassVar[Wake] = Wake.PRINTS | Wake.PRICES | Wake.CALLS

    _since: dict[Address, int] = PrivateAttr(default_factory=dict)
    """The block in which each account could first be liquidated, as long as it can."""
    _refused: dict[Address, int] = PrivateAttr(default_factory=dict)
    """The block in which the pool last refused to let an account be liquidated."""
    _memories: dict[str, Memory] = PrivateAttr(default_factory=dict)

    def settings(self) -> dict[str, LiquidatorSettings]:
        """The liquidators by their names among each other; one alone has none."""
        raise NotImplementedError

    def assumes(self) -> Iterator[str]:
        """Say what they take for granted: of all at once, where it is the same."""
        told: dict[str, list[str]] = {}
        for member, settings in self.settings().items():
            for sentence in settings.taken_for_granted():
                told.setdefault(sentence, []).append(f"{self.name}: {member}")
        for sentence, members in told.items():
            is_of_all = len(members) == len(self.settings())
            yield from (f"{name} {sentence}" for name in ([self.name] if is_of_all else members))

    def start(self, world: World, me: Hand) -> None:
        """Take in the capital."""
        for desk in self._desks(world, me):
            for where in (desk.hand.address, contract_address(desk.hand.address)):
                world.names[where] = me.name
            for asset, tokens in desk.settings.capital.items():
                desk.hand.fund(asset, to_units(tokens, world.decimals(asset)))

    def act(self, world: World, me: Hand) -> int | None:
        """Liquidate whoever can be liquidated at a profit, and say when to look again."""
        desks = self._desks(world, me)
        for desk in desks:
            desk.redeem()
        for account in self._watched(world):
            if account in self._refused and world.block < self._refused[account] + REFUSED_BLOCKS:
                continue
            ready = [desk for desk in desks if world.block >= self._since[account] + desk.settings.latency_blocks]
            if self._liquidate(world, me, ready, account):
                del self._since[account]
        me.changed |= any(desk.hand.changed for desk in desks)
        return self._next_look(world, desks)

    def _desks(self, world: World, me: Hand) -> list[Desk]:
        desks = []
        for member, settings in self.settings().items():
            hand = Hand(world, me.name, named_address(f"agent {me.name}: {member}")) if member else me
            desks.append(Desk(world, hand, member, settings, self._memories.setdefault(member, Memory())))
        return desks

    def _watched(self, world: World) -> list[Address]:
        """List who can be liquidated now, in the order in which they are looked at."""
        found = world.liquidatable() if self.accounts is None else world.market.health_factors(self.accounts, below=WAD)
        for account in self._since.keys() - found.keys():
            del self._since[account]
        for account in found:
            self._since.setdefault(account, world.block)
        if self.first == "listed":
            return list(found)
        debts = {account: data.total_debt_base for account, data in world.market.account_data(found).items()}
        return sorted(found, key=lambda account: (-debts[account], account))

    def _liquidate(self, world: World, me: Hand, desks: list[Desk], account: Address) -> bool:
        """Let those who are ready liquidate one account. Returns whether it has become healthy."""
        left = list(desks)
        for _ in range(MOST_CALLS):
            if world.health_factor(account) >= WAD:
                return True
            wanted = [(desk, plan) for desk in left if (plan := desk.planner.best(account)) is not None]
            if not wanted:
                return False
            places = order_of_places([desk.bid(plan) for desk, plan in wanted], me.draws)
            desk, plan = wanted[places[0]]
            if not desk.carry_out(plan):
                left.remove(desk)
                self._refused[account] = world.block
        return False

    def _next_look(self, world: World, desks: list[Desk]) -> int | None:
        """Say when somebody's latency is over, or when it is time to look again."""
        starts = [since + desk.settings.latency_blocks for since in self._since.values() for desk in desks]
        looks = [start for start in starts if start > world.block]
        if self.retry_blocks is not None and (len(looks) < len(starts) or any(self._held())):
            looks.append(world.block + self.retry_blocks)
        if self.look_every_blocks is not None:
            looks.append(world.block + self.look_every_blocks)
        return min(looks, default=None)

    def _held(self) -> Iterator[str]:
        for memory in self._memories.values():
            yield from memory.held


class Liquidator(LiquidatorSettings, Liquidating):
    """Liquidates whoever can be, if it pays: with its own money or a flash loan, by the amount that brings most."""

    def settings(self) -> dict[str, LiquidatorSettings]:
        """Itself."""
        return {"": self}


class Competitor(LiquidatorSettings):
    """One of several liquidators."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = Field(description="What it is called among them.")


class Liquidators(Liquidating):
    """Liquidators who compete: whoever is ready and finds it worth while takes part in a lottery for each call."""

    members: Annotated[tuple[Competitor, ...], Field(min_length=1, strict=False)] = Field(
        description="The liquidators. Each has money of its own, and an account named after agent and member."
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [member.name for member in self.members]
        if len(set(names)) < len(names):
            raise ValueError(f"two members have the same name: {', '.join(sorted(names))}")
        return self

    def settings(self) -> dict[str, LiquidatorSettings]:
        """The members."""
        return {member.name: member for member in self.members}
