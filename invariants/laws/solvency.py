"""SOL: what lenders are owed is there, or owed to the pool."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import Holding, Position, ReserveChange, Step, weigh
from ..reference import RAY, WAD, ceil, floor
from .accrual import accrual_loss, synced
from .calls import FLASH, TOKEN_MOVES, WITHDRAW, asset_of, is_everything

DOUBLE_ACCRUAL = "a same-asset liquidation after silence credits the treasury twice for the same interest"
HALF_UP = "amounts round to the nearest share, so single operations may cost the pool a wei"


@law(
    "SOL-1",
    "The slack of a reserve, ceil(D * B) + VB + F - floor((S + A) * L), is at least minus what the roundings of all "
    "accruals so far may have cost.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="C+E",
    since="3.4",
    over_time=True,
    bound="the sum of SOL-3's bounds over the accruals seen, below one wei each for ordinary reserves, and two wei for "
    "the rounding of claims and debts themselves",
    deviates={"3.4": HALF_UP, "3.5": DOUBLE_ACCRUAL, "3.6": DOUBLE_ACCRUAL},
)
def slack_is_not_negative(change: ReserveChange) -> Verdict:
    """The allowance is kept from step to step, starting at what the monitor found."""
    before, after, memory = change.before, change.after, change.step.memory
    key = ("SOL-1", after.asset)
    allowance = memory[key]
    if allowance is None:
        allowance = max(0, -before.slack) * RAY
    if before.last_update != after.last_update:
        allowance += accrual_loss(before, before.time - before.last_update)
        memory[key] = allowance
    elif memory[key] is None:
        memory[key] = allowance
    loss = allowance + (accrual_loss(after, after.time - after.last_update) if after.time > after.last_update else 0)
    return at_least("slack, bound", after.slack, -2 - loss // RAY)


@law(
    "SOL-2",
    "An operation at fixed time never lowers the slack of a reserve below what it was once the interest due had been "
    "accrued: tolerance zero.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C+A",
    since="3.5",
    deviates={"3.5": DOUBLE_ACCRUAL, "3.6": DOUBLE_ACCRUAL},
)
def operations_never_lower_slack(change: ReserveChange) -> Verdict:
    """Rounding always favours the pool: shares down, debts up."""
    before, after = change.before, change.after
    if before.liquidity_index == 0 or not change.step.name.startswith(("pool.", "aToken.", "token.")):
        return None
    moved = before.last_update != after.last_update
    floor_of_slack = synced(before).slack if moved else before.slack
    return at_least("slack after, slack before", after.slack, floor_of_slack)


@law(
    "SOL-3",
    "Time alone lowers the slack, the treasury's due share counted, by no more than its roundings.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
    since="3.5",
    over_time=True,
    bound="6 T t + 2 r t + S + A + c + D + (4 + 4 r t) v ray wei and half a wei, t in years, and two wei for the "
    "rounding of claims and debts; where something was due before, its own rounding too, two wei and a share. Derived "
    "with `accrual_loss`",
)
def time_costs_no_slack(change: ReserveChange) -> Verdict:
    """Only where the slack was not negative at the last update: with less than is owed, lenders' interest outgrows."""
    before, after = change.before, change.after
    start = synced(before).slack
    if change.step.same_time or not before.scaled_debt or start < 0:
        return None
    loss = accrual_loss(before, after.time - before.last_update)
    if before.time != before.last_update:
        loss += 2 * RAY + before.income
    return at_least("slack after, slack before less bound", synced(after).slack, start - 2 - loss // RAY)


@law(
    "SOL-4",
    "Whatever the schedule of updates over a stretch of time, the slack falls by no more than the roundings of the "
    "accruals.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="N",
    since="3.5",
    bound="SOL-3's for each accrual, in sum, and two wei for the rounding of claims and debts at either end",
)
def no_schedule_of_updates_costs_slack(probe: Probe) -> Verdict:
    """A few pokes at random moments: governance sets the reserve factor to what it is."""
    views = [probe.now.reserve(asset) for asset in probe.assets]
    asset = probe.pick([view.asset for view in views if view.scaled_debt and synced(view).slack >= 0])
    if asset is None:
        return None
    loss = 0
    with probe.undone():
        probe.poke(asset)
        start = probe.now.reserve(asset).slack
        for _ in range(probe.rng.randrange(1, 6)):
            before = probe.now.reserve(asset)
            probe.census.chain.advance(probe.rng.choice((1, 12, 3_600, 86_400, 20 * 86_400)))
            loss += accrual_loss(before, probe.census.chain.time - before.last_update)
            probe.poke(asset)
        end = probe.now.reserve(asset).slack
    return at_least("slack after, slack before less bound", end, start - 2 - loss // RAY)


@law(
    "SOL-5",
    "The aToken holds at least the virtual balance in underlying.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="E",
)
def pool_holds_its_virtual_balance(change: ReserveChange) -> Verdict:
    """Deviates for nothing: a donation only adds to the left side."""
    return at_least("U, VB", change.after.underlying, change.after.virtual)


@law(
    "SOL-6",
    "A call to the pool moves the aToken's underlying and the virtual balance by the same amount; in a flash loan, "
    "donations may add to the underlying.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="D",
)
def virtual_balance_follows_underlying(change: ReserveChange) -> Verdict:
    """Outside the pool's calls the virtual balance stands still."""
    before, after, name = change.before, change.after, change.step.name
    held, booked = after.underlying - before.underlying, after.virtual - before.virtual
    if name in FLASH:
        return at_least("dU, dVB", held, booked)
    if name.startswith("pool."):
        return equal("dU, dVB", held, booked) if held or booked else None
    return equal("dVB, 0", booked, 0)


@law(
    "SOL-7",
    "A transfer of underlying to the aToken changes nothing of the reserve but the underlying it holds.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TOKEN_MOVES,
    source="D",
)
def donations_change_nothing_else(step: Step) -> Verdict:
    """The reserve's struct and both its tokens stay as they were."""
    asset = step.receipt.contract.address if step.receipt is not None and step.receipt.contract is not None else ""
    if asset not in step.census.homes:
        return None
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    if before.underlying == after.underlying:
        return None
    names = [name for name in before.__slots__ if name not in ("underlying", "synced")]
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
    """With SOL-15, which counts everything now and then, this keeps the sums exact without counting everybody."""
    home, step = change.step.census.homes[change.after.asset], change.step
    supplied = _sum_of_changes(step, home.a_balances)
    owed = _sum_of_changes(step, home.debt_balances)
    if supplied is None and owed is None and change.before.scaled_supply == change.after.scaled_supply:
        return None
    return all_of(
        (
            equal("sum of dS, dS", supplied or 0, change.after.scaled_supply - change.before.scaled_supply),
            equal("sum of dD, dD", owed or 0, change.after.scaled_debt - change.before.scaled_debt),
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
    "debts, each rounded up, exceed the debt by less than theirs.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="E",
    since="3.5",
)
def rounding_of_balances_is_bounded(probe: Probe) -> Verdict:
    """Counted through the tokens' own views."""
    return all_of(verdict for asset in probe.assets for verdict in _rounding_of(probe, asset))


def _rounding_of(probe: Probe, asset: str) -> list[Verdict]:
    home = probe.census.homes[asset]
    lenders = [user for user, shares in home.a_balances.items() if shares]
    borrowers = [user for user, shares in home.debt_balances.items() if shares]
    short = home.a_token.total_supply() - sum(home.a_token.balance_of(user) for user in lenders)
    excess = sum(home.debt_token.balance_of(user) for user in borrowers) - home.debt_token.total_supply()
    return [
        all_of((at_least("lenders' shortfall, 0", short, 0), at_most("shortfall, lenders", short, len(lenders)))),
        all_of((at_least("borrowers' excess, 0", excess, 0), at_most("excess, borrowers", excess, len(borrowers)))),
    ]


@law(
    "SOL-10",
    "withdraw(x) succeeds if and only if 0 < x <= balance and x <= VB, the reserve is active and not paused, the "
    "recipient can receive, and the position left is healthy and keeps the ltv-zero order.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=WITHDRAW,
    source="N",
    since="3.6",
    reverted=True,
)
def withdraw_succeeds_iff_it_may(step: Step) -> Verdict:
    """Predicted from the state before, then compared with what happened."""
    return equal("withdrawal succeeded, may succeed", step.ok, may_withdraw(step))


def may_withdraw(step: Step) -> bool:
    """Would the rules let this withdrawal through?"""
    asset, amount, to = step.arguments
    home = step.census.homes.get(asset)
    if home is None or to in (home.a_token.address, ZERO_ADDRESS):
        return False
    view, user = step.before.reserve(asset), step.sender
    shares = step.before.shares(asset, user)
    burned = shares if is_everything(amount) else ceil(amount, RAY, view.income)
    paid = floor(shares, view.income, RAY) if is_everything(amount) else amount
    if not 0 < burned <= shares or paid > view.virtual or not view.active or view.paused:
        return False
    return may_leave(step, asset, user, burned)


def may_leave(step: Step, asset: str, user: str, shares: int) -> bool:
    """May these shares of a user's collateral go? Healthy afterwards, and ltv-zero collateral leaves first."""
    position = step.before.position(user)
    here = next((holding for holding in position.holdings if holding.asset == asset), None)
    if here is None or not here.collateral_bit or not any(holding.borrow_bit for holding in position.holdings):
        return True
    left = here.scaled_supply - shares
    kept = [holding for holding in position.holdings if holding.asset != asset]
    rest = Holding(asset, here.id, left, here.scaled_debt, left > 0, here.borrow_bit)
    return is_sound_without(position, [*kept, rest], asset)


def is_sound_without(position: Position, holdings: list[Holding], asset: str) -> bool:
    """Is a position healthy, and is its ltv-zero order kept by the asset that left?"""
    sums = weigh(position.moment, position.category_id, holdings)
    if sums.health < WAD:
        return False
    return not sums.lends_nothing or position.ltv_of(asset) == 0


@law(
    "SOL-11",
    "Once all debt is repaid and no deficit is left, every lender and the treasury can exit in full.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="E",
    since="3.5",
    deviates={"3.5": DOUBLE_ACCRUAL, "3.6": DOUBLE_ACCRUAL},
)
def everybody_can_exit(probe: Probe) -> Verdict:
    """Tried on a reserve without deficit, in a random order, after the debts have been repaid by a stranger."""
    asset = probe.pick([asset for asset in probe.assets if probe.census.homes[asset].reserve.deficit == 0])
    if asset is None:
        return None
    with probe.undone():
        if not probe.settle_everything(asset):
            return None
        return equal("lenders left inside, 0", len(probe.exits(asset, probe.lenders(asset))[1]), 0)


@law(
    "SOL-12",
    "The order in which lenders exit does not change what each is paid.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    since="3.5",
)
def order_of_exits_does_not_matter(probe: Probe) -> Verdict:
    """At fixed time the index stands still, so the tolerance is zero."""
    asset = probe.pick(probe.assets)
    if asset is None:
        return None
    with probe.undone():
        if not probe.settle_everything(asset):
            return None
        lenders = probe.lenders(asset)
        with probe.undone():
            forwards, stuck = probe.exits(asset, lenders)
        backwards, stuck_too = probe.exits(asset, lenders[::-1])
    if stuck or stuck_too or not lenders:
        return None  # SOL-11's business
    return equal("paid in one order, in the other", forwards, backwards)


@law(
    "SOL-13",
    "The aToken's underlying falls only by a withdrawal, a borrow, a flash loan or a liquidation.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
)
def underlying_leaves_by_four_doors(change: ReserveChange) -> Verdict:
    """A multicall may contain any of them."""
    if change.after.underlying >= change.before.underlying:
        return None
    doors = ("pool.withdraw", "pool.borrow", "pool.liquidationCall", "pool.multicall", *FLASH)
    return True if change.step.name in doors else equal("call, one of the doors", change.step.name, doors)


@law(
    "SOL-15",
    "The scaled balances of a token add up to its scaled supply, counted over everybody.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="C,E",
)
def balances_add_up_counted(probe: Probe) -> Verdict:
    """The anchor of SOL-8."""
    return all_of(
        verdict
        for asset in probe.assets
        for home in (probe.census.homes[asset],)
        for verdict in (
            equal("sum of shares, S", sum(home.a_balances.values()), home.a_token.scaled_supply),
            equal("sum of debts, D", sum(home.debt_balances.values()), home.debt_token.scaled_supply),
        )
    )


@law(
    "SOL-16",
    "A call of a user leaves the reserves it does not name, and their lenders, exactly as they were.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.supply", "pool.withdraw", "pool.borrow", "pool.repay", "pool.repayWithATokens", "pool.mintToTreasury"),
    source="N",
)
def unnamed_reserves_stand_still(step: Step) -> Verdict:
    """What was touched is what was named."""
    named = set(step.arguments[0]) if step.name == "pool.mintToTreasury" else {asset_of(step)}
    touched = set(step.census.touched_assets(step.changes))
    return equal("touched but not named, none", sorted(touched - named), [])
