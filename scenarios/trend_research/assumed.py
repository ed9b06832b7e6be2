"""Sentences that say what a run rests on without a source. Every one is chosen by the figures of that run."""

from __future__ import annotations

from collections.abc import Iterable

from ..formatting import amount, day_time, millions, percent, plural, price, share
from ..units import BPS, WAD, timestamp
from .agents import Liquidation
from .liquidated import beside_reality
from .result import ReplayResult, Step
from .world import LOOPERS, OTHER_BORROWERS

NEAR_A_CEILING_WAD = WAD // 20_000
"""A ceiling is reached when utilisation comes within 0.005 percentage points of it."""


def assumed(result: ReplayResult) -> tuple[str, ...]:
    """List what the run assumes, the most telling first."""
    sentences = [
        prices_assumed(result),
        reaction_assumed(result),
        liquidators_assumed(result),
        others_assumed(result),
        returns_assumed(result),
        triggers_assumed(result),
        owner_assumed(result),
        wallets_assumed(result),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def prices_assumed(result: ReplayResult) -> str:
    """Say where prices come from; given and invented ones are told with what hangs on them."""
    wicks = share(result.parameters.oracle_wick_bps)
    given = [step for step in result.steps if step.price_origin == "given"]
    said = []
    if any(step.price_origin == "recorded" for step in result.steps):
        until = f" until {day_time(given[0].time)}" if given else ""
        said.append(
            f"The oracle prints the exchange's four-hour candles{until}, four prints each, with {wicks} of their wicks:"
            " no source has the oracle's own prints."
        )
    if given:
        said.append(
            f"Prices from {day_time(given[0].time)} on were given, {_calls_at(result, given)}; other assets than WETH"
            " and what follows it keep their recorded prices."
        )
    for before, step in zip(result.steps, result.steps[1:], strict=False):
        if step.kind == "shock":
            change = percent((step.raw_price - before.raw_price) * WAD // before.raw_price)
            said.append(
                f"The print of {price(step.raw_price)} at {day_time(step.time)} is invented, {change} from the one"
                f" before; {_calls_at(result, [step])}."
            )
    return " ".join(said)


def _calls_at(result: ReplayResult, steps: Iterable[Step]) -> str:
    times = {step.time for step in steps}
    made = sum(call.time in times for call in result.liquidations)
    return f"{made} of {plural(len(result.liquidations), 'liquidation call')} were made then"


def reaction_assumed(result: ReplayResult) -> str:
    """Say whether prices reacted to what was sold, how, and how much that was."""
    if result.parameters.weth_depth_usd is not None:
        return _depth_assumed(result)
    sold, seized = result.steps[-1].sold_weth, seized_weth(result)
    if not sold and not seized:
        return "Nothing was sold in this run, so no price had to react to it."
    return (
        f"Prices do not react: {amount(sold, 18, 0)} WETH sold by the owner and {amount(seized, 18, 0)} received by"
        " liquidators moved none of them."
    )


def _depth_assumed(result: ReplayResult) -> str:
    """Say what market WETH is sold on, and what it did to the price."""
    parameters, sold = result.parameters, result.steps[-1]
    market = (
        f"WETH is sold on a market whose price falls by 2% when {parameters.weth_depth_usd:,} USD are sold"
        f" ({parameters.impact_model}), and comes halfway back in"
        f" {plural(parameters.depth_refill_half_life_minutes, 'minute')}: guesses, as no depth of that week is public."
        " LST are sold as ether; BTC and the others do not react."
    )
    low, raw = min(result.steps, key=lambda step: step.price), min(step.raw_price for step in result.steps)
    if all(step.price_origin in ("recorded", "invented", "given") for step in result.steps):
        return f"{market} What was sold here is what recorded prices contain, so they stay as they are."
    back = max((step.added_back_price - step.raw_price) * WAD // step.raw_price for step in result.steps)
    theirs = sold.sold_by_liquidators_weth
    return (
        f"{market} The impact of the real sales, at most {percent(max(back, 0))}, is added back to recorded prices;"
        f" that of {amount(sold.sold_weth, 18, 0)} WETH of the owner and {amount(theirs, 18, 0)} of"
        f" liquidators is taken off. The lowest price is {price(low.price)}, without both {price(raw)}; the oracle"
        " follows in the next block."
    )


def liquidators_assumed(result: ReplayResult) -> str:
    """Say what liquidators could do, and what they needed for it."""
    if not result.parameters.liquidators_active:
        return "There are no liquidators in this run."
    late, money = result.parameters.liquidator_latency_blocks, result.parameters.liquidator_capital_usd
    when = f"{plural(late, 'block')} after every print" if late else "at every print without delay"
    purse = "money without limit" if money is None else f"{money:,} USD"
    able = (
        f"Liquidators look at every account {when}, with {purse}, and want"
        f" {result.parameters.liquidator_least_profit_usd:,} USD from a call"
    )
    if not result.liquidations:
        return f"{able}; they made no call."
    prints = len({call.time for call in result.liquidations})
    largest = max(repaid_usd(result, [call]) for call in result.liquidations)
    lost = share(result.parameters.liquidator_slippage_bps)
    besides = " besides what their sales move" if result.parameters.weth_depth_usd is not None else ""
    return (
        f"{able}: they repaid {millions(repaid_usd(result, result.liquidations))} at {plural(prints, 'moment')}, up to"
        f" {millions(largest)} in one call, and lose {lost} on what they receive{besides}."
    )


def others_assumed(result: ReplayResult) -> str:
    """Say who stands for everybody else, and how much of what happened was theirs."""
    if result.parameters.background == "book":
        return _book_assumed(result)
    count = len(LOOPERS) + len(OTHER_BORROWERS)
    known = (
        f"All other borrowers are {count} accounts that stand for thousands; SOURCES.md says which totals are known."
    )
    wallets = {wallet.name for wallet in result.parameters.wallets}
    theirs = [call for call in result.liquidations if call.account not in wallets]
    if not theirs:
        return f"{known} None of them was liquidated, while in reality many were."
    total, part = repaid_usd(result, result.liquidations), repaid_usd(result, theirs)
    names = ", ".join(sorted({call.account for call in theirs}))
    return (
        f"{known} Liquidated of them: {names}, which makes up {millions(part)} of the {millions(total)} repaid"
        f" ({part / total:.1%}). Where one account stands for many, such a figure is an artefact."
    )


def _book_assumed(result: ReplayResult) -> str:
    """Say what book everybody else is, and put what it lost beside reality."""
    parameters = result.parameters
    depth = (
        " What is liquidated of it as the firm really sold is taken for what recorded prices contain."
        if parameters.weth_depth_usd is not None
        else ""
    )
    return (
        f"Everybody else is a book of {plural(parameters.book_accounts, 'generated account')} (seed"
        f" {parameters.book_seed}) with the totals of SOURCES.md, and the sizes and loans-to-value of the largest"
        f" borrowers of December 2025; those of stablecoin borrowers at {share(parameters.book_stable_ltv_bps)}, a"
        f" guess that decides how much of it is liquidated.{depth} {beside_reality(result)}"
    )


def returns_assumed(result: ReplayResult) -> str:
    """Say who brings WETH back, and which ceilings are met because of it."""
    if not result.parameters.weth_returns:
        return "Nobody brings WETH back in this run."
    ceilings = result.parameters.utilisation_ceilings
    listed = ", ".join(f"{share(c.bps)} from {day_time(timestamp(c.since))}" for c in ceilings)
    if not result.returns:
        return f"Others would bring WETH back to keep utilisation at or below {listed}; that was not needed."
    met = " and ".join(share(bps) for bps in ceilings_met(result))
    construction = f" That utilisation comes to {met} therefore holds by construction." if met else ""
    return (
        f"Others bring back just enough WETH to keep utilisation at or below {listed}:"
        f" {amount(result.steps[-1].returned_weth, 18, 0)} WETH in all.{construction}"
    )


def ceilings_met(result: ReplayResult) -> list[int]:
    """Find the ceilings of utilisation (bps) that were reached while they held, and that WETH was brought back for."""
    if not result.returns:
        return []
    ceilings = result.parameters.utilisation_ceilings
    ends = [timestamp(later.since) for later in ceilings[1:]] + [result.steps[-1].time + 1]
    met = []
    for index, (ceiling, end) in enumerate(zip(ceilings, ends, strict=True)):
        since = timestamp(ceiling.since) if index else 0
        highest = max((_used(step) for step in result.steps if since <= step.time < end), default=0)
        if abs(highest - ceiling.bps * WAD // BPS) <= NEAR_A_CEILING_WAD:
            met.append(ceiling.bps)
    return met


def _used(step: Step) -> int:
    return step.reserve("WETH").utilisation_wad


def triggers_assumed(result: ReplayResult) -> str:
    """Say from when on triggers are assumed, because no debt is reported any more."""
    reported = [point for point in result.reported.points if point.debt_base]
    if not result.parameters.sell or not reported:
        return ""
    since = reported[-1].time + result.parameters.seller_delay_hours * 3600
    later = [step for step in result.steps if step.time >= since and step.position.book_trigger is not None]
    if not later:
        return ""
    return (
        f"No debt is reported after {day_time(reported[-1].time)}: from then on the triggers, of"
        f" {price(later[0].position.book_trigger)} for the whole, are assumed."
    )


def owner_assumed(result: ReplayResult) -> str:
    """Say how the owner acts between what is reported."""
    if not result.parameters.sell:
        return "The owner does nothing in this run; in reality the position was sold."
    late = result.parameters.seller_delay_hours
    when = f", {late} hours later than reported" if late else ""
    return (
        f"Between the reported milestones the owner sells evenly, at candle closes{when}; the hours of the milestones"
        " are derived from reported prices."
    )


def wallets_assumed(result: ReplayResult) -> str:
    """Say how the position is split."""
    shares = ", ".join(share(wallet.share_bps) for wallet in result.parameters.wallets)
    usdt = share(result.parameters.usdt_share_bps)
    return f"The wallets hold {shares} of the collateral throughout; {usdt} of the debt is USDT, the rest USDC."


def seized_weth(result: ReplayResult, *, as_a_tokens: bool = False) -> int:
    """Add up the WETH that liquidators received; on demand only what they received as aWETH."""
    calls = [call for call in result.liquidations if call.collateral_asset == "WETH"]
    return sum(call.received for call in calls if call.received_a_tokens or not as_a_tokens)


def repaid_usd(result: ReplayResult, calls: Iterable[Liquidation]) -> float:
    """Add up what calls repaid, in dollars at the prices of the end."""
    prices = {balance.symbol: balance for balance in result.after}
    return sum(prices[call.debt_asset].dollars(call.repaid) for call in calls)
