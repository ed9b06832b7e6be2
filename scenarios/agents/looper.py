"""Looper: builds a leveraged position turn by turn, as one does by hand or with a contract."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Self

from pydantic import Field, PrivateAttr, model_validator

from ..engine.agent import Agent
from ..engine.hand import Hand
from ..engine.phase import Phase, Wake
from ..engine.world import World
from ..units import BPS, PRICE_UNIT, WAD, Number, to_units
from ..venues.venue import NotEnoughDepthError
from .standing import Standing, most_for, standing_of, threshold_of, units_of
from .targets import borrow_for_health, borrow_for_leverage

ALMOST_ALL = Fraction(9_999, BPS)
"""The share of what can be borrowed that is borrowed, so that no rounding refuses it."""


class Looper(Agent):
    """Supplies collateral, borrows against it, buys more of it, and supplies that, until a target is reached."""

    phase: ClassVar[Phase] = Phase.BORROWERS
    wakes_on: ClassVar[Wake] = Wake.NOTHING

    collateral: str = Field(description="The asset that it is long of.")
    own: Annotated[Number, Field(gt=0)] = Field(description="Whole tokens of the collateral that it owns at the start.")
    debts: dict[str, Annotated[int, Field(ge=1)]] = Field(
        min_length=1,
        description="Assets that it borrows, each with its part, as 80 and 20 for four fifths and one fifth.",
    )
    target_leverage: Annotated[Number, Field(gt=1)] | None = Field(
        default=None, description="Collateral by own money at which it stops, as 2.2. This or a health factor."
    )
    target_health_factor: Annotated[Number, Field(gt=1)] | None = Field(
        default=None, description="Health factor at which it stops, as 1.15. This or a leverage."
    )
    e_mode: Annotated[int, Field(ge=0, le=255)] = Field(
        default=0, description="The e-mode category that it enters first; 0 for none."
    )
    keep_health_factor: Annotated[Number, Field(ge=1)] = Field(
        default=Decimal("1.03"),
        description="The health factor that no borrowing takes it below before the purchase is supplied. 1.03 is a "
        "small margin; the pool itself allows less by the LTV.",
    )
    blocks_a_turn: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Blocks from one turn to the next. 0: all turns at the start, as a contract does it."
    )
    most_turns: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=50, description="Turns after which it stops. At an LTV of 80% twenty come within 1% of all there is."
    )
    smallest_turn_usd: Annotated[Number, Field(gt=0)] = Field(
        default=Decimal(100), description="Dollars below which a turn is not worth its gas, and it stops."
    )

    _turns: int = PrivateAttr(default=0)
    _done: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.target_leverage is None) == (self.target_health_factor is None):
            raise ValueError("give exactly one of target_leverage and target_health_factor")
        return self

    def assumes(self) -> Iterator[str]:
        """Say what it takes for granted."""
        yield f"{self.name} changes what it borrows into dollars at the price outside, in any amount."

    def start(self, world: World, me: Hand) -> None:
        """Supply its own, and take all turns if they come at once."""
        me.fund(self.collateral, to_units(self.own, world.decimals(self.collateral)))
        outcomes = [me.supply(self.collateral, me.balance(self.collateral))]
        if self.e_mode:
            outcomes.append(me.set_e_mode(self.e_mode))
        self._done = not all(outcomes)
        self._tell(world, me, borrowed={}, bought=0)
        while self.blocks_a_turn == 0 and not self._done:
            self._turn(world, me)

    def act(self, world: World, me: Hand) -> int | None:
        """Take one turn, until the target is reached or nothing more is to be had."""
        if not self._done:
            self._turn(world, me)
        return None if self._done else world.block + self.blocks_a_turn

    def _turn(self, world: World, me: Hand) -> None:
        self._turns += 1
        dollars = self._to_borrow(world, me)
        if dollars < Fraction(self.smallest_turn_usd) or self._turns > self.most_turns:
            self._done = True
            return
        borrowed, bought = {}, 0
        for asset, part in self.debts.items():
            wanted = units_of(world, asset, dollars * part / sum(self.debts.values()))
            amount = min(wanted, world.cash(asset))
            if not amount or not me.borrow(asset, amount):
                self._done = True
                continue
            borrowed[asset] = amount
            bought += self._buy(world, me, asset)
        if bought and not me.supply(self.collateral, me.balance(self.collateral)):
            self._done = True
        if borrowed:
            self._tell(world, me, borrowed=borrowed, bought=bought)

    def _to_borrow(self, world: World, me: Hand) -> Fraction:
        """Dollars to borrow in this turn: what leads to the target, or what can be had now."""
        standing = standing_of(world, me.address)
        wanted = self._wanted(standing, threshold_of(world, me.address, self.collateral))
        credit = Fraction(world.account_data(me.address).available_borrows_base, PRICE_UNIT)
        kept = standing.weighted / Fraction(self.keep_health_factor) - standing.debt
        room: Fraction = min(credit, kept) * ALMOST_ALL
        return room if wanted is None or wanted > room else wanted

    def _wanted(self, standing: Standing, threshold: Fraction) -> Fraction | None:
        if self.target_leverage is not None:
            return borrow_for_leverage(standing.collateral, standing.debt, Fraction(self.target_leverage))
        health = Fraction(self.target_health_factor or 1)
        return borrow_for_health(standing.weighted, standing.debt, threshold, health)

    def _buy(self, world: World, me: Hand, paying: str) -> int:
        """Buy collateral for all there is of an asset. Returns how much."""
        venue = world.venue(self.collateral)
        budget: Fraction = me.balance(paying) * world.raw_price(paying) / 10 ** world.decimals(paying)

        def cost(amount: int) -> Fraction:
            try:
                return venue.cost(amount)
            except NotEnoughDepthError:
                return budget + 1

        amount = most_for(budget, cost, world.units(self.collateral, budget))
        return amount if amount and me.buy(self.collateral, amount, paying=paying) else 0

    def _tell(self, world: World, me: Hand, *, borrowed: dict[str, int], bought: int) -> None:
        """Note where a turn has led."""
        standing = standing_of(world, me.address)
        trigger = world.market.liquidation_price(me.address, self.collateral) if standing.debt else None
        leverage = standing.leverage
        me.note(
            "turn",
            turn=self._turns,
            borrowed=borrowed,
            bought=bought,
            collateral_base=int(standing.collateral * PRICE_UNIT),
            debt_base=int(standing.debt * PRICE_UNIT),
            leverage_bps=None if leverage is None else int(leverage * BPS),
            health_factor=int(standing.weighted * WAD / standing.debt) if standing.debt else None,
            trigger_price=None if trigger is None else int(trigger),
        )
