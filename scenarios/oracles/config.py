"""Oracles as a scenario file states them: a list of stages, told by their kind.

All times are seconds since the scenario began. Prices with 8 decimals, as the pool reads them, are made by rounding
down.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from ..plain_data import read_settings
from ..units import BPS, Frozen, Number, to_price, to_units
from .cap import CapParameters
from .chain import Chain
from .stages import BLOCK_S, Delay, Deviation, Fallback, Fault, PriceCap, RatioCap, Stage, Window

RATIO_DECIMALS = 18
Ratio = Annotated[Number, Field(gt=0, max_digits=40, decimal_places=RATIO_DECIMALS)]
Seconds = Annotated[int, Field(ge=0)]


class StageSettings(Frozen):
    """Settings of a stage."""

    @abstractmethod
    def stage(self) -> Stage:
        """Make the stage."""


class ReadsStage(Frozen):
    """The chain begins with another asset's price."""

    kind: Literal["reads"] = Field(description="Begin with another asset's market price. Only as the first stage.")
    asset: str = Field(description="The asset whose price is read, as WETH for a token staked from it.")


class DeviationStage(StageSettings):
    """A feed that prints when the price has moved enough, or when its heartbeat is over."""

    kind: Literal["deviation"] = Field(description="A feed that prints on deviation or heartbeat.")
    deviation_bps: Annotated[int, Field(ge=0, le=BPS)] = Field(
        description="It prints when the price has moved by this share of the last print, in basis points: 50 is 0.5%."
    )
    heartbeat_s: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="It prints at least this often, in seconds. Left out: only on deviation."
    )

    def stage(self) -> Stage:
        """Make the stage."""
        return Deviation(self.deviation_bps, self.heartbeat_s)


class DelayStage(StageSettings):
    """Every price comes later."""

    kind: Literal["delay"] = Field(description="Every price comes some blocks later.")
    blocks: Annotated[int, Field(ge=0)] = Field(description=f"Blocks of {BLOCK_S} seconds.")

    def stage(self) -> Stage:
        """Make the stage."""
        return Delay(self.blocks)


class CapChange(Frozen):
    """Parameters of a price cap, set at a time."""

    from_s: Seconds = Field(default=0, description="Second at which they are set.")
    snapshot_ratio: Ratio = Field(description="Ratio at the snapshot.")
    snapshot_s: int = Field(description="Second of the snapshot; below zero before the scenario began.")
    max_yearly_growth_bps: Annotated[int, Field(ge=0, lt=1 << 16)] = Field(
        description="Growth of the ratio that is believed in a year, in basis points of the snapshot's."
    )

    @model_validator(mode="after")
    def _not_in_the_future(self) -> Self:
        if self.snapshot_s > self.from_s:
            raise ValueError(
                f"the snapshot of second {self.snapshot_s} lies after second {self.from_s}, when it is set"
            )
        return self

    def parameters(self) -> tuple[int, CapParameters]:
        """The block from which they hold, and the parameters."""
        ratio = to_units(self.snapshot_ratio, RATIO_DECIMALS)
        holds = Window.of_seconds(self.from_s, None).begins
        return holds, CapParameters(ratio, self.snapshot_s, self.max_yearly_growth_bps)


class CapStage(StageSettings):
    """A staked token's price: that of its base asset times a ratio, as far as it is believed (Aave's CAPO)."""

    kind: Literal["cap"] = Field(
        description="A staked token's price from its base asset's, with a capped ratio. The stages before it see the "
        "base asset: begin with `reads`, unless the asset's own path is the base asset's."
    )
    ratio: Ratio = Field(description="The actual ratio when the scenario begins.")
    ratio_growth_yearly_bps: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Growth of the actual ratio in a year, in basis points."
    )
    parameters: Annotated[tuple[CapChange, ...], Field(min_length=1, strict=False)] = Field(
        description="Parameters of the cap, in order of the seconds at which they are set; the first at second 0."
    )
    refresh_s: Annotated[int, Field(ge=1)] = Field(
        default=3600,
        description="While the base asset's price stands, the drift of both ratios is taken up this often, in seconds.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        since = [change.from_s for change in self.parameters]
        if since[0] or since != sorted(set(since)):
            raise ValueError("the parameters' from_s must begin with 0 and rise")
        return self

    def stage(self) -> Stage:
        """Make the stage."""
        changes = [change.parameters() for change in self.parameters]
        return RatioCap(to_units(self.ratio, RATIO_DECIMALS), self.ratio_growth_yearly_bps, changes, self.refresh_s)


class PriceCapStage(StageSettings):
    """A stablecoin's price, which is never believed above a fixed one."""

    kind: Literal["price_cap"] = Field(description="A price that is never believed above a fixed one.")
    largest: Annotated[Number, Field(gt=0)] = Field(description="The highest price that is believed, in dollars.")

    def stage(self) -> Stage:
        """Make the stage."""
        return PriceCap(to_price(self.largest))


class FallbackStage(StageSettings):
    """A feed whose first source may be out; then a second one is believed, later."""

    kind: Literal["fallback"] = Field(description="A second source, believed after a delay while the first is out.")
    delay_blocks: Annotated[int, Field(ge=0)] = Field(description="Blocks after which the second source is believed.")
    out_from_s: Seconds = Field(default=0, description="Second from which the first source is out.")
    out_until_s: Seconds | None = Field(default=None, description="Second at which it is back. Left out: never.")

    def stage(self) -> Stage:
        """Make the stage."""
        return Fallback(self.delay_blocks, Window.of_seconds(self.out_from_s, self.out_until_s))


class FaultStage(StageSettings):
    """An oracle that is wrong for a time."""

    kind: Literal["fault"] = Field(description="A wrong price for a time.")
    fault: Literal["freeze", "jump", "fixed"] = Field(
        description="freeze: the last price stays. jump: a share of the price is told. fixed: one price is told."
    )
    jump_bps: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="For a jump: the share of the price that is told, in bps. 9715 is 2.85% too low."
    )
    price: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="For a fixed price: dollars. Zero sends the pool to its fallback oracle."
    )
    from_s: Seconds = Field(default=0, description="Second at which it begins.")
    until_s: Seconds | None = Field(default=None, description="Second at which it is over. Left out: never.")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        wanted = {"freeze": (False, False), "jump": (True, False), "fixed": (False, True)}[self.fault]
        if (self.jump_bps is not None, self.price is not None) != wanted:
            raise ValueError("a jump has jump_bps, a fixed price has price, and a freeze neither")
        return self

    def stage(self) -> Stage:
        """Make the stage."""
        fixed = None if self.price is None else to_price(self.price)
        return Fault(Window.of_seconds(self.from_s, self.until_s), self.jump_bps, fixed)


StageConfig = Annotated[
    ReadsStage | DeviationStage | DelayStage | CapStage | PriceCapStage | FallbackStage | FaultStage,
    Field(discriminator="kind"),
]
"""Any stage of a scenario file, told by its `kind`."""


def _reads_first(stages: tuple[StageConfig, ...]) -> tuple[StageConfig, ...]:
    for number, stage in enumerate(stages[1:], 2):
        if isinstance(stage, ReadsStage):
            raise ValueError(f"stage {number} reads {stage.asset}, but only the first stage can read another asset")
    return stages


OracleConfig = Annotated[tuple[StageConfig, ...], Field(strict=False), AfterValidator(_reads_first)]
"""The stages of an oracle, from the market to the pool. None at all: the pool is told the market's price."""


def reads(stages: Sequence[StageConfig]) -> str | None:
    """The asset whose market price an oracle reads in place of its own. None for its own."""
    first = stages[0] if stages else None
    return first.asset if isinstance(first, ReadsStage) else None


def open_chain(stages: Sequence[StageConfig], price: Fraction, block: int = 0) -> Chain:
    """Begin a chain in a block, with the price (dollars a whole token) of the asset that it reads."""
    made = [stage.stage() for stage in stages if not isinstance(stage, ReadsStage)]
    return Chain(made, block, price, reads(stages))


_ORACLE: TypeAdapter[OracleConfig] = TypeAdapter(OracleConfig)


def open_oracle(stages: object, price: Fraction, block: int = 0) -> Chain:
    """Begin an oracle by the data of a scenario file: a list of stages, as [{"kind": "delay", "blocks": 2}].

    The price (dollars a whole token) is that of the asset that it reads. Raises ValueError, in words, for what is no
    oracle.
    """
    settings = read_settings(_ORACLE, stages)
    return open_chain(settings, price, block)
