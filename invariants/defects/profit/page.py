"""The section of DEFECTS.md on combinations: for each release the best chain that a search for profit found."""

from __future__ import annotations

from pooltwin.protocol.revisions import REVISIONS

from .campaign import Combination
from .ground import ACCOMPLICE, AGE_SECONDS, BANKROLL_DOLLARS, FRESH
from .ploys import DAY
from .results import ProfitResults
from .search import MAX_WAITS, WAITS
from .telling import dollars, told

DUST = 10**8 * 10**12
"""A dollar: what is worth less is called rounding dust."""


def combinations_section(results: ProfitResults) -> str:
    """Write the section as Markdown."""
    chains = [_chain(each) for each in results.found if each.worth >= DUST]
    return "\n".join([_head(results), _table(results), *chains, _LIMITS])


def combined_cost(results: ProfitResults, defect: str) -> str:
    """Say the most that lenders lose by a chain that needs a defect and others; empty where there is none."""
    lost = [each.reckoning.lost for each in results.found if defect in each.needs and len(each.needs) > 1]
    return f"[combined](#combinations) {dollars(max(lost))}" if lost and max(lost) >= DUST else ""


def _head(results: ProfitResults) -> str:
    days, most = AGE_SECONDS // DAY, MAX_WAITS * WAITS[0] // DAY
    return f"""## Combinations

The costs above are those of one step. A chain of steps can cost more: what raises an index a little and what gives away
half a share are worth next to nothing alone. So a search goes for profit on each release, and another for the loss of
lenders. It knows no defect: it has the calls that anybody can make, for amounts at which roundings and limits turn,
repeats what raises the attacker's gain, what the pool promises it or the worth of a share, and keeps the best chains.
Made by

```
pooltwin profit --output invariants
```

with a budget of {results.budget:,} calls from seed {results.seed}, which also writes `invariants/profit_results.json`.
A test plays every chain again. With `--histories FOLDER` each is written as a history, call by call.

The market: 1,500 WETH and 1,000,000 DAI of honest lenders, of which one has owed 400,000 DAI for {days} days, and
{FRESH} just listed, with nobody in it. Flash loans cost {results.premium_bps} bps. The attacker has a contract, and
an account called "{ACCOMPLICE}", each with ${BANKROLL_DOLLARS:,} of every asset. Prices stand still, nobody else
moves, and gas is free. A gain is counted in the wallets, all within one block, after everything is unwound in real
calls. Losses are sought whatever they cost, and up to {most} days may pass; lost is what lenders and the treasury
are owed beyond what the pool holds and honest people owe it. The bankroll is how far the wallets went down on the
way, loans aside: what the chain took, not the least that would do.
"""


def _table(results: ProfitResults) -> str:
    lines = ["| | attacker gains | lenders lose by it | needs | a loss sought for itself | needs |"]
    lines.append("|---|---|---|---|---|---|")
    for revision in REVISIONS:
        row = {each.objective: each for each in results.found if each.revision == revision}
        if len(row) == 2:
            gain, loss = row["gain"], row["loss"]
            lost = dollars(gain.reckoning.lost) if gain.worth >= DUST else "nothing"
            cells = (f"v{revision}", _worth(gain), lost, _needs(gain), _worth(loss), _needs(loss))
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _worth(each: Combination) -> str:
    if each.worth >= DUST:
        return f"[{dollars(each.worth)}](#{each.objective}-on-v{each.revision.replace('.', '')})"
    return f"rounding dust, {dollars(each.worth)}" if each.worth > 0 else "none found"


def _needs(each: Combination) -> str:
    return ", ".join(f"[{defect}](#{defect})" for defect in each.needs) if each.worth >= DUST else ""


def _chain(each: Combination) -> str:
    facts = [f"- {line}" for line in _facts(each)]
    return "\n".join([f"### {_title(each)}", "", *facts, "", "```", *_story(each), "```", ""])


def _title(each: Combination) -> str:
    return f"{each.objective.capitalize()} on v{each.revision}"


def _story(each: Combination) -> list[str]:
    return [*told(each.stretches), *(["Then it is unwound:", *told(each.unwinding)] if each.unwinding else [])]


def _facts(each: Combination) -> list[str]:
    reckoning = each.reckoning
    time = f"{reckoning.seconds // DAY} days" if reckoning.seconds else "one block"
    facts = [
        f"attacker: {dollars(reckoning.gain)}; lenders and treasury: {dollars(-reckoning.lost)}",
        f"{reckoning.calls:,} calls, {time}; premiums {dollars(reckoning.premiums)}, bankroll "
        f"{dollars(reckoning.bankroll)}; searched and tested with {each.spent:,} calls",
    ]
    for cure in each.cures:
        if cure.anew is not None:
            facts.append(
                f"without {cure.defect}: {dollars(max(0, cure.worth))} by the same chain, {dollars(cure.anew)} by the "
                "best that a search half as long finds"
            )
    others = [cure.defect for cure in each.cures if cure.anew is None]
    return [*facts, f"does without: {', '.join(others)}"] if others else facts


def combination_told(each: Combination) -> list[str]:
    """Tell what was found on a release, in lines for a terminal."""
    if not each.chain:
        return [f"{_title(each)}: none found with {each.spent:,} calls."]
    if each.worth < DUST:
        worth, calls = dollars(each.worth), each.reckoning.calls
        return [f"{_title(each)}: rounding dust, {worth} in {calls:,} calls, found with {each.spent:,}."]
    return [f"{_title(each)}: {dollars(each.worth)}", *(f"  {fact}" for fact in _facts(each)), *_story(each)]


_LIMITS = """What a search does not find may be there all the same: these figures are lower bounds of what is possible,
and "none found" is no proof of safety. Prices that move, other people who move, tokens that call back, and loans of
several assets at once are not tried. A defect is cured by giving the old release the decision of the release that fixed
it; of defects without a decision of their own the chains say nothing.
"""
