"""Settings of a liquidator: its money, how fast it is, what a call costs it, and what it does with the collateral."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pooltwin.protocol.models import AddressField
from pydantic import Field, model_validator

from ..units import BPS, Frozen, Number

Dollars = Annotated[Number, Field(ge=0)]
Way = Literal["own", "flash loan", "unlimited"]


class GasPoint(Frozen):
    """Cost of a call from a time on."""

    after_seconds: Annotated[int, Field(ge=0)] = Field(description="Seconds after the first block.")
    usd: Dollars = Field(description="Dollars a call costs from then on.")


class LiquidatorSettings(Frozen):
    """How one liquidator works. All of it can be left out."""

    funding: Literal["own", "flash loan", "either", "unlimited"] = Field(
        default="own",
        description="Money to repay with. own: its capital, and what its sales brought. flash loan: the pool's own "
        "cash, lent for one transaction in which the collateral is sold too. either: whichever pays more. unlimited: "
        "money from outside for every call, recorded as such.",
    )
    capital: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Whole tokens that it owns at the start, by asset. It repays debts in these assets only, and what "
        "it sells it sells into the asset that it repaid. There is no default: without capital there are no calls.",
    )
    latency_blocks: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=1,
        description="Blocks of 12 seconds between the block in which an account can first be liquidated and the call. "
        "1: it sees a block and is in the next. 0 is for who rides in the same block right behind the price.",
    )
    gas_usd: Dollars = Field(
        default=Decimal(30),
        description="Dollars a call costs. 30 are 500,000 gas at 20 gwei and 3,000 dollars for ether; at the 400 gwei "
        "of a night of stress it is 600. It counts against the profit and is paid from elsewhere, not out of the "
        "capital.",
    )
    gas_course: Annotated[tuple[GasPoint, ...], Field(strict=False)] = Field(
        default=(), description="Other costs of a call from certain times on, in order of time. None by default."
    )
    minimum_profit_usd: Dollars = Field(
        default=Decimal(0),
        description="Dollars that must be more than left of a liquidation after all costs. 0: any profit will do, "
        "which is as eager as a liquidator can reasonably be.",
    )
    bid_bps: Annotated[int, Field(ge=0, lt=BPS)] = Field(
        default=0,
        description="Share of the expected profit, in basis points, that it pays for its place in the block. Where "
        "several want the same liquidation their places are drawn by lot, with what they would pay as weights. "
        "It is paid from elsewhere, as gas is.",
    )
    pairs: Literal["best", "largest"] = Field(
        default="best",
        description="Which collateral it takes for which debt. best: the pair that pays most, of all. largest: only "
        "the largest collateral and the largest debt, by worth at the pool's prices.",
    )
    strategy: Literal["one call", "two calls"] = Field(
        default="one call",
        description="two calls: if that pays more, first repay so much that the account just stays liquidatable, and "
        "then what is allowed again; it helps where the close factor limits a call. Not with flash loans.",
    )
    short_of_cash: Literal["part", "wait", "a tokens"] = Field(
        default="part",
        description="What it does when the pool has less free collateral than it would take. part: take what is there. "
        "wait: call only when all is there. a tokens: take aTokens, which nobody can redeem at once; it values them "
        "as `a_token_worth_bps` says, and redeems and sells them when the pool has cash.",
    )
    a_token_worth_bps: Annotated[int, Field(ge=0, le=BPS)] = Field(
        default=BPS,
        description="What it believes an aToken to be worth of the same collateral sold now, in basis points. 10,000, "
        "par, is the kindest belief: who waits for cash bears the price meanwhile.",
    )
    collateral: Literal["sell", "keep"] = Field(
        default="sell",
        description="sell: at the venue in the same block, and the price gives way. keep: it holds an inventory, "
        "valued as if sold now, and its capital does not come back.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.funding in ("flash loan", "either") and self.collateral == "keep":
            raise ValueError("a flash loan is paid back with the collateral, so the collateral cannot be kept")
        if self.strategy == "two calls" and self.funding in ("flash loan", "either"):
            raise ValueError("two calls are made with money of one's own, not with flash loans")
        if self.capital and self.funding in ("flash loan", "unlimited"):
            raise ValueError(
                f"capital is not used with funding {self.funding!r}: leave it out, or say 'own' or 'either'"
            )
        times = [point.after_seconds for point in self.gas_course]
        if times != sorted(set(times)):
            raise ValueError(f"the times of gas_course do not rise: {times}")
        return self

    @property
    def ways(self) -> tuple[Way, ...]:
        """The kinds of money that it may repay with."""
        return ("own", "flash loan") if self.funding == "either" else (self.funding,)

    def taken_for_granted(self) -> Iterator[str]:
        """Say what the settings take for granted, as sentences without their subject."""
        yield "sees pool and venue as they are, and nobody comes between its plan and its call."
        until = " at the start" if self.gas_course else ""
        yield f"pays {self.gas_usd} dollars of gas for a call{until}, whatever happens."
        if self.funding == "unlimited":
            yield "has money without limit."
        if self.short_of_cash == "a tokens":
            worth = f"{self.a_token_worth_bps:,} of 10,000"
            yield f"takes aTokens where the pool lacks cash, and believes them worth {worth} of what a sale brings now."
        if self.collateral == "keep":
            yield "keeps what it takes, valued as if sold at once, so that it presses no price."

    def gas_at(self, seconds: int) -> Fraction:
        """What a call costs (dollars) so many seconds after the first block."""
        past = [point.usd for point in self.gas_course if point.after_seconds <= seconds]
        return Fraction(past[-1] if past else self.gas_usd)


class Watching(Frozen):
    """Whom liquidators look at, and when."""

    accounts: Annotated[tuple[AddressField, ...], Field(strict=False)] | None = Field(
        default=None, description="The accounts that they look at, in this order. All, unless given."
    )
    first: Literal["largest", "listed"] = Field(
        default="largest",
        description="Who is liquidated first where several can be. largest: by debt, as most profit lies there. "
        "listed: in the order of `accounts`, or of addresses.",
    )
    retry_blocks: Annotated[int, Field(ge=1)] | None = Field(
        default=5,
        description="Blocks after which they look again at accounts that could not be liquidated at a profit: the "
        "venue may have refilled. 5 are a minute. null: only when a price moves or somebody acts.",
    )
    look_every_blocks: Annotated[int, Field(ge=1)] | None = Field(
        default=300,
        description="Blocks after which they look at everybody although no price moved, for whom interest alone makes "
        "liquidatable. 300 are an hour. null: never.",
    )
