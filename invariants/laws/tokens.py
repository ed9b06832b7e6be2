"""TOK: aTokens and debt tokens are honest ledgers of shares."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.events import BalanceTransfer, Burn, Mint

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, calls_there_are, equal, law
from ..reading.step import ReserveChange, Step
from ..reference import EVERYTHING, RAY, ceil, floor, half_up
from ..worth import Unit
from .calls import BORROW, FLASH, SUPPLY, TRANSFER, WITHDRAW, asset_of, credited, is_everything, transfer_parties
from .conversions import half_a_share
from .edges import amounts

DEBT_TOKEN_REFUSES = tuple(
    f"{token}.{name}"
    for token, more in (("debtToken", ("renounceAllowance",)), ("stableDebtToken", ()))
    for name in ("transfer", "transferFrom", "approve", "increaseAllowance", "decreaseAllowance", *more)
)
POOL_ONLY = tuple(
    f"{token}.{name}"
    for token, names in (
        ("aToken", ("mint", "burn", "mintToTreasury", "transferOnLiquidation", "transferUnderlyingTo")),
        ("debtToken", ("mint", "burn")),
        ("stableDebtToken", ("mint", "burn")),
    )
    for name in names
)


@law(
    "TOK-1",
    "A transfer of aTokens keeps their supply, and moves at most two balances by the same shares.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TRANSFER,
    source="C",
    alone=True,
)
def transfers_keep_the_supply(step: Step) -> Verdict:
    """Compare shares, not amounts."""
    asset = asset_of(step)
    home = step.census.homes[asset]
    written = step.changes.get(id(home.a_balances))
    moved = list(written[1]) if written is not None else []
    changes = [step.after.shares(asset, user) - step.before.shares(asset, user) for user in moved]
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    return all_of(
        (
            equal("supply after, before", after.scaled_supply, before.scaled_supply, Unit.SHARES, asset),
            equal("sum of shares moved, 0", sum(changes), 0, Unit.SHARES, asset),
            at_most("balances moved, 2", sum(1 for change in changes if change), 2),
        )
    )


@law(
    "TOK-2",
    "A transfer to oneself moves no share.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TRANSFER,
    source="X",
    alone=True,
)
def self_transfers_move_nothing(step: Step) -> Verdict:
    """Compare the shares: neither up nor down."""
    from_, to, _ = transfer_parties(step)
    if from_ != to:
        return None
    asset = asset_of(step)
    before, after = step.before.shares(asset, to), step.after.shares(asset, to)
    return equal("shares after, before", after, before, Unit.SHARES, asset)


@law(
    "TOK-3",
    "transferFrom spends of a finite allowance what leaves the sender in underlying, at most all of it; an infinite "
    "allowance is kept.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("aToken.transferFrom",),
    source="D",
    alone=True,
    since="3.6",
    edges=amounts.TOK_3,
)
def allowances_pay_for_what_leaves(step: Step) -> Verdict:
    """Compare with what left: the amount is a lower bound, since shares are rounded up."""
    owner, _, amount = step.arguments
    asset = asset_of(step)
    ledger = step.census.homes[asset].a_token.allowances
    before, after = step.before.entry(ledger, (owner, step.sender)), ledger[owner, step.sender]
    if before == EVERYTHING:
        return equal("infinite allowance after, before", after, before, Unit.WEI, asset)
    index = step.after.reserve(asset).income
    shares = step.before.shares(asset, owner)
    left = floor(shares, index, RAY) - floor(shares - ceil(amount, RAY, index), index, RAY)
    return all_of(
        (
            at_least("allowance before, amount", before, amount, Unit.WEI, asset),
            equal("allowance spent, what left", before - after, min(before, left), Unit.WEI, asset),
        )
    )


@law(
    "TOK-4",
    "Borrowing for a delegator takes an allowance of at least the amount, and spends of it the delegator's increase of "
    "debt, at most all of it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="A",
    alone=True,
    since="3.6",
    edges=amounts.TOK_4,
)
def delegations_pay_for_debt(step: Step) -> Verdict:
    """Compare up to the documented cap: the last wei of a delegation may carry one wei more of debt."""
    asset, amount, _, _, delegator = step.arguments
    if delegator == step.sender:
        return None
    ledger = step.census.homes[asset].debt_token.borrow_allowances
    before, after = step.before.entry(ledger, (delegator, step.sender)), ledger[delegator, step.sender]
    index = step.after.reserve(asset).borrow_index
    owed, owes = step.before.debt_shares(asset, delegator), step.after.debt_shares(asset, delegator)
    increase = ceil(owes, index, RAY) - ceil(owed, index, RAY)
    return all_of(
        (
            at_least("allowance before, amount", before, amount, Unit.WEI, asset),
            equal("allowance spent, increase of debt", before - after, min(before, increase), Unit.WEI, asset),
        )
    )


@law(
    "TOK-5",
    "Debt cannot be transferred or approved.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=calls_there_are(*DEBT_TOKEN_REFUSES),
    source="C",
    reverted=True,
)
def debt_does_not_move(step: Step) -> Verdict:
    """Look for success; only attempts exercise the law."""
    return equal("succeeded, no", step.ok, False)


@law(
    "TOK-6",
    "Only the pool mints and burns: supplies of shares and debt change in its calls alone, and the tokens' own entry "
    "points refuse everybody else.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=calls_there_are(*POOL_ONLY),
    source="C",
    reverted=True,
)
def tokens_obey_the_pool_alone(step: Step) -> Verdict:
    """Look for success; only attempts exercise the law. TOK-10 looks at the supplies."""
    return equal("succeeded, no", step.ok and step.sender != step.census.pool.address, False)


@law(
    "TOK-7",
    "A transfer of more than the balance, or of a paused reserve's aTokens, reverts.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=TRANSFER,
    source="X",
    since="3.5",
    reverted=True,
    edges=amounts.TOK_7,
)
def impossible_transfers_revert(step: Step) -> Verdict:
    """Look for success; only attempts exercise the law."""
    from_, _, amount = transfer_parties(step)
    asset = asset_of(step)
    if asset not in step.census.homes:
        return None
    view = step.before.reserve(asset)
    balance = step.before.shares(asset, from_)
    if ceil(amount, RAY, view.income) <= balance and not view.paused:
        return None
    too_much = amount if view.paused else amount - floor(balance, view.income, RAY)
    return equal("succeeded, no", step.ok, False, Unit.WEI, asset, amount=too_much)


class _Shadow:
    """Shares of a token as its events alone tell them, starting from the state before the step."""

    def __init__(self, step: Step, asset: Address, *, debt: bool) -> None:
        home = step.census.homes[asset]
        self.step, self.debt = step, debt
        self.to_nearest = not step.census.rules.debts_round_up
        """Do events tell amounts, of which shares are the nearest? Until v3.4."""
        self.token = home.debt_token if debt else home.a_token
        self.ledger = home.debt_balances if debt else home.a_balances
        self.shares: dict[Address, int] = {}
        self.indexes: dict[Address, int] = {}

    def _of(self, user: Address) -> int:
        if user not in self.shares:
            self.shares[user] = self.step.before.entry(self.ledger, user)
            self.indexes[user] = self.step.before.entry(self.token.previous_indexes, user)
        return self.shares[user]

    def change(self, user: Address, value: int, index: int) -> None:
        """Move a balance in underlying units by `value` from what it was at the user's last index.

        Balances determine shares: an index is at least one ray, so different shares have different balances.
        """
        if user == ZERO_ADDRESS:
            return
        shares = self._of(user)
        if self.debt:
            self.shares[user] = floor(ceil(shares, self.indexes[user], RAY) + value, RAY, index)
        else:
            self.shares[user] = ceil(floor(shares, self.indexes[user], RAY) + value, RAY, index)
        self.indexes[user] = index

    def add(self, user: Address, amount: int, index: int) -> None:
        """Add an amount, or take it away, as until v3.4: to the nearest share."""
        shares = half_up(abs(amount), RAY, index)
        self.shares[user] = self._of(user) + (shares if amount > 0 else -shares)

    def move(self, from_: Address, to: Address, shares: int, index: int) -> None:
        """Move shares from one user to another."""
        self.shares[from_] = self._of(from_) - shares
        self.shares[to] = self._of(to) + shares
        self.indexes[from_] = self.indexes[to] = index


@law(
    "TOK-8",
    "The events of a token tell its shares: replaying Mint, Burn and BalanceTransfer on the balances before gives the "
    "balances after, and every change is told. Until v3.4 a Mint or Burn tells the amount, less or more the interest, "
    "and the shares are the nearest.",
    kind=Kind.SEQUENCE,
    subject=Subject.RESERVE,
    source="N",
)
def events_rebuild_the_shares(change: ReserveChange) -> Verdict:
    """Replay the events step by step, so that the whole history follows."""
    step, asset = change.step, change.after.asset
    verdict: Verdict = None
    for debt in (False, True):
        home = step.census.homes[asset]
        token, ledger = (home.debt_token, home.debt_balances) if debt else (home.a_token, home.a_balances)
        written = step.changes.get(id(ledger))
        if written is None:
            continue
        shadow = _Shadow(step, asset, debt=debt)
        address = token.address
        for where, event in step.events:
            if where == address:
                _follow(shadow, event)
        told = {user: shares for user, shares in shadow.shares.items() if shares}
        kept = {user: ledger[user] for user in (*written[1], *shadow.shares) if ledger[user]}
        verdict = told == kept or _told_wrongly(shadow, told, kept)
        if verdict is not True:
            break
    return verdict


def _told_wrongly(shadow: _Shadow, told: dict[Address, int], kept: dict[Address, int]) -> Verdict:
    """Compare user by user, for the first whose shares the events tell wrongly."""
    unit, name_of = Unit.DEBT_SHARES if shadow.debt else Unit.SHARES, shadow.step.census.name_of
    return all_of(
        equal(f"shares of {name_of(user)} by events, stored", told.get(user, 0), kept.get(user, 0), unit)
        for user in dict.fromkeys((*told, *kept))
    )


def _follow(shadow: _Shadow, event: object) -> None:
    if shadow.to_nearest and isinstance(event, (Mint, Burn)):
        if isinstance(event, Mint):
            shadow.add(event.on_behalf_of, event.value - event.balance_increase, event.index_ray)
        else:
            shadow.add(event.from_, -event.value - event.balance_increase, event.index_ray)
    elif isinstance(event, Mint):
        shadow.change(event.on_behalf_of, event.value, event.index_ray)
    elif isinstance(event, Burn):
        shadow.change(event.from_, -event.value, event.index_ray)
    elif isinstance(event, BalanceTransfer):
        shadow.move(event.from_, event.to, event.value, event.index_ray)


@law(
    "TOK-9",
    "A wrapper that counts by the index the pool tells is right: the shares that a supply of x mints are worth more "
    "than x - L / RAY - 1 and at most x, those that a withdrawal of x burns at least x and less than x + L / RAY + 1. "
    "Until v3.4 both are worth x, to half a share and a wei: to half an honest one, B / RAY wei, if that is less.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SUPPLY, *WITHDRAW),
    source="C",
    alone=True,
    bound="as stated; an honest share is in v3.0.2 as dear as loans of gifts made it (IDX-15)",
    edges=amounts.TOK_9,
)
def wrappers_convert_faithfully(step: Step) -> Verdict:
    """Convert by the pool's view of the index, each worth rounded down."""
    asset, amount = asset_of(step), step.arguments[1]
    if is_everything(amount):
        return None
    user, index = credited(step), step.census.pool.get_reserve_normalized_income(asset)
    shares = step.after.shares(asset, user) - step.before.shares(asset, user)
    worth, grain = floor(abs(shares), index, RAY), ceil(index, 1, RAY)
    least, most = (amount - grain, amount) if shares > 0 else (amount, amount + grain)
    if not step.census.rules.debts_round_up:
        half = half_a_share(step, step.after.reserve(asset)) // RAY
        least, most = amount - half - 1, amount + half + 1
    return all_of(
        (
            at_least("worth of shares moved", worth, least, Unit.WEI, asset),
            at_most("worth of shares moved", worth, most, Unit.WEI, asset),
        )
    )


@law(
    "TOK-10",
    "The supplies of shares and of debt change only in calls of the pool.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C",
)
def supplies_change_in_the_pool(change: ReserveChange) -> Verdict:
    """Look at the call: transfers, donations, settings, time and prices leave the supplies.

    What somebody else's contract called for is not its own doing, where its calls could not be told apart.
    """
    before, after = change.before, change.after
    if change.step.reentered and not change.step.name.startswith("pool."):
        return None
    stable = after.stable_principal - before.stable_principal
    if not stable and (before.scaled_supply, before.scaled_debt) == (after.scaled_supply, after.scaled_debt):
        return None
    supply, debt = after.scaled_supply - before.scaled_supply, after.scaled_debt - before.scaled_debt
    unit, moved = (Unit.SHARES, supply) if supply else (Unit.DEBT_SHARES, debt) if debt else (Unit.WEI, stable)
    return equal("call is the pool's", change.step.name.startswith("pool."), True, unit, amount=moved)


@law(
    "TOK-11",
    "One operation of the pool moves the shares of one lender and the debt of one borrower, a liquidation of three "
    "lenders at most.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C",
    alone=True,
)
def few_balances_move(change: ReserveChange) -> Verdict:
    """Count whose balances moved; in a flash loan's callback there may be several operations."""
    step = change.step
    if not step.name.startswith("pool.") or step.name in FLASH:
        return None
    home = step.census.homes[change.after.asset]
    lenders, borrowers = _moved(step, home.a_balances), _moved(step, home.debt_balances)
    if home.stable_token is not None:
        borrowers = max(borrowers, _moved(step, home.stable_token.scaled_balances))
    if not lenders and not borrowers:
        return None
    most = 3 if step.name == "pool.liquidationCall" else 1
    return all_of((at_most("lenders moved, most", lenders, most), at_most("borrowers moved, 1", borrowers, 1)))


def _moved(step: Step, ledger: object) -> int:
    written = step.changes.get(id(ledger))
    if written is None:
        return 0
    where = written[0]
    return sum(1 for user in written[1] if step.before.entry(where, user) != where[user])
