"""Guardian: freezes reserves, takes away their LTV or pauses them some time after a trigger, by the roles there are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

from pooltwin.protocol.state import bitmaps
from pydantic import Field, PrivateAttr, model_validator

from ..engine.agent import Agent
from ..engine.hand import Hand
from ..engine.outcome import Outcome
from ..engine.phase import SECONDS_A_BLOCK, Phase, Wake
from ..engine.world import World
from ..units import BPS, PRICE_UNIT, Number, ceil_div

SECONDS_A_MINUTE = 60


class Guardian(Agent):
    """Watches for trouble, and acts as those with a role at the pool do: later, and only as the role allows.

    The market's admin grants it the role at the start: RISK_ADMIN to freeze or to take the LTV away, EMERGENCY_ADMIN to
    pause. Only what the pool's configurator then lets it do is done; e-mode categories keep their LTV.
    """

    phase: ClassVar[Phase] = Phase.KEEPERS
    wakes_on: ClassVar[Wake] = Wake.PRINTS | Wake.PRICES | Wake.CALLS

    assets: Annotated[tuple[str, ...], Field(min_length=1, strict=False)] = Field(
        description="The assets that it acts on, and whose prices it watches."
    )
    does: Literal["freeze", "ltv zero", "pause"] = Field(
        default="freeze",
        description="freeze: no more supplying and borrowing. ltv zero: it lends nothing any more, but positions stay "
        "as they are. pause: nothing moves at all, liquidations included. A freeze is what guardians reach for first.",
    )
    delay_minutes: Annotated[int, Field(ge=0)] = Field(
        default=60,
        description="Minutes from the trigger to the act. 60: signers have to be found first; in April 2026 a "
        "freeze came after 77.",
    )
    uncovered_usd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="Triggered when the debt beyond the collateral behind it exceeds so many dollars."
    )
    deficit_usd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="Triggered when the deficits of all reserves exceed so many dollars. From v3.3 on."
    )
    deviation_bps: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Triggered when the pool's price of one of the assets lies so many basis points away from the "
        "price outside.",
    )

    _due: int | None = PrivateAttr(default=None)
    """The block in which it acts."""
    _done: bool = PrivateAttr(default=False)

    @model_validator(mode="after")
    def _has_a_trigger(self) -> Self:
        if self.uncovered_usd is None and self.deficit_usd is None and self.deviation_bps is None:
            raise ValueError("give at least one of uncovered_usd, deficit_usd and deviation_bps")
        return self

    def assumes(self) -> Iterator[str]:
        """Say what it takes for granted."""
        yield f"{self.name} is granted its role by the market's admin, and nobody undoes what it does."
        if self.does == "ltv zero":
            yield f"{self.name} leaves the LTV of e-mode categories as it is."

    def start(self, world: World, me: Hand) -> None:
        """Be granted the role."""
        manager = world.market.acl_manager
        grant = manager.add_emergency_admin if self.does == "pause" else manager.add_risk_admin
        me.call(grant, me.address, sender=world.market.admin)

    def act(self, world: World, me: Hand) -> int | None:
        """Look for a trigger; when its time has come, act."""
        if self._done:
            return None
        if self._due is None:
            why = next(self._triggers(world), None)
            if why is None:
                return None
            self._due = world.block + ceil_div(self.delay_minutes * SECONDS_A_MINUTE, SECONDS_A_BLOCK)
            me.note("trigger", **why, acts_in_block=self._due)
        if world.block < self._due:
            return self._due
        self._done = True
        for asset in self.assets:
            outcome = self._do(world, me, asset)
            me.note("guardian", asset=asset, does=self.does, done=bool(outcome))
        return None

    def _triggers(self, world: World) -> Iterator[dict[str, Any]]:
        """Name what has gone over its limit, with the figure; dollars with 8 decimals."""
        if self.deviation_bps is not None:
            for asset in self.assets:
                told, outside = Fraction(world.price(asset), PRICE_UNIT), world.raw_price(asset)
                if not outside or abs(told / outside - 1) > Fraction(self.deviation_bps, BPS):
                    yield {"why": "the price deviates", "asset": asset, "price": int(told * PRICE_UNIT)}
        if self.deficit_usd is not None:
            deficits = world.deficits_base()
            if deficits > _base(self.deficit_usd):
                yield {"why": "a deficit", "deficits_base": deficits}
        if self.uncovered_usd is not None:
            _, uncovered, _ = world.uncovered()
            if uncovered > _base(self.uncovered_usd):
                yield {"why": "uncovered debt", "uncovered_base": uncovered}

    def _do(self, world: World, me: Hand, asset: str) -> Outcome:
        configurator, where = world.market.configurator, world.market.asset(asset)
        if self.does == "freeze":
            return me.call(configurator.set_reserve_freeze, where, True)
        if self.does == "pause":
            return me.call(configurator.set_reserve_pause, where, True)
        configuration = world.market.pool.reserves[where].configuration
        threshold, bonus = bitmaps.liquidation_threshold(configuration), bitmaps.liquidation_bonus(configuration)
        return me.call(configurator.configure_reserve_as_collateral, where, 0, threshold, bonus)


def _base(dollars: Decimal) -> int:
    return int(Fraction(dollars) * PRICE_UNIT)
