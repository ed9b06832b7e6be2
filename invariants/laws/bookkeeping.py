"""SOL-5 to SOL-9, SOL-13 to SOL-16: the figures of a reserve agree with each other and fit where they are stored."""

from __future__ import annotations

from ..law import Broken, Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import ReserveChange, Step
from ..reading.widths import Span
from ..worth import Unit
from .calls import FLASH, TOKEN_MOVES, asset_of, only_counts
from .edges import amounts


@law(
    "SOL-5",
    "The aToken holds at least the virtual balance in underlying.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="E",
    since="3.1",
    edges=amounts.SOL_5,
)
def pool_holds_its_virtual_balance(change: ReserveChange) -> Verdict:
    """Compare what is held with what is booked; a donation only adds to the left side."""
    return at_least("U, VB", change.after.underlying, change.after.virtual, Unit.WEI)


@law(
    "SOL-6",
    "A call to the pool moves the aToken's underlying and the virtual balance by the same amount; in a flash loan, "
    "donations may add to the underlying.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="D",
    alone=True,
    since="3.1",
)
def virtual_balance_follows_underlying(change: ReserveChange) -> Verdict:
    """Compare both movements; outside the pool's calls the virtual balance stands still."""
    before, after, name = change.before, change.after, change.step.name
    held, booked = after.underlying - before.underlying, after.virtual - before.virtual
    if name in FLASH:
        return at_least("dU, dVB", held, booked, Unit.WEI)
    if name.startswith("pool."):
        return equal("dU, dVB", held, booked, Unit.WEI) if held or booked else None
    return equal("dVB, 0", booked, 0, Unit.WEI)


@law(
    "SOL-7",
    "A transfer of underlying to the aToken changes nothing of the reserve but the underlying it holds.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TOKEN_MOVES,
    source="D",
    alone=True,
)
def donations_change_nothing_else(step: Step) -> Verdict:
    """Compare every other figure of the reserve and its tokens; in v3.0.2 the liquidity is what is held."""
    asset = step.receipt.contract.address if step.receipt is not None and step.receipt.contract is not None else ""
    if asset not in step.census.homes:
        return None
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    if before.underlying == after.underlying:
        return None
    gifts = {"underlying", "synced", "usage"}
    if not step.census.homes[asset].tracked:
        gifts |= {"virtual", "slack"}
    names = [name for name in before.__slots__ if name not in gifts]
    left = [getattr(before, name) for name in names]
    return equal("reserve before, reserve after", left, [getattr(after, name) for name in names])


@law(
    "SOL-8",
    "The scaled balances of a token change in sum by exactly the change of its scaled supply.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C,E",
)
def balances_add_up_to_supply(change: ReserveChange) -> Verdict:
    """Add up the changes alone; with SOL-15, which counts everybody now and then, the sums stay exact."""
    step, before, after = change
    home = step.census.homes[after.asset]
    supplied = _sum_of_changes(step, home.a_balances)
    owed = _sum_of_changes(step, home.debt_balances)
    if supplied is None and owed is None and before.scaled_supply == after.scaled_supply:
        return None
    return all_of(
        (
            equal("sum of dS, dS", supplied or 0, after.scaled_supply - before.scaled_supply, Unit.SHARES),
            equal("sum of dD, dD", owed or 0, after.scaled_debt - before.scaled_debt, Unit.DEBT_SHARES),
        )
    )


def _sum_of_changes(step: Step, ledger: object) -> int | None:
    written = step.changes.get(id(ledger))
    if written is None:
        return None
    where = written[0]
    changes: list[int] = [where[user] - step.before.entry(where, user) for user in written[1]]
    return sum(changes)


@law(
    "SOL-9",
    "Lenders' balances, each rounded down, fall short of the aToken's supply by less than their number; borrowers' "
    "debts, each rounded up, exceed the debt by less than theirs. Until v3.4, where all goes to the nearest, either is "
    "off by half of their number and a half at most.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="E",
    bound="the shares add up exactly, so only roundings are apart: less than a wei for each balance, to the nearest "
    "half a wei for each and half a wei for the supply",
)
def rounding_of_balances_is_bounded(probe: Probe) -> Verdict:
    """Count everybody through the tokens' own views."""
    return all_of(verdict for asset in probe.assets for verdict in _rounding_of(probe, asset))


def _rounding_of(probe: Probe, asset: str) -> list[Verdict]:
    home = probe.census.homes[asset]
    lenders = [user for user, shares in home.a_balances.items() if shares]
    borrowers = [user for user, shares in home.debt_balances.items() if shares]
    chain = probe.census.chain
    chain.will_ask((home.a_token.balance_of,), lenders)
    chain.will_ask((home.debt_token.balance_of,), borrowers)
    short = home.a_token.total_supply() - sum(home.a_token.balance_of(user) for user in lenders)
    excess = sum(home.debt_token.balance_of(user) for user in borrowers) - home.debt_token.total_supply()
    if not probe.census.rules.debts_round_up:
        return [
            at_most("lenders' error, bound", abs(short), (len(lenders) + 1) // 2, Unit.WEI, asset),
            at_most("borrowers' error, bound", abs(excess), (len(borrowers) + 1) // 2, Unit.WEI, asset),
        ]
    return [
        at_least("lenders' shortfall, 0", short, 0, Unit.WEI, asset),
        at_most("shortfall, lenders", short, len(lenders), Unit.WEI, asset),
        at_least("borrowers' excess, 0", excess, 0, Unit.WEI, asset),
        at_most("excess, borrowers", excess, len(borrowers), Unit.WEI, asset),
    ]


@law(
    "SOL-13",
    "The aToken's underlying falls only by a withdrawal, a borrow, a flash loan or a liquidation.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
    alone=True,
)
def underlying_leaves_by_four_doors(change: ReserveChange) -> Verdict:
    """Look at the call that lowered it."""
    if change.after.underlying >= change.before.underlying:
        return None
    doors = ("pool.withdraw", "pool.borrow", "pool.liquidationCall", *FLASH)
    if change.step.name in doors:
        return True
    left = change.before.underlying - change.after.underlying
    return equal("call, one of the doors", change.step.name, doors, Unit.WEI, amount=left)


@law(
    "SOL-14",
    "Every figure that a step stores in the pool, its configurator or a token of a reserve fits the width that "
    "Solidity declares for it.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    source="A",
    edges=amounts.SOL_14,
)
def stored_figures_fit(step: Step) -> Verdict:
    """Look up each width: users' balances 120 bits from v3.4 on, indexes, rates and amounts 128, times 40."""
    fields, mappings = step.census.widths
    verdict: Verdict = None
    for identity, (where, written) in step.changes.items():
        span = mappings.get(identity)
        if span is not None:
            least, most = span
            for key in written:
                if not least <= where[key] <= most:
                    return _too_wide(where[key], span)
            verdict = True
            continue
        spans = fields.get(type(where))
        if spans is None:
            continue
        for name in written:
            span = spans.get(name)
            if span is not None:
                if not span[0] <= getattr(where, name) <= span[1]:
                    return _too_wide(getattr(where, name), span, name)
                verdict = True
    return verdict


def _too_wide(figure: int, span: Span, name: str = "entry of a mapping") -> Broken:
    limit = span[0] if figure < span[0] else span[1]
    return Broken(f"{name}, the last figure that fits, must not be beyond", figure, limit)


@law(
    "SOL-15",
    "The scaled balances of a token add up to its scaled supply, counted over everybody.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="C,E",
)
def balances_add_up_counted(probe: Probe) -> Verdict:
    """Count everybody: what SOL-8 rests on."""
    return all_of(
        verdict
        for asset in probe.assets
        for home in (probe.census.homes[asset],)
        for verdict in (
            equal("sum of shares, S", sum(home.a_balances.values()), home.a_token.scaled_supply, Unit.SHARES, asset),
            equal(
                "sum of debts, D",
                sum(home.debt_balances.values()),
                home.debt_token.scaled_supply,
                Unit.DEBT_SHARES,
                asset,
            ),
        )
    )


@law(
    "SOL-16",
    "A call of a user leaves the reserves it does not name, and their lenders, exactly as they were.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.supply", "pool.withdraw", "pool.borrow", "pool.repay", "pool.repayWithATokens", "pool.mintToTreasury"),
    source="N",
    alone=True,
)
def unnamed_reserves_stand_still(step: Step) -> Verdict:
    """Compare the reserves that changed with those that were named; a count against a ceiling is no lender's."""
    named = set(step.arguments[0]) if step.name == "pool.mintToTreasury" else {asset_of(step)}
    unnamed = sorted(asset for asset in set(step.changed_reserves) - named if not only_counts(step, asset))
    return equal("changed but not named, none", unnamed, [])
