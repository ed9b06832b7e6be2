"""Deleverager: keeps a position above a health factor, with a top-up first, and by selling collateral after that."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Self

from pooltwin.protocol.address import named_address
from pooltwin.protocol.answers.search import last
from pydantic import Field, PrivateAttr, model_validator

from ..engine.agent import Agent
from ..engine.hand import EVERYTHING, Hand
from ..engine.phase import Phase, Wake
from ..engine.world import World
from ..units import PRICE_UNIT, WAD, Number, to_units
from .standing import standing_of, threshold_of, units_of
from .targets import addition_for_health, repayment_for_health, sale_for_health, withdrawable_at_health

Health = Annotated[Number, Field(gt=1)]
A_TOUCH_MORE = Fraction(1_000_001, 1_000_000)
"""By so much it aims above its target, so that rounding does not leave it below."""


class Deleverager(Agent):
    """Watches its health factor. Below the floor, and after a delay, it tops up, and then sells in pieces to repay."""

    phase: ClassVar[Phase] = Phase.BORROWERS
    wakes_on: ClassVar[Wake] = Wake.PRINTS | Wake.CALLS

    collateral: str = Field(description="The asset that it sells.")
    acts_for: str | None = Field(
        default=None,
        description="The name of another agent, as a looper, on whose account it works. None: on its own.",
    )
    supplies: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Whole tokens, by asset, that it takes in from outside and supplies at the start. None by default: "
        "for an account (`address`) that has a position already.",
    )
    borrows: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict, description="Whole tokens, by asset, that it borrows at the start, and spends elsewhere."
    )
    floor: Health = Field(
        default=Decimal("1.05"),
        description="The health factor below which it acts. 1.05 leaves time for a fall of about 5%.",
    )
    restore_to: Health = Field(
        default=Decimal("1.10"), description="The health factor that it acts up to; not below the floor."
    )
    delay_blocks: Annotated[int, Field(ge=0)] = Field(
        default=25,
        description="Blocks from falling below the floor to its first act. 25 are five minutes: somebody has to notice "
        "and sign. 0: a script that is awake.",
    )
    top_up: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict,
        description="A budget in whole tokens by asset, from outside, that is spent before anything is sold: on debts "
        "in the same asset, else as more collateral. None by default.",
    )
    reserve_price_usd: Annotated[Number, Field(gt=0)] | None = Field(
        default=None,
        description="The average price, in dollars, below which it sells nothing: it would rather be liquidated. None "
        "by default: it sells at any price.",
    )
    piece_health_factor: Annotated[Number, Field(ge=1)] = Field(
        default=Decimal("1.01"),
        description="The health factor that no withdrawal takes it below. Nearer to 1 makes fewer pieces; a position "
        "below it already can only be topped up, because the pool lets nothing leave. The pool itself demands 1.",
    )
    most_pieces: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=50, description="Pieces that it sells in one block at the most; more wait for the next try."
    )
    retry_blocks: Annotated[int, Field(ge=1)] = Field(
        default=5, description="Blocks to the next try while it is not where it wants to be. 5 are a minute."
    )

    _since: int | None = PrivateAttr(default=None)
    """The block in which it fell below the floor."""
    _budget: dict[str, int] = PrivateAttr(default_factory=dict)
    _has_refused: bool = PrivateAttr(default=False)
    """Has it said since then that it does not sell?"""

    @model_validator(mode="before")
    @classmethod
    def _find_the_account(cls, given: Any) -> Any:
        other = given.get("acts_for") if isinstance(given, dict) else None
        if not isinstance(other, str):
            return given
        account = named_address(f"agent {other}")
        if given.get("address") not in (None, account):
            raise ValueError("give acts_for or address, not both")
        return {**given, "address": account}

    @model_validator(mode="after")
    def _floor_is_lowest(self) -> Self:
        if self.restore_to < self.floor:
            raise ValueError(f"restore_to {self.restore_to} lies below the floor {self.floor}")
        return self

    def assumes(self) -> Iterator[str]:
        """Say what it takes for granted."""
        if self.borrows:
            yield f"{self.name} spends what it borrows at the start outside."
        if self.top_up:
            yield f"{self.name} has its top-up at hand whenever it needs it."

    def start(self, world: World, me: Hand) -> None:
        """Enter its position, if it does not have one."""
        for asset, tokens in self.supplies.items():
            amount = to_units(tokens, world.decimals(asset))
            me.fund(asset, amount)
            me.supply(asset, amount)
        for asset, tokens in self.borrows.items():
            me.borrow(asset, to_units(tokens, world.decimals(asset)))
            me.sell(asset, me.balance(asset))
        self._budget.update({asset: to_units(tokens, world.decimals(asset)) for asset, tokens in self.top_up.items()})

    def act(self, world: World, me: Hand) -> int | None:
        """Wait for the delay to pass, then top up and sell until the position is restored."""
        if self._since is None:
            if me.health_factor >= _wad(self.floor):
                return None
            self._since, self._has_refused = world.block, False
        if world.block < self._since + self.delay_blocks:
            return self._since + self.delay_blocks
        for asset in self._budget:
            self._top_up(world, me, asset)
        for _ in range(self.most_pieces):
            if self._is_restored(me) or not self._sell_a_piece(world, me):
                break
        if self._is_restored(me):
            self._since = None
            return None
        return world.block + self.retry_blocks

    @property
    def _aim(self) -> Fraction:
        return Fraction(self.restore_to) * A_TOUCH_MORE

    def _is_restored(self, me: Hand) -> bool:
        return me.health_factor >= _wad(self.restore_to)

    def _top_up(self, world: World, me: Hand, asset: str) -> None:
        """Spend what is needed of the budget in one asset, at most what is left of it."""
        left, owed = self._budget[asset], me.debt(asset)
        if not left or self._is_restored(me):
            return
        standing, health = standing_of(world, me.address), self._aim
        if owed:
            dollars: Fraction | None = repayment_for_health(standing.weighted, standing.debt, health)
        else:
            dollars = addition_for_health(
                standing.weighted, standing.debt, threshold_of(world, me.address, asset), health
            )
        needed = left if dollars is None else min(left, units_of(world, asset, dollars) + 1)
        spent = min(needed, owed) if owed else needed
        me.fund(asset, spent)
        outcome = me.repay(asset, spent) if owed else me.supply(asset, spent)
        if outcome:
            self._budget[asset] -= spent

    def _sell_a_piece(self, world: World, me: Hand) -> bool:
        """Withdraw, sell and repay once. Returns whether that was possible."""
        debt = self._largest_debt(world, me)
        amount = self._piece(world, me) if debt else 0
        if not amount or not (withdrawn := me.withdraw(self.collateral, amount)):
            return False
        sold = me.sell(self.collateral, withdrawn.value, into=debt)
        return bool(sold) and bool(me.repay(debt, self._payment(me, debt)))

    def _payment(self, me: Hand, debt: str) -> int:
        there = me.balance(debt)
        return EVERYTHING if there >= me.debt(debt) else there

    def _largest_debt(self, world: World, me: Hand) -> str:
        debts = {asset: owed for asset in world.market.assets if (owed := me.debt(asset))}
        return max(debts, key=lambda asset: world.value(asset, debts[asset]), default="")

    def _piece(self, world: World, me: Hand) -> int:
        """Find how much can and should leave now: by the target, the pool's rules and cash, and the reserve price."""
        standing = standing_of(world, me.address)
        threshold = threshold_of(world, me.address, self.collateral)
        price = Fraction(world.price(self.collateral), PRICE_UNIT)
        kept = world.raw_price(self.collateral) / price
        wanted = sale_for_health(standing.weighted, standing.debt, threshold, self._aim, kept)
        if wanted is None:
            self._refuse(me, "selling would not help", world)
            return 0
        free = withdrawable_at_health(standing.weighted, standing.debt, threshold, Fraction(self.piece_health_factor))
        dollars = wanted if free is None else min(wanted, free)
        most = min(units_of(world, self.collateral, max(Fraction(0), dollars)), world.cash(self.collateral))
        amount = self._sellable(world, min(most, me.supplied(self.collateral)))
        if most and not amount:
            self._refuse(me, "below the reserve price", world)
        return amount

    def _sellable(self, world: World, amount: int) -> int:
        """Cut an amount to what brings the reserve price on average."""
        if self.reserve_price_usd is None or not amount:
            return amount
        venue, unit = world.venue(self.collateral), 10 ** world.decimals(self.collateral)
        least = Fraction(self.reserve_price_usd) / unit
        return last(1, amount, lambda part: venue.quote(part) >= least * part, amount)

    def _refuse(self, me: Hand, why: str, world: World) -> None:
        """Note, once for each time below the floor, that it does not sell."""
        if not self._has_refused:
            self._has_refused = True
            price = int(world.raw_price(self.collateral) * PRICE_UNIT)
            me.note("does not sell", asset=self.collateral, why=why, price=price, health_factor=me.health_factor)


def _wad(health: Decimal) -> int:
    return int(Fraction(health) * WAD)
