"""Hypothesis strategies for pools: people, assets, amounts at the edges, calls, whole markets, whole histories.

Amounts are drawn as what they mean (`half of what alice has supplied, plus one`), not as 256-bit numbers: a history
then spends its choices on what happens instead of on digits, and shrinks to amounts a person would choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from pooltwin.protocol.address import Address
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig

from .histories.action import Action, Stage
from .histories.amount import EXTREMES, NUDGES, PARTS, Amount, Measure
from .history import History, Opening
from .reference import EVERYTHING

PEOPLE = ("alice", "bob", "carol", "dave")

# --- amounts ----------------------------------------------------------------------------------------------------------


def amounts(*measures: Measure, extremes: bool = True) -> st.SearchStrategy[Amount]:
    """Amounts around the given measures (all of them when none is given), one in ten an extreme of the number range."""
    kinds = st.integers(0, 9 if extremes else 8)
    return kinds.flatmap(lambda kind: _EXTREME_AMOUNTS if kind == 9 else _amounts_around(measures or tuple(Measure)))


def _amounts_around(measures: tuple[Measure, ...]) -> st.SearchStrategy[Amount]:
    return st.builds(Amount, st.sampled_from(measures), st.sampled_from(PARTS), st.sampled_from(NUDGES))


_EXTREME_AMOUNTS = st.sampled_from(EXTREMES).map(lambda number: Amount(None, nudge=number))


# --- people, assets, time, prices -------------------------------------------------------------------------------------


def actors(names: Sequence[str] = PEOPLE) -> st.SearchStrategy[str]:
    """Somebody."""
    return st.sampled_from(tuple(names))


def assets(config: MarketConfig) -> st.SearchStrategy[str]:
    """The symbol of a listed asset."""
    return st.sampled_from(tuple(reserve.symbol for reserve in config.reserves))


def waits() -> st.SearchStrategy[int]:
    """Seconds: a block, an hour, a day, a month, years."""
    return st.sampled_from((1, 12, 3_600, 86_400, 30 * 86_400, 365 * 86_400, 10 * 365 * 86_400))


def price_moves() -> st.SearchStrategy[Fraction]:
    """Factors for a price: mostly a few percent, sometimes a crash or a boom."""
    percent = (100, 99, 101, 95, 105, 90, 80, 120, 50, 200, 10, 1_000)
    return st.sampled_from(tuple(Fraction(value, 100) for value in percent))


def categories(config: MarketConfig) -> st.SearchStrategy[int]:
    """An e-mode category, none (0), or one that does not exist."""
    return st.sampled_from((*(category.id for category in config.e_modes), 0, 200))


# --- calls ------------------------------------------------------------------------------------------------------------

M = Measure


@st.composite
def calls(draw: st.DrawFn, stage: Stage, config: MarketConfig, people: Sequence[str] = PEOPLE) -> Action:
    """One call that somebody might make now; amounts are settled against the stage as it stands."""
    who, whom = draw(actors(people)), draw(actors(people))
    symbol = draw(assets(config))
    kind = draw(st.sampled_from(sorted(_CALLS)))
    return _CALLS[kind](draw, stage, config, who, whom, symbol)


def _number(draw: st.DrawFn, stage: Stage, symbol: str, user: str, *measures: Measure) -> int:
    return draw(amounts(*measures)).of(stage, symbol, user)


def _call_supply(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, who, M.UNIT, M.WALLET, M.SHARE, M.SUPPLY_ROOM)
    return Action(who, "pool", "supply", (symbol, amount, draw(st.sampled_from((who, whom))), 0))


def _call_withdraw(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, who, M.SUPPLIED, M.LIQUIDITY, M.SHARE)
    return Action(who, "pool", "withdraw", (symbol, amount, draw(st.sampled_from((who, whom)))))


def _call_borrow(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    debtor = draw(st.sampled_from((who, whom)))
    amount = _number(draw, stage, symbol, debtor, M.CREDIT, M.LIQUIDITY, M.BORROW_ROOM, M.UNIT)
    return Action(who, "pool", "borrow", (symbol, amount, 2, 0, debtor))


def _call_repay(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    debtor = draw(st.sampled_from((who, whom)))
    amount = _number(draw, stage, symbol, debtor, M.OWED, M.SHARE)
    return Action(who, "pool", "repay", (symbol, amount, 2, debtor))


def _call_repay_shares(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, __: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, who, M.OWED, M.SUPPLIED)
    return Action(who, "pool", "repayWithATokens", (symbol, amount, 2))


def _call_flag(draw: st.DrawFn, _: Stage, __: MarketConfig, who: str, ___: str, symbol: str) -> Action:
    return Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, draw(st.booleans())))


def _call_e_mode(draw: st.DrawFn, _: Stage, config: MarketConfig, who: str, __: str, ___: str) -> Action:
    return Action(who, "pool", "setUserEMode", (draw(categories(config)),))


def _call_liquidate(draw: st.DrawFn, stage: Stage, config: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    debt_symbol = draw(assets(config))
    amount = _number(draw, stage, debt_symbol, whom, M.OWED)
    return Action(who, "pool", "liquidationCall", (symbol, debt_symbol, whom, amount, draw(st.booleans())))


def _call_transfer(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    return Action(who, f"a{symbol}", "transfer", (whom, _number(draw, stage, symbol, who, M.SUPPLIED, M.SHARE)))


def _call_delegate(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, whom: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, who, M.CREDIT, M.UNIT)
    return Action(who, f"debt{symbol}", "approveDelegation", (whom, amount))


def _call_mint(_: st.DrawFn, __: Stage, config: MarketConfig, who: str, ___: str, ____: str) -> Action:
    symbols = tuple(reserve.symbol for reserve in config.reserves)
    return Action(who, "pool", "mintToTreasury", (symbols,))


def _call_cover(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, __: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, "umbrella", M.DEFICIT, M.SUPPLIED)
    return Action(draw(st.sampled_from(("umbrella", who))), "pool", "eliminateReserveDeficit", (symbol, amount))


def _call_flash(draw: st.DrawFn, stage: Stage, _: MarketConfig, who: str, __: str, symbol: str) -> Action:
    amount = _number(draw, stage, symbol, who, M.LIQUIDITY, M.UNIT)
    return Action(who, "pool", "flashLoanSimple", ("receiver", symbol, amount, b"", 0))


_CALLS: dict[str, Callable[[st.DrawFn, Stage, MarketConfig, str, str, str], Action]] = {
    "supply": _call_supply,
    "withdraw": _call_withdraw,
    "borrow": _call_borrow,
    "repay": _call_repay,
    "repayWithATokens": _call_repay_shares,
    "setUserUseReserveAsCollateral": _call_flag,
    "setUserEMode": _call_e_mode,
    "liquidationCall": _call_liquidate,
    "transfer": _call_transfer,
    "approveDelegation": _call_delegate,
    "mintToTreasury": _call_mint,
    "eliminateReserveDeficit": _call_cover,
    "flashLoanSimple": _call_flash,
}

# --- whole markets ----------------------------------------------------------------------------------------------------

_BPS = 10_000


@st.composite
def rate_parameters(draw: st.DrawFn) -> RateParameters:
    """Rates a strategy accepts, from flat to steep."""
    slope1 = draw(st.sampled_from((0, 400, 2_000)))
    return RateParameters(
        optimal_usage_bps=draw(st.sampled_from((100, 4_500, 8_000, 9_900))),
        base_rate_bps=draw(st.sampled_from((0, 50, 500))),
        slope1_bps=slope1,
        slope2_bps=slope1 + draw(st.sampled_from((0, 6_000, 30_000))),
    )


@st.composite
def reserve_configs(draw: st.DrawFn, symbol: str) -> ReserveConfig:
    """One asset: any decimals, price and risk parameters the configurator accepts."""
    threshold = draw(st.sampled_from((0, 5_000, 7_800, 9_300)))
    bonus = draw(st.sampled_from((10_001, 10_500, 10_750))) if threshold else 0
    return ReserveConfig(
        symbol=symbol,
        decimals=draw(st.sampled_from((18, 6, 8))),
        price=draw(st.sampled_from((10**8, 2_500 * 10**8, 60_000 * 10**8, 1, 100))),
        rates=draw(rate_parameters()),
        ltv_bps=draw(st.sampled_from((threshold, threshold * 9 // 10, 0))) if threshold else 0,
        liquidation_threshold_bps=min(threshold, _BPS * _BPS // bonus) if threshold else 0,
        liquidation_bonus_bps=bonus,
        liquidation_protocol_fee_bps=draw(st.sampled_from((0, 1_000, 10_000))),
        reserve_factor_bps=draw(st.sampled_from((1_000, 0, 5_000, 10_000))),
        supply_cap=draw(st.sampled_from((0, 1_000_000, 10))),
        borrow_cap=draw(st.sampled_from((0, 1_000_000, 1))),
    )


@st.composite
def market_configs(draw: st.DrawFn, revision: str = "3.7", max_reserves: int = 4) -> MarketConfig:
    """A whole market that deploys: two reserves or more, perhaps with e-mode categories."""
    count = draw(st.integers(2, max(2, max_reserves)))
    symbols = tuple(f"T{number}" for number in range(count))
    reserves = tuple(draw(reserve_configs(symbol)) for symbol in symbols)
    subsets = st.lists(st.sampled_from(symbols), unique=True, max_size=count).map(tuple)
    e_modes = []
    for number in range(1, 1 + draw(st.integers(0, 2))):
        collateral = draw(subsets)
        e_modes.append(
            EModeConfig(
                id=number,
                label=f"category {number}",
                ltv_bps=9_000,
                liquidation_threshold_bps=9_300,
                liquidation_bonus_bps=10_200,
                collateral=collateral,
                borrowable=draw(subsets),
                ltv_zero=collateral[: draw(st.integers(0, 1))] if revision in ("3.6", "3.7") else (),
                isolated=draw(st.booleans()) if revision == "3.7" else False,
            )
        )
    premium = draw(st.sampled_from((5, 0, 100)))
    return MarketConfig(
        name="drawn", revision=revision, flash_loan_premium_bps=premium, reserves=reserves, e_modes=tuple(e_modes)
    )


# --- whole histories --------------------------------------------------------------------------------------------------


def endowments(stage: Stage, config: MarketConfig, people: Sequence[str], whole_tokens: int = 10_000) -> list[Action]:
    """What gives everybody, the umbrella and the flash-loan receiver money and lets the pool take it."""
    setting = []
    for reserve in config.reserves:
        owner: Address = stage.market.erc20(reserve.symbol).owner_address
        for who in (*people, "umbrella", "receiver"):
            amount = whole_tokens * 10**reserve.decimals
            setting.append(Action(owner, reserve.symbol, "mint", (who, amount)))
            setting.append(Action(who, reserve.symbol, "approve", ("pool", EVERYTHING)))
    return setting


def first_supplies(config: MarketConfig, people: Sequence[str], whole_tokens: int = 1_000) -> list[Action]:
    """Everybody supplies one asset, in turn, and the umbrella all: liquidity and collateral to begin with."""
    pairs = [(who, config.reserves[index % len(config.reserves)]) for index, who in enumerate(people)]
    pairs += [("umbrella", reserve) for reserve in config.reserves]
    return [
        Action(who, "pool", "supply", (reserve.symbol, whole_tokens * 10**reserve.decimals, who, 0))
        for who, reserve in pairs
    ]


def first_debts(stage: Stage, config: MarketConfig, people: Sequence[str]) -> list[Action]:
    """Everybody borrows, in turn, another asset than the one supplied: half of the credit. As things stand now."""
    half = Amount(Measure.CREDIT, Fraction(1, 2))
    symbols = [reserve.symbol for reserve in config.reserves]
    pairs = [(who, symbols[(index + 1) % len(symbols)]) for index, who in enumerate(people)]
    return [Action(who, "pool", "borrow", (symbol, half.of(stage, symbol, who), 2, 0, who)) for who, symbol in pairs]


def begin(stage: Stage, config: MarketConfig, people: Sequence[str], whole_tokens: int = 1_000) -> list[Action]:
    """Money for everybody, first supplies and first debts, performed on the stage. Returns what was done."""
    setting = endowments(stage, config, people)
    if whole_tokens:
        setting += first_supplies(config, people, whole_tokens)
    for action in setting:
        stage.perform(action)
    if whole_tokens:
        debts = first_debts(stage, config, people)
        for action in debts:
            stage.perform(action)
        setting += debts
    return setting


@st.composite
def histories(
    draw: st.DrawFn, config: MarketConfig, people: Sequence[str] = PEOPLE, max_actions: int = 20, revision: Any = None
) -> History:
    """A market, people with money, and what they do, settled into numbers: replay it on any engine."""
    opening = Opening(config=config)
    stage = Stage(opening.market(revision), people)
    setting = begin(stage, config, people)
    actions = []
    for _ in range(draw(st.integers(1, max_actions))):
        action = draw(_happenings(stage, config, people))
        stage.perform(action)
        actions.append(action)
    return History(opening, tuple(people), tuple(setting), tuple(actions))


@st.composite
def _happenings(draw: st.DrawFn, stage: Stage, config: MarketConfig, people: Sequence[str]) -> Action:
    kind = draw(st.integers(0, 9))
    if kind == 9:
        return Action.wait(draw(waits()))
    if kind == 8:
        symbol = draw(assets(config))
        price = stage.market.price_feed(symbol).answer
        return Action.price(symbol, max(1, int(price * draw(price_moves()))))
    return draw(calls(stage, config, people))
