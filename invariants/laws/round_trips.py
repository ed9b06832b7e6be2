"""RND-8 to RND-11: there and back within a block, and in parts, gains nobody anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import ReserveView
from ..reference import EVERYTHING, RAY, ceil
from ..worth import Unit
from .overflow import STORED

T = TypeVar("T")


def _given_by_rounding(view: ReserveView, half: int) -> int:
    """Bound what two conversions may give (wei): nothing from v3.5 on, before it half a share and half a wei."""
    return 0 if view.rules.debts_round_up else ceil(half, 1, RAY) + 1


def _half_a_share(view: ReserveView) -> int:
    """Value half a share, or half an honest one if it is less.

    In v3.0.2 stable debts, and premiums for loans of gifts, may have made more of a share than B tells a probe, which
    remembers nothing.
    """
    half = (view.income + 1) // 2
    return half if view.rules.liquidity_is_what_is_held else min(half, view.debt_index)


def round_trip_asset(probe: Probe) -> str | None:
    """Pick an asset that can be supplied and withdrawn without a limit; None if there is none."""
    now = probe.now
    views = [now.reserve(asset) for asset in probe.assets]
    return probe.pick([v.asset for v in views if v.active and not v.paused and not v.frozen and not v.supply_cap])


def amount_to_try(probe: Probe, asset: str) -> int:
    """Draw an amount: a few units, about one token, or up to a thousand tokens."""
    unit = probe.now.reserve(asset).unit
    return probe.rng.choice((1, 2, 3, unit, unit + 1, probe.rng.randrange(1, 1000 * unit)))


@law(
    "RND-8",
    "Supplying and withdrawing everything within a block pays back no more than was put in, and until v3.4 half a "
    "share.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="X",
    bound="zero; until v3.4 min(L / 2, B) / RAY wei, half a share and no more than half an honest one, and a wei: the "
    "way in goes to the nearest share, the way out to the nearest wei. In v3.0.2 half a share as it is: how dear it "
    "may be is IDX-15's business, which remembers what made it so",
)
def no_profit_from_supplying(probe: Probe) -> Verdict:
    """Try it with a stranger who has nothing else there."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    amount, pool = amount_to_try(probe, asset), probe.pool
    with probe.undone():
        probe.give(asset, STRANGER, amount)
        if not probe.attempt(pool.supply, asset, amount, STRANGER, 0, sender=STRANGER).ok:
            return None
        now = probe.now
        view, shares = now.reserve(asset), now.shares(asset, STRANGER)
        back = probe.attempt(pool.withdraw, asset, EVERYTHING, STRANGER, sender=STRANGER)
    if back.ok:
        most = amount + _given_by_rounding(view, _half_a_share(view))
        return at_most("paid back, put in", back.value, most, Unit.WEI, asset)
    if view.rules.down(shares, view.income, RAY) > view.virtual:
        return None  # to the nearest, the balance may be more than is there
    return equal("can withdraw", back.ok, True)


@law(
    "RND-9",
    "Borrowing and repaying everything within a block costs no less than was borrowed, until v3.4 to half a share.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="X",
    bound="zero; until v3.4 B / 2 / RAY wei, half a share of debt, and a wei",
)
def no_profit_from_borrowing(probe: Probe) -> Verdict:
    """Try it with a stranger who has ample collateral in another asset."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    amount, pool = amount_to_try(probe, asset), probe.pool
    with probe.undone():
        if not probe.give_credit(STRANGER):
            return None
        probe.give(asset, STRANGER, amount + ceil(probe.now.reserve(asset).debt_index, 2, RAY))
        if not probe.attempt(pool.borrow, asset, amount, 2, 0, STRANGER, sender=STRANGER).ok:
            return None
        view = probe.now.reserve(asset)
        repaid = probe.attempt(pool.repay, asset, EVERYTHING, 2, STRANGER, sender=STRANGER)
        left = probe.now.debt_shares(asset, STRANGER)
    if not repaid.ok:
        there = view.virtual + amount + view.debt_index // RAY + 1
        return equal("can repay", repaid.ok, True) if there < STORED else None
    least = amount - _given_by_rounding(view, (view.debt_index + 1) // 2)
    return all_of(
        (
            at_least("repaid, borrowed", repaid.value, least, Unit.WEI, asset),
            equal("debt left, 0", left, 0, Unit.DEBT_SHARES, asset),
        )
    )


@law(
    "RND-10",
    "Two supplies mint no more shares than one of their sum, and two withdrawals burn no fewer; until v3.4 to a share.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="C",
    bound="zero; to the nearest each of three conversions is off by half a share at most, so three halves in all, and "
    "shares are whole",
)
def splitting_supplies_gains_nothing(probe: Probe) -> Verdict:
    """Try two parts of a random amount."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    split, whole = _apart_and_together(probe, asset, _can_supply, _shares_after)
    if split is None or whole is None:
        return None
    more = 0 if probe.census.rules.debts_round_up else 1
    return all_of(
        (
            at_most("shares minted apart, together", split[0], whole[0] + more, Unit.SHARES, asset),
            at_most("shares left apart, together", split[1], whole[1] + more, Unit.SHARES, asset)
            if split[0] == whole[0]
            else None,
        )
    )


def _apart_and_together(
    probe: Probe,
    asset: str,
    can: Callable[[Probe, str, int], bool],
    after: Callable[[Probe, str, tuple[int, ...]], T | None],
) -> tuple[T | None, T | None]:
    """Try two random amounts, and their sum at once, where a stranger `can`. Returns what was found after each."""
    first, second = amount_to_try(probe, asset), amount_to_try(probe, asset)
    with probe.undone():
        if not can(probe, asset, first + second):
            return None, None
        return after(probe, asset, (first, second)), after(probe, asset, (first + second,))


def _can_supply(probe: Probe, asset: str, amount: int) -> bool:
    probe.give(asset, STRANGER, 3 * amount + 10)
    return True


def _can_borrow(probe: Probe, _asset: str, _amount: int) -> bool:
    return probe.give_credit(STRANGER)


def _shares_after(probe: Probe, asset: str, parts: tuple[int, ...]) -> tuple[int, int] | None:
    """Count the shares after supplying each part, and after taking each part out of a larger supply."""
    pool = probe.pool
    with probe.undone():
        for part in parts:
            if not probe.attempt(pool.supply, asset, part, STRANGER, 0, sender=STRANGER).ok:
                return None
        minted = probe.now.shares(asset, STRANGER)
        if not probe.attempt(pool.supply, asset, sum(parts) + 10, STRANGER, 0, sender=STRANGER).ok:
            return None
        for part in parts:
            if not probe.attempt(pool.withdraw, asset, part, STRANGER, sender=STRANGER).ok:
                return None
        return minted, probe.now.shares(asset, STRANGER)


@law(
    "RND-11",
    "Two borrows owe no less than one of their sum; until v3.4 to a share.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="C",
    bound="zero; to the nearest as in RND-10",
)
def splitting_borrows_gains_nothing(probe: Probe) -> Verdict:
    """Try two parts of a random amount with a stranger who has ample collateral."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    split, whole = _apart_and_together(probe, asset, _can_borrow, _debt_after)
    if split is None or whole is None:
        return None
    less = 0 if probe.census.rules.debts_round_up else 1
    return at_least("owed apart, together", split, whole - less, Unit.DEBT_SHARES, asset)


def _debt_after(probe: Probe, asset: str, parts: tuple[int, ...]) -> int | None:
    with probe.undone():
        for part in parts:
            if not probe.attempt(probe.pool.borrow, asset, part, 2, 0, STRANGER, sender=STRANGER).ok:
                return None
        return probe.now.debt_shares(asset, STRANGER)
