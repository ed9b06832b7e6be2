"""Verdict in plain English, computed: every sentence is chosen by the numbers it states."""

from __future__ import annotations

from ..formatting import amount, day_time, dollars, health_factor, millions, percent, plural, price
from ..units import WAD
from .measurement import ReserveBalance
from .result import ReplayResult, Step


def verdict(result: ReplayResult) -> tuple[str, ...]:
    """One sentence or two per question: lenders' claims, their access, the position, liquidations, what it rests on."""
    sentences = [
        lenders_verdict(result),
        uncovered_verdict(result),
        access_verdict(result),
        margin_verdict(result),
        liquidation_verdict(result),
        position_verdict(result),
        returned_verdict(result),
        refusal_verdict(result),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def lenders_verdict(result: ReplayResult) -> str:
    """Did lenders lose anything? A shortfall is counted without the deficit, since nobody owes a deficit."""
    new_deficits = [
        f"{amount(after.deficit - before.deficit, after.decimals)} {after.symbol}"
        for before, after in zip(result.before, result.after, strict=True)
        if after.deficit > before.deficit
    ]
    short = [balance for balance in result.after if balance.slack_without_deficit < 0]
    if new_deficits:
        shortfalls = ", ".join(_shortfall(balance) for balance in short) or "none, older surpluses cover it"
        return (
            f"Lenders lost. Bad debt was written off: {', '.join(new_deficits)}. Nobody owes it any more; until someone"
            f" pays it in, lenders as a group are short of: {shortfalls}."
        )
    if short:
        return (
            "Lenders are short without any bad debt: claims exceed debts and cash by "
            f"{', '.join(_shortfall(balance) for balance in short)}. That is the pool's own accounting, not a default."
        )
    return (
        f"No lender lost anything: in all {len(result.after)} reserves what borrowers owe and what is in the pool cover"
        " what lenders are owed, to the last unit, and no bad debt was written off."
    )


def _shortfall(balance: ReserveBalance) -> str:
    return f"{amount(-balance.slack_without_deficit, balance.decimals)} {balance.symbol}"


def uncovered_verdict(result: ReplayResult) -> str:
    """Debts that exist but are not worth their face value: collateral is missing behind them."""
    worst = max(result.steps, key=lambda step: step.uncovered_base)
    if result.uncovered_base:
        return (
            f"At the end {dollars(result.uncovered_base)} of debt have no collateral behind them: a loss that is"
            " coming unless prices recover."
        )
    if worst.uncovered_base:
        return (
            f"For a while, at worst {day_time(worst.time)}, {dollars(worst.uncovered_base)} of debt had no collateral"
            " behind them; at the end none is left so."
        )
    return "At no point was a debt left standing that was larger than the collateral behind it."


def access_verdict(result: ReplayResult) -> str:
    """Could lenders get at their WETH? Being whole and being liquid are different things."""
    tightest = tightest_step(result)
    weth = tightest.reserve("WETH")
    share = weth.cash * WAD // weth.owed_to_lenders if weth.owed_to_lenders else WAD
    opening = "Being whole was not being liquid" if share < WAD // 10 else "WETH stayed liquid"
    return (
        f"{opening}: at the tightest, {day_time(tightest.time)}, {amount(weth.cash, 18, 0)} of the"
        f" {amount(weth.owed_to_lenders, 18, 0)} WETH owed to lenders could be withdrawn at once ({percent(share)});"
        f" utilisation was {percent(weth.utilisation_wad)}, the highest reported is"
        f" {percent(max(result.reported.utilisation_peaks_bps) * WAD // 10_000)}."
    )


def tightest_step(result: ReplayResult) -> Step:
    """The step with the highest WETH utilisation; the first of equals."""
    return max(result.steps, key=lambda step: step.reserve("WETH").utilisation_wad)


def closest_step(result: ReplayResult) -> Step | None:
    """The print at which a wallet was closest to liquidation, or furthest beyond it. None without any debt."""
    indebted = [step for step in result.steps if step.worst_health_factor_at_print is not None]
    return min(indebted, key=lambda step: step.worst_health_factor_at_print or 0, default=None)


def margin_verdict(result: ReplayResult) -> str:
    """Say how close it was."""
    closest = closest_step(result)
    if closest is None or closest.worst_health_factor_at_print is None:
        return "The position never had a debt."
    worst = closest.worst_health_factor_at_print
    when = f"{day_time(closest.time)} with WETH at {price(closest.price)}"
    if worst >= WAD:
        fall = WAD - WAD * WAD // worst
        return (
            f"The closest call was {when}: the worst wallet's health factor was {health_factor(worst)}, a further fall"
            f" of {percent(fall)} would have made it liquidatable."
        )
    return f"A wallet was liquidatable: the worst health factor was {health_factor(worst)}, {when}."


def liquidation_verdict(result: ReplayResult) -> str:
    """Say who was liquidated, and for how much."""
    calls = result.liquidations
    if not calls:
        return "Nothing was liquidated."
    prices = {balance.symbol: balance for balance in result.after}
    names = {wallet.name for wallet in result.parameters.wallets}
    hit = {call.account for call in calls}
    repaid = sum(prices[call.debt_asset].dollars(call.repaid) for call in calls)
    seized = sum(call.received for call in calls if call.collateral_asset == "WETH")
    in_kind = sum(call.received for call in calls if call.collateral_asset == "WETH" and call.received_a_tokens)
    others = f" and {plural(len(hit - names), 'other account')}" if hit - names else ""
    as_a_tokens = f", {amount(in_kind, 18, 0)} of them as aWETH for want of free WETH" if in_kind else ""
    return (
        f"Liquidators made {plural(len(calls), 'call')} on {len(hit & names)} of the {len(names)} wallets{others}: they"
        f" repaid about {millions(repaid)} and received {amount(seized, 18, 0)} WETH{as_a_tokens}. Prices stay as"
        " recorded: that selling so much at once would have pushed them down further is not in this."
    )


def position_verdict(result: ReplayResult) -> str:
    """Say what became of the position."""
    last = result.steps[-1].position
    sold = result.steps[-1].sold_weth
    if not last.debt_base and not last.weth:
        end = "Nothing of the position is left and its debt is repaid in full"
    elif not last.debt_base:
        end = f"The debt is repaid in full; {amount(last.weth, 18, 0)} WETH are left"
    else:
        end = f"The position is still open: {amount(last.weth, 18, 0)} WETH against {dollars(last.debt_base)} of debt"
    if not sold:
        return f"{end}. The owner sold nothing."
    proceeds = sum(sale.proceeds_base for sale in result.sales)
    return (
        f"{end}. The owner sold {amount(sold, 18, 0)} WETH at {price(proceeds * WAD // sold)} on average, at candle"
        f" closes and without slippage; reported for the whole exit, begun a day earlier:"
        f" {price(result.reported.average_sale_price)}."
    )


def returned_verdict(result: ReplayResult) -> str:
    """Say what others had to bring back."""
    returned = result.steps[-1].returned_weth
    if not returned:
        return "No WETH had to be brought back by others."
    repaid = sum(entry.amount for entry in result.returns if entry.by == "repayment")
    first = result.returns[0].time
    return (
        f"For the withdrawals to go through without utilisation passing the reported peaks, others had to bring back"
        f" {amount(returned, 18, 0)} WETH from {day_time(first)} on ({amount(repaid, 18, 0)} by repaying,"
        f" {amount(returned - repaid, 18, 0)} by supplying). Who really did is not known."
    )


def refusal_verdict(result: ReplayResult) -> str:
    """Say what the pool refused."""
    nouns = {"withdraw": "withdrawal", "repay": "repayment", "liquidate": "liquidation"}
    parts = []
    for action, noun in nouns.items():
        refused = [refusal for refusal in result.refusals if refusal.action == action]
        if refused:
            first = refused[0]
            parts.append(
                f"{plural(len(refused), noun)} (first {day_time(first.time)}, with {amount(first.weth_in_pool, 18, 0)}"
                f" WETH in the pool: {first.words})"
            )
    return f"The pool refused {' and '.join(parts)}." if parts else ""
