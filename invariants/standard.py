"""The standard market: eight reserves of every kind, four e-mode categories, ten people with a billion of everything.

It is the market of the recordings made on the real contracts, with one category more: an asset that is collateral in
e-mode only.
"""

from __future__ import annotations

from pathlib import Path

from pooltwin.protocol.models import (
    EModeConfig,
    MarketConfig,
    RateParameters,
    ReserveConfig,
    StableRateParameters,
    quiet_about_units,
)
from pooltwin.protocol.revisions import NEWEST, Revision, revision_named

from .histories.action import Action, capping
from .histories.receiver import RECEIVER
from .history import History, Opening, saved_market
from .reference import EVERYTHING

PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
WHALES = PEOPLE[:4]
WHOLE_TOKENS_EACH = 10**9
WHALE_BASE = 10**7 * 10**8
"""What each whale supplies of each asset of a market: ten million dollars in base currency."""

# Symbol, decimals, price, rates (optimal, base, slopes), collateral (LTV, threshold, bonus), reserve factor, protocol
# fee, flash loans, whole tokens seeded by each whale.
_ASSETS = (
    ("WETH", 18, 200000000000, (9000, 0, 270, 8000), (8050, 8300, 10500), 1500, 1000, True, 5000),
    ("WSTETH", 18, 240000000000, (8000, 25, 450, 8000), (7850, 8100, 10600), 500, 1000, True, 4166),
    ("USDC", 6, 100000000, (9200, 0, 550, 4000), (7500, 7800, 10450), 1000, 1000, True, 10**7),
    ("USDT", 6, 99990000, (9200, 0, 550, 3500), (7500, 7800, 10450), 1000, 2000, True, 10**7),
    ("WBTC", 8, 6500000000000, (4500, 0, 400, 30000), (7300, 7800, 10500), 5000, 1000, True, 153),
    ("GUSD", 6, 100000000, (8000, 0, 400, 20000), (0, 0, 0), 1000, 0, False, 10**7),
    ("LINK", 18, 1512345678, (4500, 0, 700, 30000), (6600, 7100, 10700), 2000, 1000, True, 661224),
    ("DUST", 24, 1, (4500, 100, 700, 30000), (5000, 6000, 11000), 2000, 1500, True, 10**8),
)

# Id, label, LTV, threshold, bonus, isolated (from v3.7 on), collateral, borrowable, zero LTV (from v3.6 on).
_CATEGORIES = (
    (1, "ETH correlated", 9300, 9500, 10100, False, ("WETH", "WSTETH"), ("WETH", "WSTETH"), ()),
    (2, "Stables", 9000, 9300, 10200, False, ("USDC", "USDT"), ("USDC", "USDT", "GUSD"), ("USDT",)),
    (3, "WSTETH/USDC", 8700, 9000, 10300, True, ("WSTETH",), ("USDC",), ()),
    (4, "GUSD only here", 8000, 8500, 10400, False, ("GUSD", "USDC"), ("USDC", "WETH", "LINK"), ()),
)

# The same where an asset is in one category only, and a category may have a price: until v3.0.2.
_CATEGORIES_OF_ONE_EACH = (
    (1, "ETH correlated", 9300, 9500, 10100, ("WETH", "WSTETH"), None),
    (2, "Stables", 9000, 9300, 10200, ("USDC", "USDT", "GUSD"), "USDC"),
    (3, "Volatile", 8700, 9000, 10300, ("WBTC", "LINK"), None),
)

# Slopes, base offset, excess offset, optimal share of stable debt: until v3.0.2.
_STABLE_RATES = StableRateParameters(
    slope1_bps=50, slope2_bps=7500, base_offset_bps=100, excess_offset_bps=800, optimal_share_bps=2000
)
_LENT_AT_STABLE_RATES = ("WETH", "USDC", "USDT", "LINK", "DUST")


@quiet_about_units()
def standard_config(revision: str = NEWEST.name) -> MarketConfig:
    """The market's configuration on a release."""
    release = revision_named(revision)
    return MarketConfig(
        name="standard",
        revision=revision,
        flash_loan_premium_bps=9,
        reserves=tuple(
            ReserveConfig(
                symbol=symbol,
                decimals=decimals,
                price=price,
                rates=RateParameters(
                    optimal_usage_bps=rates[0], base_rate_bps=rates[1], slope1_bps=rates[2], slope2_bps=rates[3]
                ),
                ltv_bps=collateral[0],
                liquidation_threshold_bps=collateral[1],
                liquidation_bonus_bps=collateral[2],
                reserve_factor_bps=factor,
                liquidation_protocol_fee_bps=fee,
                flash_loan_enabled=flash,
                stable_rates=_STABLE_RATES if release.stable_rates else None,
                stable_borrowing_enabled=release.stable_rates and symbol in _LENT_AT_STABLE_RATES,
            )
            for symbol, decimals, price, rates, collateral, factor, fee, flash, _ in _ASSETS
        ),
        e_modes=_one_each() if release.e_modes_have_prices else _categories(release),
    )


def _categories(release: Revision) -> tuple[EModeConfig, ...]:
    return tuple(
        EModeConfig(
            id=number,
            label=label,
            ltv_bps=ltv,
            liquidation_threshold_bps=threshold,
            liquidation_bonus_bps=bonus,
            isolated=isolated and release.isolated_e_modes,
            collateral=collateral,
            borrowable=borrowable,
            ltv_zero=ltv_zero if release.ltv_zero_in_e_modes else (),
        )
        for number, label, ltv, threshold, bonus, isolated, collateral, borrowable, ltv_zero in _CATEGORIES
    )


def _one_each() -> tuple[EModeConfig, ...]:
    collaterals = {asset[0] for asset in _ASSETS if asset[4][1]}
    return tuple(
        EModeConfig(
            id=number,
            label=label,
            ltv_bps=ltv,
            liquidation_threshold_bps=threshold,
            liquidation_bonus_bps=bonus,
            collateral=tuple(symbol for symbol in members if symbol in collaterals),
            borrowable=members,
            price_source=price_source,
        )
        for number, label, ltv, threshold, bonus, members, price_source in _CATEGORIES_OF_ONE_EACH
    )


def funding(symbols: tuple[str, ...], decimals: dict[str, int], people: tuple[str, ...]) -> list[Action]:
    """Everybody gets a billion of each asset and lets the pool move it."""
    actions = []
    for symbol in symbols:
        amount = WHOLE_TOKENS_EACH * 10 ** decimals[symbol]
        for who in people:
            actions.append(Action("admin", symbol, "mint", (who, amount)))
            actions.append(Action(who, symbol, "approve", ("pool", EVERYTHING)))
    return actions


def standard_history(revision: str = NEWEST.name) -> History:
    """An empty history on the standard market: everybody funded, the first four people lending."""
    symbols = tuple(asset[0] for asset in _ASSETS)
    decimals = {asset[0]: asset[1] for asset in _ASSETS}
    setting = funding(symbols, decimals, (*PEOPLE, RECEIVER, "umbrella"))
    setting += capping("WSTETH", next(asset[2] for asset in _ASSETS if asset[0] == "WSTETH"))
    for who in WHALES:
        for asset in _ASSETS:
            amount = asset[8] * 10 ** asset[1]
            setting.append(Action(who, "pool", "supply", (asset[0], amount, who, 0)))
    return History(Opening(config=standard_config(revision)), PEOPLE, tuple(setting))


def history_on(config: MarketConfig) -> History:
    """An empty history on any market: everybody funded, the first four people lending ten million of each asset."""
    symbols = tuple(reserve.handle for reserve in config.reserves)
    decimals = {reserve.handle: reserve.decimals for reserve in config.reserves}
    setting = funding(symbols, decimals, (*PEOPLE, RECEIVER, "umbrella"))
    for who in WHALES:
        for reserve in config.reserves:
            if reserve.frozen or reserve.paused or not reserve.active:
                continue
            amount = min(WHALE_BASE // max(1, reserve.price), WHOLE_TOKENS_EACH // 10) * 10**reserve.decimals
            setting.append(Action(who, "pool", "supply", (reserve.handle, max(1, amount), who, 0)))
    return History(Opening(config=config), PEOPLE, tuple(setting))


def history_from(path: Path, provider: str = "", residents: int = 12, engine: Revision | None = None) -> History:
    """An empty history that begins with a saved state: some of those who are in it, and newcomers with funds.

    `engine` is the record of the fork, for a state of one. Raises SavedStateError for a file that is none, HistoryError
    where its registry cannot be told.
    """
    opening = Opening.of_state(path, provider, engine)
    market = saved_market(path, opening.provider, engine)
    people: dict[str, None] = {}
    decimals: dict[str, int] = {}
    for symbol in market.assets:
        decimals[symbol] = market.erc20(symbol).decimals()
        for token in (market.debt_token(symbol), market.a_token(symbol)):
            people.update(dict.fromkeys(user for user, shares in token.scaled_balances.items() if shares))
    actors = (*PEOPLE, *list(people)[:residents])
    return History(opening, actors, tuple(funding(tuple(decimals), decimals, (*actors, RECEIVER))))
