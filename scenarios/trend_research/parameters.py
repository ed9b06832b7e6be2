"""Assumptions of the replay: what no source says, each a named field with a default and the reason for it.

A replay is the recorded timeline plus one set of these. Changing a field asks "what if"; nothing else in the replay is
a matter of choice, except what SOURCES.md lists as filled in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pooltwin.protocol.files import reason_of
from pooltwin.protocol.refusal import MalformedError, read_model
from pydantic import ConfigDict, Field, model_validator

from ..units import BPS, Frozen

Share = Annotated[int, Field(ge=0, le=BPS)]


class ParametersError(ValueError):
    """A file does not hold replay parameters; the message names the file and the place."""


class WalletPlan(Frozen):
    """One wallet of the position: its share of the collateral, and where its trigger lies in the reported band."""

    name: Annotated[str, Field(min_length=1)]
    share_bps: Annotated[int, Field(ge=1, le=BPS)]
    trigger: Literal["highest", "middle", "lowest"]
    offset_usd: Decimal = Decimal(0)
    """Distance of a middle wallet's trigger from the common middle, in dollars."""


class UtilisationCeiling(Frozen):
    """From `since` on, others bring back just enough WETH for utilisation to stay at or below `bps`."""

    since: datetime
    bps: Annotated[int, Field(ge=1, lt=BPS)]


class PriceShock(Frozen):
    """A print that never happened: a stress test, absent by default."""

    time: datetime
    weth_usd: Annotated[Decimal, Field(gt=0)]


class GivenPrice(Frozen):
    """A price of WETH from a moment on, until the next one."""

    time: datetime
    weth_usd: Annotated[Decimal, Field(gt=0)]


DEFAULT_WALLETS = (
    WalletPlan(name="wallet 1", share_bps=700, trigger="highest"),
    WalletPlan(name="wallet 2", share_bps=2840, trigger="middle"),
    WalletPlan(name="wallet 3", share_bps=2200, trigger="middle", offset_usd=Decimal(1)),
    WalletPlan(name="wallet 4", share_bps=2000, trigger="middle", offset_usd=Decimal(-16)),
    WalletPlan(name="wallet 5", share_bps=1760, trigger="middle", offset_usd=Decimal(8)),
    WalletPlan(name="wallet 6", share_bps=500, trigger="lowest"),
)


class ReplayParameters(Frozen):
    """Everything a source leaves open."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    # --- the position ---

    sell: bool = True
    """True: sales and repayments follow the reported milestones. False: the owner does nothing at all."""

    wallets: Annotated[tuple[WalletPlan, ...], Field(strict=False)] = DEFAULT_WALLETS
    """The split over six wallets. Known of it: 43,000 ETH (7%) in the wallet with the highest trigger and over 400,000
    in three with close ones on 02-03; 175,800 (28.4%) in one wallet on 01-31. The rest, and that shares stay constant,
    is ours. Between the ends of the band the triggers follow from the reported totals."""

    usdt_share_bps: Share = 8000
    """Share of the debt that is USDT, the rest is USDC. Sources name USDT for every repayment they itemise but speak of
    'stablecoins' when they sum up; 80% keeps both reserves in play."""

    late_book_trigger_usd: Decimal | None = None
    """Liquidation price of the whole book after the last milestone with a debt (02-06), until the debt is repaid. None
    keeps the debt per WETH as last reported (1,600 dollars); EmberCN saw 1,562 to 1,698 on the way."""

    highest_trigger_02_06_usd: Decimal | None = None
    """Replaces the highest trigger of the 02-06 milestone, 1,708 by EmberCN. Ai Yi printed 1,800 that day."""

    # --- when and how the owner sells ---

    seller_delay_hours: Annotated[int, Field(ge=0, le=96, multiple_of=4)] = 0
    """How much later than reported the owner acts. A stress test: 0 is the reported timing."""

    health_factor_floor: Annotated[Decimal, Field(gt=1, le=2)] = Decimal("1.03")
    """The owner withdraws in pieces that leave each wallet at or above this, sells, repays, and goes on. The pool
    itself demands 1; that the wallets lived between 1.05 and 1.25 all week suggests a small margin."""

    # --- who brings WETH back ---

    utilisation_ceilings: Annotated[tuple[UtilisationCeiling, ...], Field(strict=False, min_length=1)] = (
        UtilisationCeiling(since=datetime(2026, 2, 2, tzinfo=UTC), bps=9542),
        UtilisationCeiling(since=datetime(2026, 2, 7, tzinfo=UTC), bps=9985),
    )
    """The pool held less free WETH than the position wanted out, so others must have returned some. They do so here
    only when a withdrawal would push utilisation over the ceiling. The ceilings are the two peaks LlamaRisk reports,
    in that order; the moment between them is ours. The peaks are therefore met by construction: what the replay finds
    out is when they are reached and how much WETH had to come back."""

    weth_returned_by_repayment_bps: Share = 5000
    """Share of the returning WETH that borrowers repay; the rest lenders supply. No amounts are known; Chaos Labs
    speaks of withdrawing lenders and of loops that became unattractive."""

    weth_returns: bool = True
    """False: nobody brings WETH back, and withdrawals that find too little liquidity fail and wait."""

    # --- how prices reach the oracle ---

    intra_candle_order: Literal["by_direction", "low_first", "high_first"] = "by_direction"
    """Order of low and high within four hours. By direction: a rising candle saw its low first, a falling one its
    high."""

    oracle_wick_bps: Share = BPS
    """How much of a wick beyond the candle's body the oracle prints. Exchange wicks are not oracle prints, and the
    oracle's low is unknown; 100% is the harshest reading."""

    shock: PriceShock | None = None
    """An invented WETH print for stress tests: one moment at one price; the next print is the recorded one again. As in
    {"time": "2026-02-06T01:30:00Z", "weth_usd": "1400"}."""

    prices: Annotated[tuple[GivenPrice, ...], Field(strict=False, min_length=1)] | None = None
    """Prices in place of the candles, from the first of them to the end of the replay: each holds until the next, the
    last to the end. `--prices FILE` reads them from a CSV file. Before the first of them the candles count."""

    # --- liquidators ---

    liquidators_active: bool = True
    """Liquidators look at every account after every print and act before its owner does."""

    liquidator_slippage_bps: Share = 100
    """What a liquidator loses when selling the collateral, besides what its sale moves the price by: fees and a premium
    for risk. It acts while the bonus after the protocol's fee exceeds this. 1% is a guess for a week of high
    volatility; WETH's bonus is 5%."""

    liquidator_takes_a_tokens: bool = True
    """With too little free WETH, liquidators take aWETH instead. False: they have to wait."""

    liquidator_least_profit_usd: Annotated[Decimal, Field(ge=0)] = Decimal(100)
    """Dollars that a call has to bring: the gas. Half a million units of gas at the 400 gwei reported for 01-31 cost
    about 400 dollars, at usual prices a tenth of that. It only matters for small accounts."""

    liquidator_latency_blocks: Annotated[int, Field(ge=0, le=10_000)] = 0
    """How many blocks of 12 seconds pass between a print and the liquidators' calls. No source; bots answer within a
    block or two, and took far longer in the worst minutes of past crashes. 0 is the kindest reading."""

    liquidator_capital_usd: Annotated[Decimal, Field(gt=0)] | None = None
    """Dollars that all liquidators together can have in repaid debts whose collateral they have not sold yet. None: as
    much as it takes, by flash loans or otherwise. No source."""

    # --- the market on which WETH is sold ---

    weth_depth_usd: Annotated[Decimal, Field(gt=0)] | None = None
    """Dollars of WETH that can be sold until its price has fallen by 2%: one side of all books together. None: sales
    move nothing. No figure of that night is public; those of 2025 suggest 35 to 180 million, 110 in the middle."""

    impact_model: Literal["constant product", "square root"] = "constant product"
    """How the price gives way beyond 2%: as in a pool of two assets, or by the square root of what was sold. Both take
    the same depth until 2%."""

    depth_refill_half_life_minutes: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Minutes until half of what was sold has been bought back by others, so that the price has come halfway back. A
    guess; in a cascade within minutes it hardly matters."""

    # --- background ---

    background: Literal["six accounts", "book"] = "six accounts"
    """Who everybody else is: six accounts that stand for thousands, or a book of generated ones, with the sizes and
    loans-to-value of real borrowers of December 2025. The book needs NumPy (pip install 'pooltwin[bulk]')."""

    book_accounts: Annotated[int, Field(ge=2_000, le=2_000_000)] = 20_000
    """How many accounts the book has. The number of Core's was not found; the largest thousand decide."""

    book_seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """Says who of the book is who: other seeds are other books with the same totals."""

    book_stable_ltv_bps: Annotated[int, Field(ge=1, le=BPS)] = 9_000
    """Loans-to-value of those who owe stablecoins on ether, BTC and others, as a share of those of December 2025, when
    ether stood a quarter higher: since then the riskiest had been liquidated or had paid back. 90% is a guess that
    brings what the replay liquidates near to what is reported around that week."""

    eth_backed_share_bps: Share = 8000
    """Share of the WETH not in the position that backs stablecoin debts of others. No source; it only has to be large
    enough for the debts and leaves these accounts safe through the lowest price, so that they do not add noise."""

    @model_validator(mode="after")
    def _wallets_add_up(self) -> Self:
        total = sum(wallet.share_bps for wallet in self.wallets)
        if total != BPS:
            raise ValueError(f"the wallets' shares add up to {total} bps, not {BPS}")
        triggers = [wallet.trigger for wallet in self.wallets]
        for end in ("highest", "lowest"):
            if triggers.count(end) != 1:
                raise ValueError(f"exactly one wallet must have the {end} trigger, not {triggers.count(end)}")
        if "middle" not in triggers:
            raise ValueError("at least one wallet must have a middle trigger, so that totals can be met")
        names = {wallet.name for wallet in self.wallets}
        if len(names) != len(self.wallets):
            raise ValueError("two wallets have the same name")
        return self

    @model_validator(mode="after")
    def _moments_have_a_zone(self) -> Self:
        moments = [ceiling.since for ceiling in self.utilisation_ceilings]
        if moments != sorted(set(moments)):
            raise ValueError("the utilisation ceilings are not in order of time")
        given = [price.time for price in self.prices or ()]
        for moment in moments + given + ([self.shock.time] if self.shock else []):
            if moment.tzinfo is None:
                raise ValueError(f"{moment} has no time zone; a Z behind it means UTC")
        if given != sorted(set(given)):
            raise ValueError("the prices are not in order of time")
        return self


def read_parameters(path: Path) -> ReplayParameters:
    """Read parameters from a JSON file that names only the fields to change. Raises `ParametersError`."""
    try:
        return read_model(ReplayParameters, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise ParametersError(f"{path} does not hold replay parameters: {reason_of(error)}") from error
