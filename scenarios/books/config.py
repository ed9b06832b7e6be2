"""Settings of a book, as a scenario's file has them: generated from classes, or loaded from a table.

Parts are whole numbers that are compared with each other, so they need not sum to anything. Needs no NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pooltwin.protocol.models.fields import AddressField
from pydantic import ConfigDict, Field, model_validator

from ..units import Frozen

Part = Annotated[int, Field(ge=0, le=10**9)]
"""A part of a whole, beside the other parts."""
Tokens = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
"""Whole tokens, with as many decimals as the token has at most."""
Knot = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0, le=10**15)]]
NUMBER_OF_CLASSES = 250


class _Described(Frozen):
    model_config = ConfigDict(use_attribute_docstrings=True)


def _rising(knots: Sequence[Knot], what: str) -> None:
    for before, after in pairwise(knots):
        if after[0] <= before[0]:
            raise ValueError(f"{what}: {after[0]} does not come after {before[0]}")
        if after[1] < before[1]:
            raise ValueError(f"{what}: at {after[0]} it is {after[1]}, below the {before[1]} at {before[0]}")


def _check_sizes(knots: Sequence[Knot]) -> None:
    _rising(knots, "sizes")
    if knots[0][0] < 1 or knots[0][1] < 1:
        raise ValueError(f"sizes: the first knot is {knots[0]}: a rank from 1 up, with more than nothing")


Sizes = Annotated[tuple[Knot, ...], Field(strict=False, min_length=1, max_length=200)]
"""Rank-size knots: (rank, what the accounts down to this rank have together), both rising; any unit."""


class ReserveTotal(_Described):
    """The totals of one reserve that a book shall have, in whole tokens, interest included."""

    supplied: Tokens
    """What all accounts of the book have supplied."""
    borrowed: Tokens = Decimal(0)
    """What all accounts of the book owe."""


class BorrowerClass(_Described):
    """Accounts that borrow in the same way."""

    name: str = Field(min_length=1)
    """What messages and tables call the class."""
    share: Part
    """The class's part of all accounts."""
    e_mode: Annotated[int, Field(ge=0, le=255)] = 0
    """The e-mode category of its accounts; 0 for none."""
    collateral: dict[str, Part] = Field(min_length=1)
    """By key of the reserve, the part of the class's collateral that is in it, in dollars."""
    debts: dict[str, Part] = Field(min_length=1)
    """By key of the reserve, the class's part of everything that is owed there, beside the other classes' parts."""
    ltv_bps: Annotated[tuple[Knot, ...], Field(strict=False, min_length=2, max_length=200)]
    """Quantiles of the loan-to-value: (share of the accounts, ratio of debt to collateral), both in basis points; from
    share 0 to share 10000."""
    two_collaterals_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    """The share of accounts with a second collateral, in basis points."""
    two_debts_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    """The share of accounts with a second debt, in basis points."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _rising(self.ltv_bps, "ltv_bps")
        if self.ltv_bps[0][0] != 0 or self.ltv_bps[-1][0] != 10_000:
            raise ValueError("ltv_bps: the shares of accounts go from 0 to 10000")
        if self.ltv_bps[0][1] < 1:
            raise ValueError("ltv_bps: a ratio is at least 1")
        for name in ("collateral", "debts"):
            if not any(getattr(self, name).values()):
                raise ValueError(f"{name}: no part is above 0")
        return self


class LenderClass(_Described):
    """Accounts that owe nothing. Lenders have everything that no borrower's collateral is."""

    name: str = Field(min_length=1)
    """What messages and tables call the class."""
    share: Part
    """The class's part of all accounts."""
    supplies: dict[str, Part] | None = None
    """By key of the reserve, the class's part of what is left there, beside the other lenders' parts. Left out: a part
    of 1 in every reserve."""
    sizes: Sizes = ((1, 1),)
    """Rank-size knots of what one reserve's lenders of this class have."""
    collateral: bool = True
    """Are its supplies flagged as collateral, where the reserve can be?"""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_sizes(self.sizes)
        return self


class NamedAccount(_Described):
    """One account as it is known."""

    name: str = Field(min_length=1)
    """What messages and tables call it."""
    address: AddressField | None = None
    """Its address; left out, one is made from its name."""
    e_mode: Annotated[int, Field(ge=0, le=255)] = 0
    """Its e-mode category; 0 for none."""
    supplied: dict[str, Tokens] = Field(default_factory=dict)
    """By key of the reserve, what it has supplied."""
    borrowed: dict[str, Tokens] = Field(default_factory=dict)
    """By key of the reserve, what it owes."""
    collateral: bool = True
    """Are its supplies collateral?"""


class GeneratedBook(_Described):
    """A book made of classes: sizes by rank, loans-to-value by quantiles, totals exact to the smallest unit."""

    kind: Literal["generated"] = "generated"
    title: str = Field(default="generated", min_length=1)
    """Addresses follow from it: two books in one market need two titles."""
    accounts: Annotated[int, Field(ge=1, le=20_000_000)]
    """How many accounts there are, named ones beside them."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Says who is who: equal settings and seeds make equal books on every machine."""
    totals: Literal["market"] | dict[str, ReserveTotal] = "market"
    """By key of the reserve, what the book adds up to; or "market": to what `out_of` has in the market."""
    out_of: AddressField | None = None
    """An account of the market whose shares the book's accounts have, such as a state's `rest_holder`."""
    sizes: Sizes
    """Rank-size knots of debt over all borrowers, named ones not counted."""
    borrowers: Annotated[tuple[BorrowerClass, ...], Field(strict=False, max_length=NUMBER_OF_CLASSES // 2)] = ()
    """The classes of those who owe."""
    lenders: Annotated[tuple[LenderClass, ...], Field(strict=False, min_length=1, max_length=NUMBER_OF_CLASSES // 2)]
    """The classes of those who owe nothing."""
    named: Annotated[tuple[NamedAccount, ...], Field(strict=False)] = ()
    """Accounts that are known one by one; what they have is a part of the totals."""
    least_health_bps: Annotated[int, Field(ge=10_000, le=1_000_000)] = 10_050
    """The lowest health factor that an account of a class may begin with, in basis points of 1."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_sizes(self.sizes)
        classes = self.classes
        names = [group.name for group in classes] + [one.name for one in self.named]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is there twice")
        if not any(group.share for group in classes):
            raise ValueError("no class has a share above 0")
        if self.totals == "market" and self.out_of is None:
            raise ValueError("out_of: totals of the market need the account that has them")
        return self

    @property
    def classes(self) -> tuple[BorrowerClass | LenderClass, ...]:
        """All classes: borrowers, then lenders."""
        return (*self.borrowers, *self.lenders)


class LoadedBook(_Described):
    """A book read from a table with the columns account, asset, supplied, borrowed, collateral, e_mode."""

    kind: Literal["loaded"] = "loaded"
    title: str = Field(default="loaded", min_length=1)
    """What messages call it."""
    path: str = Field(min_length=1)
    """A CSV or Parquet file, one row for each account and asset."""
    amounts: Literal["tokens", "units", "shares"] = "tokens"
    """What amounts are: whole tokens, units of the token, or scaled shares."""
    columns: dict[str, str] = Field(default_factory=dict)
    """What the table calls the columns, where it is something else."""
    out_of: AddressField | None = None
    """An account of the market whose shares the book's accounts have."""


class ShippedBook(_Described):
    """A generated book whose settings ship."""

    kind: Literal["shipped"] = "shipped"
    name: str = Field(min_length=1)
    """Which one: "ethereum-core-2026-02"."""
    accounts: Annotated[int, Field(ge=1, le=20_000_000)] | None = None
    """How many accounts there are; left out, as it ships."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    """Says who is who; left out, as it ships."""

    @property
    def out_of(self) -> None:
        """Nobody: it has totals of its own."""


Settings = GeneratedBook | LoadedBook | ShippedBook
BookConfig = Annotated[Settings, Field(discriminator="kind")]
"""The settings of a book."""
