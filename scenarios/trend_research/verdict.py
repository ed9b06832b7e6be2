"""Verdict in plain English, computed: every sentence is chosen by the numbers it states."""

from __future__ import annotations

from ..formatting import amount, day_time, dollars, health_factor, millions, percent, plural, price
from ..formatting import share as share_of
from ..units import WAD
from .assumed import ceilings_met, repaid_usd, seized_weth
from .measurement import ReserveBalance
from .result import Alternative, ReplayResult, Step


def verdict(result: ReplayResult) -> tuple[str, ...]:
    """One sentence or two per question: lenders' claims, their access, the position, liquidations, what it rests on."""
    sentences = [
        lenders_verdict(result),
        uncovered_verdict(result),
        access_verdict(result),
        margin_verdict(result),
        liquidation_verdict(result),
        alternatives_verdict(result),
        position_verdict(result),
        returned_verdict(result),
        refusal_verdict(result),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def lenders_verdict(result: ReplayResult) -> str:
    """Did lenders lose anything? A shortfall is counted without the deficit, since nobody owes a deficit."""
    written_off = new_deficits(result)
    short = [balance for balance in result.after if balance.slack_without_deficit < 0]
    if written_off:
        shortfalls = ", ".join(_shortfall(balance) for balance in short) or "nothing, older surpluses cover it"
        return (
            f"Lenders lost. Bad debt was written off: {', '.join(written_off)}. Nobody owes it any more; until someone"
            f" pays it in, lenders as a group are short of: {shortfalls}."
        )
    if result.uncovered_base:
        return (
            f"Lenders stand to lose {dollars(result.uncovered_base)}: nothing was written off, but at the end debts of"
            " so much have no collateral behind them."
        )
    if short:
        return (
            "Lenders are short without any bad debt: claims exceed debts and cash by "
            f"{', '.join(_shortfall(balance) for balance in short)}. That is the pool's own accounting, not a default."
        )
    left = max(result.steps, key=lambda step: step.uncovered_base)
    if left.uncovered_base:
        return (
            f"Nothing was written off and at the end all debts are covered, but only because WETH rose again: at"
            f" {day_time(left.time)} debts of {dollars(left.uncovered_base)} were left without collateral behind them."
        )
    return (
        f"No lender lost anything: in all {len(result.after)} reserves what borrowers owe and what is in the pool cover"
        " what lenders are owed, to the last unit, and no bad debt was written off."
    )


def new_deficits(result: ReplayResult) -> list[str]:
    """List what was written off in the replay, reserve by reserve."""
    return [
        f"{amount(after.deficit - before.deficit, after.decimals)} {after.symbol}"
        for before, after in zip(result.before, result.after, strict=True)
        if after.deficit > before.deficit
    ]


def _shortfall(balance: ReserveBalance) -> str:
    return f"{amount(-balance.slack_without_deficit, balance.decimals)} {balance.symbol}"


def uncovered_verdict(result: ReplayResult) -> str:
    """Debts that exist but are not worth their face value: collateral is missing behind them.

    They are measured at each print, before anyone acts, and again afterwards.
    """
    first = max(result.steps, key=lambda step: step.uncovered_at_print_base)
    left = max(result.steps, key=lambda step: step.uncovered_base)
    at_print = f"{dollars(first.uncovered_at_print_base)} of debt had no collateral behind it at {day_time(first.time)}"
    if not first.uncovered_at_print_base:
        if new_deficits(result):
            return (
                "At no print was a debt larger than the collateral behind it: what was written off is what that"
                " collateral lacked to pay the liquidators' bonus as well."
            )
        return "At no print was a debt larger than the collateral behind it, neither before anyone acted nor after."
    if result.uncovered_base:
        return f"At worst {at_print}; at the end {dollars(result.uncovered_base)}."
    if not left.uncovered_base:
        became = "turned it into bad debt" if new_deficits(result) else "left none of it"
        return f"Before anyone acted {at_print}; the liquidations at the same print {became}."
    if left is first and left.uncovered_base == first.uncovered_at_print_base:
        return f"Before anyone acted {at_print}, and nobody changed that; at the end it is covered again."
    return (
        f"Before anyone acted {at_print}. After everybody had acted it was {dollars(left.uncovered_base)} at worst,"
        f" {day_time(left.time)}; at the end it is covered again."
    )


def access_verdict(result: ReplayResult) -> str:
    """Could lenders get at their WETH? Being whole and being liquid are different things."""
    tightest = tightest_step(result)
    weth = tightest.reserve("WETH")
    share = weth.cash * WAD // weth.owed_to_lenders if weth.owed_to_lenders else WAD
    stuck = "Nor could lenders leave" if result.lenders_lost else "Being whole was not being liquid"
    opening = stuck if share < WAD // 10 else "WETH stayed liquid"
    met = ceilings_met(result)
    construction = f" That it reaches {' and '.join(map(share_of, met))} holds by construction." if met else ""
    return (
        f"{opening}: at the tightest, {day_time(tightest.time)}, {amount(weth.cash, 18, 0)} of the"
        f" {amount(weth.owed_to_lenders, 18, 0)} WETH owed to lenders could be withdrawn at once ({percent(share)})."
        f" Utilisation was {percent(weth.utilisation_wad)}, the highest reported is"
        f" {share_of(max(result.reported.utilisation_peaks_bps))}.{construction}"
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
    """Say who was liquidated and for how much, or why nobody was."""
    calls = result.liquidations
    if not calls:
        return f"Nothing was liquidated{_why_not(result)}."
    names = {wallet.name for wallet in result.parameters.wallets}
    hit = {call.account for call in calls}
    seized, in_kind = seized_weth(result), seized_weth(result, as_a_tokens=True)
    others = f" and {plural(len(hit - names), 'other account')}" if hit - names else ""
    as_a_tokens = f", {amount(in_kind, 18, 0)} of them as aWETH for want of free WETH" if in_kind else ""
    left = f" {_left_alone(result)}" if result.declined else ""
    fell = _what_sales_did(result)
    return (
        f"Liquidators made {plural(len(calls), 'call')} on {len(hit & names)} of the {len(names)} wallets{others}: they"
        f" repaid about {millions(repaid_usd(result, calls))} and received {amount(seized, 18, 0)}"
        f" WETH{as_a_tokens}.{fell}{left}"
    )


def _what_sales_did(result: ReplayResult) -> str:
    """Say whether the price reacted to what liquidators sold."""
    if result.parameters.weth_depth_usd is None:
        return " Prices stay as they are, whatever is sold."
    low = min(result.steps, key=lambda step: step.price)
    raw = min(step.raw_price for step in result.steps)
    if low.price >= raw:
        return ""
    sold = result.steps[-1].sold_by_liquidators_weth
    return (
        f" Selling {amount(sold, 18, 0)} WETH they took the price down to {price(low.price)} at {day_time(low.time)};"
        f" the lowest recorded or given price is {price(raw)}."
    )


def _why_not(result: ReplayResult) -> str:
    """Say why nobody was liquidated: nobody could be, there was nobody to do it, it did not pay, or it failed."""
    most = max(result.steps, key=lambda step: step.liquidatable_at_print)
    if not most.liquidatable_at_print:
        return ": at no print was any account liquidatable"
    could = f", although {plural(most.liquidatable_at_print, 'account')} could be at {day_time(most.time)}"
    if not result.parameters.liquidators_active:
        return f"{could}: there are no liquidators in this run"
    if result.declined:
        return f"{could}: {_does_not_pay(result)}"
    return f"{could}: the pool refused every attempt"


def _left_alone(result: ReplayResult) -> str:
    accounts = {entry.account for entry in result.declined}
    return f"They left {plural(len(accounts), 'account')} alone for a while: {_does_not_pay(result)}."


def _does_not_pay(result: ReplayResult) -> str:
    """Say of the liquidation that came nearest to paying why it does not, or that all that were left are too small."""
    losing = [entry for entry in result.declined if entry.proceeds_base <= entry.repaid_base]
    if not losing:
        least = result.parameters.liquidator_least_profit_usd
        return f"a call on such small debts does not bring the {least:,} USD that it has to"
    nearest = min(losing, key=lambda entry: entry.slippage_bps - entry.bonus_bps)
    bonus, slippage = share_of(nearest.bonus_bps), share_of(nearest.slippage_bps)
    return f"the bonus after the fee, {bonus}, does not pay a slippage of {slippage}"


def alternatives_verdict(result: ReplayResult) -> str:
    """Say what comes of other readings of the sources."""
    wallets = [wallet.name for wallet in result.parameters.wallets]
    told = "; ".join(f"{reading.words}, {_outcome(reading, wallets)}" for reading in result.alternatives)
    return f"Sources allow other readings: {told}." if told else ""


def _outcome(reading: Alternative, wallets: list[str]) -> str:
    worst = health_factor(reading.worst_health_factor_at_print)
    lost = ", and lenders lose" if reading.lenders_lost else ""
    hit = [name for name in wallets if name in reading.liquidated]
    others = len(reading.liquidated) - len(hit)
    beside = f", {plural(others, 'other account')} beside" if others else ""
    if not hit:
        return f"no wallet is liquidated (worst health factor {worst}{beside}){lost}"
    who = hit[0] if len(hit) == 1 else f"{len(hit)} wallets"
    return (
        f"{who} {'is' if len(hit) == 1 else 'are'} liquidated ({plural(reading.liquidation_count, 'call')} in all,"
        f" {amount(reading.seized_weth, 18, 0)} WETH, worst health factor {worst}{beside}){lost}"
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
        f" closes and {'without' if result.parameters.weth_depth_usd is None else 'with modelled'} slippage; reported"
        f" for the whole exit, begun a day earlier: {price(result.reported.average_sale_price)}."
    )


def returned_verdict(result: ReplayResult) -> str:
    """Say what others had to bring back."""
    returned = result.steps[-1].returned_weth
    if not returned:
        return "No WETH had to be brought back by others."
    repaid = sum(entry.amount for entry in result.returns if entry.by == "repayment")
    first = result.returns[0].time
    return (
        f"For the withdrawals to go through without utilisation passing its ceilings, others had to bring back"
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
            parts.append(f"{plural(len(refused), noun)} (the first {day_time(first.time)}: {first.words})")
    return f"The pool refused {' and '.join(parts)}." if parts else ""
