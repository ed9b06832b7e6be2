"""Efficiency-mode categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from ..math.percentage import PERCENTAGE_FACTOR, percent_mul
from .fields import DescribedModel, OrDecimalString, PositiveShare

Members = Annotated[tuple[str, ...], Field(strict=False)]


class EModeConfig(DescribedModel):
    """One efficiency-mode category; reserves are named by their keys.

    Until v3.1 a category may have a price of its own, that of the asset `price_source`.
    """

    id: Annotated[int, Field(ge=1, le=255), OrDecimalString()]
    """The number of the category."""
    label: str
    """What the category is called."""
    ltv_bps: PositiveShare
    """What its collateral lends to its users, in basis points of its value."""
    liquidation_threshold_bps: PositiveShare
    """The part of its collateral's value, in basis points, that debts of its users may reach before a liquidation."""
    liquidation_bonus_bps: Annotated[int, Field(gt=10_000, le=65_535), OrDecimalString()]
    """What a liquidator of its users gets for what is repaid, in basis points: 10100 for a bonus of 1%."""
    collateral: Members = ()
    """The reserves that are collateral in it."""
    borrowable: Members = ()
    """The reserves that its users can borrow."""
    ltv_zero: Members = ()
    """Those of its collateral that lend nothing in it. From v3.6 on."""
    isolated: bool = False
    """Does only its own collateral lend to its users? From v3.7 on."""
    price_source: str | None = None
    """The reserve whose price counts for all of them. Until v3.0.2."""

    @model_validator(mode="after")
    def _limits_are_admissible(self) -> Self:
        wrong = []
        if self.ltv_bps > self.liquidation_threshold_bps:
            wrong.append("ltv_bps is above liquidation_threshold_bps")
        if percent_mul(self.liquidation_threshold_bps, self.liquidation_bonus_bps) > PERCENTAGE_FACTOR:
            wrong.append("liquidation_threshold_bps times liquidation_bonus_bps is above 100%")
        if wrong:
            raise ValueError(f"e-mode category {self.id}: {'; '.join(wrong)}")
        return self

    @property
    def named(self) -> Iterator[tuple[str, str]]:
        """The field and the key, for each reserve that the category names."""
        for field in ("collateral", "borrowable", "ltv_zero"):
            for key in getattr(self, field):
                yield field, key
        if self.price_source is not None:
            yield "price_source", self.price_source
