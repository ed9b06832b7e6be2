"""The complete outcome of a replay: what `replay.json` holds. Reading the file back gives an equal object."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Self

from pooltwin.protocol.files import write_text
from pydantic import Field, ValidationError, model_validator

from ..units import Exact, Frozen
from .agents import Declined, Disposal, Liquidation, Refusal, Repayment, Return, Sale
from .changes import Change
from .losses import ReconciledLoss
from .measurement import PositionState, ReserveBalance
from .parameters import ReplayParameters
from .prices import Kind, Origin
from .reported_liquidations import ReportedLiquidations

FORMAT = "pooltwin replay 2"


class Step(Frozen):
    """The state after one oracle print and everything that was done about it."""

    time: int
    kind: Kind
    reported_price: Exact
    """Of WETH, 8 decimals: what the pool's oracle says when the step ends."""
    raw_price: Exact
    """Of WETH, 8 decimals: as it is recorded, given or invented."""
    added_back_price: Exact
    """The same without the modelled impact of what the firm really sold; the replay's own sales then move it."""
    price_origin: Origin
    worst_health_factor_at_print: Exact | None
    """Of the position's wallets, before anyone acted; None without debt."""
    gap_to_liquidation_bps: int | None
    """How far WETH had to fall from the print for the worst wallet to be liquidatable, in hundredths of a percent;
    below zero where it was so already, None without debt."""
    uncovered_at_print_base: Exact
    """Debt beyond collateral over all accounts before anyone acted, dollars with 8 decimals."""
    position: PositionState
    reserves: tuple[ReserveBalance, ...] = Field(strict=False)
    """Those that the position touches."""
    uncovered_base: Exact
    """The same after everybody acted."""
    liquidatable_at_print: int
    """Accounts with a health factor below one before anyone acted."""
    liquidatable: int
    """The same after everybody acted."""
    withdrawable_weth: Exact
    """What lenders could take out at once, when the step ends."""
    owed_weth: Exact
    """What lenders and the treasury are owed, when the step ends."""
    sold_weth: Exact
    sold_by_liquidators_weth: Exact
    """Collateral that liquidators sold outside, counted in WETH; nothing where the market has no depth to move."""
    returned_weth: Exact
    liquidation_count: int

    @property
    def price(self) -> int:
        """The pool's price of WETH, 8 decimals."""
        return self.reported_price

    def reserve(self, symbol: str) -> ReserveBalance:
        """One of the touched reserves."""
        return next(balance for balance in self.reserves if balance.symbol == symbol)


class ReportedPoint(Frozen):
    """A milestone, beside which our own numbers are put. Prices and values in dollars have 8 decimals."""

    time: int
    weth: Exact
    debt_base: Exact | None
    lowest_trigger: Exact | None
    highest_trigger: Exact | None
    main_trigger: Exact | None
    source: str


class Reported(Frozen):
    """Reported figures, for comparison."""

    points: tuple[ReportedPoint, ...] = Field(strict=False)
    utilisation_peaks_bps: tuple[int, ...] = Field(strict=False)
    average_sale_price: Exact
    """Dollars with 8 decimals."""
    liquidations: tuple[ReportedLiquidations, ...] = Field(strict=False)
    """What was liquidated around the week in reality."""
    losses: tuple[ReconciledLoss, ...] = Field(strict=False)
    """What the firm is said to have lost, beside what quantity, entry and exit imply."""


class Alternative(Frozen):
    """Another reading of what sources leave open, and what the same replay comes to with it."""

    words: str
    changed: tuple[Change, ...] = Field(strict=False)
    """All that differs from the default in it."""
    liquidation_count: int
    liquidated: tuple[str, ...] = Field(strict=False)
    """Accounts, each once."""
    seized_weth: Exact
    worst_health_factor_at_print: Exact | None
    lenders_lost: bool
    state_digest: str


class ReplayResult(Frozen):
    """Everything a replay found out."""

    format: str = FORMAT
    market: str
    revision: str
    parameters: ReplayParameters
    reported: Reported
    steps: tuple[Step, ...] = Field(strict=False)
    before: tuple[ReserveBalance, ...] = Field(strict=False)
    after: tuple[ReserveBalance, ...] = Field(strict=False)
    uncovered_base: Exact
    sales: tuple[Sale, ...] = Field(strict=False)
    repayments: tuple[Repayment, ...] = Field(strict=False)
    returns: tuple[Return, ...] = Field(strict=False)
    liquidations: tuple[Liquidation, ...] = Field(strict=False)
    disposals: tuple[Disposal, ...] = Field(strict=False)
    """What liquidators sold, where the market has a depth or their money an end."""
    declined: tuple[Declined, ...] = Field(strict=False)
    """Liquidations that nobody wanted, the first time for each account."""
    refusals: tuple[Refusal, ...] = Field(strict=False)
    alternatives: tuple[Alternative, ...] = Field(strict=False)
    """The same with what other sources say, where that was asked for."""
    lenders_lost: bool
    """Whether bad debt was written off, or debts without collateral behind them are left at the end."""
    changed: tuple[Change, ...] = Field(strict=False)
    """What was asked to be other than the default."""
    assumed: tuple[str, ...] = Field(strict=False)
    """What the run rests on without a source, in sentences that its own figures choose."""
    verdict: tuple[str, ...] = Field(strict=False)
    state_digest: str
    """Of the twin's whole state at the end."""

    @model_validator(mode="after")
    def _of_this_format(self) -> Self:
        if self.format != FORMAT:
            raise ValueError(f"the format is {self.format!r}, this version reads {FORMAT!r}")
        return self

    def digest(self) -> str:
        """SHA-256 over everything above: two replays with the same digest are the same."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def write_result(result: ReplayResult, path: Path) -> None:
    """Write `replay.json`, whole or not at all; its digest comes first."""
    content = {"digest": result.digest(), **result.model_dump(mode="json")}
    write_text(path, json.dumps(content, indent=1) + "\n")


def read_result(path: Path) -> ReplayResult:
    """Read `replay.json` back. Raises ValueError, naming the file, when it is not one or was edited."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("digest")
        result = ReplayResult.model_validate_json(json.dumps(content))
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, KeyError, TypeError, ValidationError) as error:
        raise ValueError(f"{path} is not the result of a replay: {error}") from error
    if digest != result.digest():
        raise ValueError(f"{path} was edited: its digest is {digest}, its content gives {result.digest()}")
    return result
