"""The market that profit is sought on: honest lenders, a borrower, a freshly listed reserve, and a rich attacker."""

from __future__ import annotations

from dataclasses import dataclass

from pooltwin.protocol.models import (
    EModeConfig,
    MarketConfig,
    RateParameters,
    ReserveConfig,
    StableRateParameters,
    quiet_about_units,
)
from pooltwin.protocol.revisions import Revision, revision_named

from ...histories.action import Action
from ...histories.receiver import RECEIVER
from ...history import History, Opening
from ...reference import EVERYTHING

ATTACKER = RECEIVER
"""The attacker's contract: it takes the flash loans, and makes all calls of the attacker."""
ACCOMPLICE = "accomplice"
"""A second account of the attacker's."""
CULPRITS = (ATTACKER, ACCOMPLICE)
HONEST = ("lender", "saver", "borrower")
FRESH = "USDC"
"""The reserve that is listed and that nobody has supplied to yet."""

PREMIUM_BPS = 9
BANKROLL_DOLLARS = 20_000_000
"""What each account of the attacker has of each asset: what flash loans of other protocols lend at no risk."""

# Symbol, decimals, dollars, optimal usage, slopes, LTV, threshold, bonus, reserve factor.
_ASSETS = (
    (FRESH, 6, 1, 9_000, (400, 6_000), (7_500, 7_800, 10_450), 1_000),
    ("WETH", 18, 2_000, 8_000, (400, 30_000), (8_000, 8_500, 10_500), 1_500),
    ("DAI", 18, 1, 9_000, (400, 6_000), (7_500, 7_800, 10_450), 1_000),
)
_LENT = (("lender", "WETH", 1_000), ("saver", "DAI", 1_000_000), ("borrower", "WETH", 500))
_BORROWED = (("borrower", "DAI", 400_000),)
"""Whole tokens that honest people lend and owe."""

AGE_SECONDS = 30 * 86_400
"""How long they have done so, in seconds: long enough for shares to be worth odd amounts."""

SYMBOLS = tuple(asset[0] for asset in _ASSETS)
UNITS = {symbol: 10**decimals for symbol, decimals, *_ in _ASSETS}


@dataclass(frozen=True)
class Ground:
    """The market on a release, or on an engine in its place."""

    revision: str
    premium_bps: int = PREMIUM_BPS
    engine: Revision | None = None

    @property
    def config(self) -> MarketConfig:
        """The market's configuration."""
        with quiet_about_units():  # the premiums searched are what they say
            return MarketConfig(
                name="profit ground",
                revision=self.revision,
                flash_loan_premium_bps=self.premium_bps,
                reserves=tuple(_reserve(self.revision, *asset) for asset in _ASSETS),
                e_modes=(
                    EModeConfig(
                        id=1,
                        label="dollars",
                        ltv_bps=9_300,
                        liquidation_threshold_bps=9_500,
                        liquidation_bonus_bps=10_100,
                        collateral=(FRESH, "DAI"),
                        borrowable=(FRESH, "DAI"),
                    ),
                ),
            )

    def history(self) -> History:
        """An empty history on the market: everybody funded, the honest lending and borrowing, one reserve empty."""
        setting = []
        for symbol, _, dollars, *_ in _ASSETS:
            for who in (*CULPRITS, *HONEST):
                setting.append(Action("admin", symbol, "mint", (who, BANKROLL_DOLLARS // dollars * UNITS[symbol])))
                setting.append(Action(who, symbol, "approve", ("pool", EVERYTHING)))
        for who, symbol, whole in _LENT:
            setting.append(Action(who, "pool", "supply", (symbol, whole * UNITS[symbol], who, 0)))
        for who, symbol, whole in _BORROWED:
            setting.append(Action(who, "pool", "borrow", (symbol, whole * UNITS[symbol], 2, 0, who)))
        setting.append(Action.wait(AGE_SECONDS))
        return History(Opening(config=self.config), (ACCOMPLICE, *HONEST), tuple(setting))


_STABLE_RATES = StableRateParameters(
    slope1_bps=50, slope2_bps=7_500, base_offset_bps=100, excess_offset_bps=800, optimal_share_bps=2_000
)
"""Rates at which nobody here borrows; releases that have them want them set."""


def _reserve(
    revision: str,
    symbol: str,
    decimals: int,
    dollars: int,
    optimal: int,
    slopes: tuple[int, int],
    collateral: tuple[int, int, int],
    factor: int,
) -> ReserveConfig:
    return ReserveConfig(
        symbol=symbol,
        decimals=decimals,
        price=dollars * 10**8,
        rates=RateParameters(optimal_usage_bps=optimal, base_rate_bps=0, slope1_bps=slopes[0], slope2_bps=slopes[1]),
        ltv_bps=collateral[0],
        liquidation_threshold_bps=collateral[1],
        liquidation_bonus_bps=collateral[2],
        liquidation_protocol_fee_bps=1_000,
        reserve_factor_bps=factor,
        stable_rates=_STABLE_RATES if revision_named(revision).stable_rates else None,
    )
