"""Interest rates: two slopes with a kink for variable debts, and the same for stable ones."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from ..math.wad_ray import RAY
from .fields import DescribedModel, OrDecimalString

RAY_PER_BPS = RAY // 10_000
"""One basis point as a ray."""

Rate = Annotated[int, Field(ge=0, le=100_000), OrDecimalString()]
"""Basis points a year, up to 1000%."""
RayRate = Annotated[int, Field(ge=0, le=10 * RAY + RAY_PER_BPS - 1), OrDecimalString()]
"""The same as a ray: 10^27 for 100%."""
_Usage = Annotated[int, Field(ge=0, le=10_000), OrDecimalString()]
_RayUsage = Annotated[int, Field(ge=0, le=RAY), OrDecimalString()]


def _either_unit(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema that a figure in ray may stand for the one in basis points."""
    required = schema.pop("required", [])
    choices = [
        {"anyOf": [{"required": [name]}, {"required": [name.replace("_bps", "_ray")]}]}
        for name in required
        if name.replace("_bps", "_ray") in schema["properties"]
    ]
    if choices:
        schema["allOf"] = choices


class FinelySaid(DescribedModel):
    """Figures in basis points, each of which may be given in ray instead: `base_rate_ray` for `base_rate_bps`.

    Where one is given in ray, that in basis points is what is left without the finer part.
    """

    model_config = ConfigDict(json_schema_extra=_either_unit)

    @model_validator(mode="before")
    @classmethod
    def _basis_points_of_rays(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        whole = {}
        for name, value in data.items():
            coarse = str(name).replace("_ray", "_bps")
            if coarse in data or coarse not in cls.model_fields or not str(name).endswith("_ray"):
                continue
            digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 40
            if digits or type(value) is int:
                whole[coarse] = int(value) // RAY_PER_BPS
        return {**data, **whole}

    @model_validator(mode="after")
    def _both_units_agree(self) -> Self:
        for name in type(self).model_fields:
            finer = getattr(self, name) if name.endswith("_ray") else None
            coarse = name.replace("_ray", "_bps")
            if finer is not None and finer // RAY_PER_BPS != getattr(self, coarse):
                raise ValueError(f"{name} {finer} is {finer // RAY_PER_BPS} basis points, not {getattr(self, coarse)}")
        return self

    def in_ray(self, name: str) -> int:
        """One figure in ray, by its name without a unit: `base_rate`."""
        finer = getattr(self, f"{name}_ray")
        return int(getattr(self, f"{name}_bps")) * RAY_PER_BPS if finer is None else int(finer)


class RateParameters(FinelySaid):
    """Interest rates of variable debts, a year: up to a usage they rise gently, above it steeply.

    Solidity: `IDefaultInterestRateStrategyV2.InterestRateData`. A rate in ray that is no whole number of basis points
    can only be said by a strategy of v3.0.2.
    """

    optimal_usage_bps: _Usage
    """The usage (borrowed part of a reserve) at the kink, in basis points. Strategies from v3.2 on take 100 to 9900; 0
    is that of a fixed rate, as GHO had before v3.1: such a one is put into storage."""
    base_rate_bps: Rate
    """The rate at no usage, in basis points."""
    slope1_bps: Rate
    """What usage up to the kink adds to the rate, in basis points."""
    slope2_bps: Rate
    """What usage from the kink to 100% adds, in basis points."""
    optimal_usage_ray: _RayUsage | None = None
    """The usage at the kink in ray (10^27 for 100%), instead of `optimal_usage_bps`."""
    base_rate_ray: RayRate | None = None
    """The rate at no usage in ray, instead of `base_rate_bps`."""
    slope1_ray: RayRate | None = None
    """The slope up to the kink in ray, instead of `slope1_bps`."""
    slope2_ray: RayRate | None = None
    """The slope above the kink in ray, instead of `slope2_bps`."""


class StableRateParameters(FinelySaid):
    """Interest rates of stable debts; the rate begins at the variable slope below the kink. Until v3.0.2.

    Solidity: the last five parameters of `DefaultReserveInterestRateStrategy`, v3.0.2. All zero by default.
    """

    slope1_bps: Rate = 0
    """What usage up to the kink adds to the rate, in basis points."""
    slope2_bps: Rate = 0
    """What usage from the kink to 100% adds, in basis points."""
    base_offset_bps: Rate = 0
    """What a stable rate is above the variable slope below the kink at no usage, in basis points."""
    excess_offset_bps: Rate = 0
    """What is added to the rate when all debt is stable, in basis points."""
    optimal_share_bps: _Usage = 0
    """The share of stable debt in all debt above which the rate rises, in basis points."""
    slope1_ray: RayRate | None = None
    """The slope up to the kink in ray, instead of `slope1_bps`."""
    slope2_ray: RayRate | None = None
    """The slope above the kink in ray, instead of `slope2_bps`."""
    base_offset_ray: RayRate | None = None
    """The offset at no usage in ray, instead of `base_offset_bps`."""
    excess_offset_ray: RayRate | None = None
    """The offset when all debt is stable in ray, instead of `excess_offset_bps`."""
    optimal_share_ray: _RayUsage | None = None
    """The share of stable debt in ray (10^27 for 100%), instead of `optimal_share_bps`."""
