"""Faults in what a liquidation leaves behind: flags, bad debt, and its repayment by the umbrella."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.logic import liquidation
from pooltwin.protocol.logic.reserve import update_state
from pooltwin.protocol.logic.supply import set_using_as_collateral
from pooltwin.protocol.logic.terms import Liquidation, ReserveCache
from pooltwin.protocol.math.token_math import (
    a_token_balance,
    a_token_burn_scaled,
    a_token_transfer_scaled,
    debt_balance,
)
from pooltwin.protocol.revisions import revision_named
from pooltwin.protocol.state import bitmaps

from ..mutant import Mutant, Patch, during, nothing

# --- what is left -----------------------------------------------------------------------------------------------------


def _used_shares(run: Liquidation) -> int:
    index = run.collateral_cache.next_liquidity_index
    used = a_token_burn_scaled(run.collateral_to_liquidate, index) + a_token_transfer_scaled(run.protocol_fee, index)
    return min(used, run.borrower_scaled_collateral)


def _value(run: Liquidation, amount: int) -> int:
    return amount * run.collateral_price // run.collateral_unit


def _clear(pool: Any, run: Liquidation) -> None:
    set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.borrower, False)


def _release_by_unscaled_equality(pool: Any, run: Liquidation) -> bool:
    """Clear the bit only when the whole amount is seized, though the shares may be gone before."""
    used = a_token_balance(_used_shares(run), run.collateral_cache.next_liquidity_index)
    if run.collateral_to_liquidate + run.protocol_fee == run.borrower_collateral:
        _clear(pool, run)
    return _value(run, used) == run.total_collateral


def _release_judging_amounts(pool: Any, run: Liquidation) -> bool:
    """Judge whether collateral is left by the seized amount, not by the shares that go."""
    none_left = _value(run, run.collateral_to_liquidate + run.protocol_fee) == run.total_collateral
    if none_left or _used_shares(run) == run.borrower_scaled_collateral:
        _clear(pool, run)
    return none_left


def _release_as_ever(pool: Any, run: Liquidation) -> bool:
    """Do as the release does that is broken: by shares or, until v3.6, by amounts."""
    return revision_named(pool.revision.release).release_seized_collateral(pool, run)


def _release_never_bad_debt(pool: Any, run: Liquidation) -> bool:
    _release_as_ever(pool, run)
    return False


def _release_always_bad_debt(pool: Any, run: Liquidation) -> bool:
    _release_as_ever(pool, run)
    return True


def _release_counting_all_tokens(pool: Any, run: Liquidation) -> bool:
    """Take aTokens that are no collateral for collateral that is left."""
    none_left = _release_as_ever(pool, run)
    others = (pool.reserves[asset] for asset in pool.get_reserves_list() if asset != run.collateral_asset)
    tokens = (pool.chain.contracts[reserve.a_token] for reserve in others)
    return none_left and not any(token.scaled_balances[run.borrower] for token in tokens)


def _burn_bad_debt_until_inactive(pool: Any, borrower: str) -> None:
    flags, reserve_id = pool.users_config[borrower], 0
    while flags:
        asset = pool.reserves_list[reserve_id]
        if flags & 1:
            reserve = pool.reserves[asset]
            cache = ReserveCache(pool, reserve)
            if not bitmaps.is_active(cache.configuration):
                return
            _burn_one(pool, borrower, asset)
        flags >>= 2
        reserve_id += 1


def _burn_one(pool: Any, borrower: str, asset: str) -> None:
    reserve = pool.reserves[asset]
    cache = ReserveCache(pool, reserve)
    update_state(pool, reserve, cache)
    debt = debt_balance(cache.debt_token.scaled_balances[borrower], cache.next_variable_borrow_index)
    liquidation._burn_debt(pool, reserve, cache, asset, borrower, debt, 0, True)


def _burn_bad_debt_unless_frozen(pool: Any, borrower: str) -> None:
    """Leave the bad debt of a frozen reserve standing."""
    flags, reserve_id = pool.users_config[borrower], 0
    while flags:
        asset = pool.reserves_list[reserve_id]
        if flags & 1 and not bitmaps.is_frozen(pool.reserves[asset].configuration):
            _burn_one(pool, borrower, asset)
        flags >>= 2
        reserve_id += 1


def _burn_debt_forgetting(
    pool: Any, reserve: Any, cache: Any, asset: str, borrower: str, debt: int, repaid: int, none_left: bool
) -> None:
    """Burn bad debt and book it nowhere."""
    before = reserve.deficit
    _burn_debt(pool, reserve, cache, asset, borrower, debt, repaid, none_left)
    reserve.deficit = before


def _burn_debt_twice_as_bad(
    pool: Any, reserve: Any, cache: Any, asset: str, borrower: str, debt: int, repaid: int, none_left: bool
) -> None:
    """Book the whole debt as deficit, the repaid part too."""
    before = reserve.deficit
    _burn_debt(pool, reserve, cache, asset, borrower, debt, repaid, none_left)
    if reserve.deficit > before:
        reserve.deficit = before + debt


def _burn_debt_not_clearing(
    pool: Any, reserve: Any, cache: Any, asset: str, borrower: str, debt: int, repaid: int, none_left: bool
) -> None:
    """Leave a borrow bit without debt."""
    kept = pool.users_config[borrower]
    _burn_debt(pool, reserve, cache, asset, borrower, debt, repaid, none_left)
    if debt == 0:
        pool.users_config[borrower] = kept


_burn_debt = liquidation._burn_debt

LEFTOVERS = (
    Mutant(
        "M12",
        "the borrow bit stays after a full liquidation",
        "SigmaPrime AAV3-03",
        ("FLG-1",),
        (Patch(liquidation, "set_borrowing", nothing),),
    ),
    Mutant(
        "M13",
        "the collateral bit is cleared by equality of amounts, not of shares",
        "v3.6 and before; v3.7 Pashov L-01, fixed in 201aaa6d",
        ("FLG-2", "LIQ-11"),
        decisions={"release_seized_collateral": _release_by_unscaled_equality},
    ),
    Mutant(
        "M14",
        "whether collateral is left is judged by the value of the seized amount",
        "v3.6 and before; v3.7 Savant 5.1, fixed in 75145ad0",
        ("LIQ-14",),
        decisions={"release_seized_collateral": _release_judging_amounts},
    ),
    Mutant(
        "M18",
        "the bad-debt loop stops at an inactive reserve",
        "v3.4 StErMi L-01; fixed in 0f62f400",
        ("DEF-3", "LIQ-14"),
        (Patch(liquidation, "_burn_bad_debt", _burn_bad_debt_until_inactive),),
    ),
    Mutant(
        "M19",
        "a borrow bit without debt is not cleared when the debt is burned",
        "v3.4 L-02: noMoreDebt began as false",
        ("FLG-1",),
        (Patch(liquidation, "_burn_debt", _burn_debt_not_clearing),),
        equivalent=(
            "It differs only for a borrow bit without debt. Every write of the bit in this revision keeps FLG-1 (bit if"
            " and only if debt): borrow sets it with the first share, repay and liquidation clear it with the last, and"
            " nothing else burns or moves debt. A liquidation refuses a debt of zero before it comes here, and the loop"
            " over bad debt follows the bits. So no history that begins in this revision reaches the difference; one"
            " that begins with a state taken over from v3.2, where FLG-1 fails, does."
        ),
    ),
    Mutant(
        "M26",
        "bad debt is never burned",
        "CRV on Aave v2, November 2022: 1.6M USD stayed on the books",
        ("LIQ-14", "DEF-1"),
        decisions={"release_seized_collateral": _release_never_bad_debt},
    ),
    Mutant(
        "M165",
        "bad debt stays as long as the borrower holds any aTokens, though they are no collateral",
        "v3.3 Sherlock L-2: until v3.5 aTokens that were sent to a borrower were collateral, and kept its debt alive",
        ("DEF-13", "LIQ-14"),
        decisions={"release_seized_collateral": _release_counting_all_tokens},
    ),
    Mutant(
        "M95",
        "bad debt in frozen reserves is not burned",
        "own, after v3.4 StErMi L-01",
        ("DEF-3", "LIQ-14"),
        (Patch(liquidation, "_burn_bad_debt", _burn_bad_debt_unless_frozen),),
    ),
    Mutant(
        "M96",
        "every liquidation burns all debt as if no collateral were left",
        "own",
        ("LIQ-15", "DEF-1"),
        decisions={"release_seized_collateral": _release_always_bad_debt},
    ),
    Mutant(
        "M97",
        "bad debt is burned and not booked as deficit",
        "every release before v3.3, were it burned",
        ("DEF-1", "SOL-2", "SOL-1"),
        (Patch(liquidation, "_burn_debt", _burn_debt_forgetting),),
    ),
    Mutant(
        "M98",
        "the repaid part of a bad debt becomes deficit too",
        "own",
        ("DEF-1",),
        (Patch(liquidation, "_burn_debt", _burn_debt_twice_as_bad),),
    ),
)

# --- the umbrella -----------------------------------------------------------------------------------------------------


def _cover_moving_nothing(pool: Any, _user: str, asset: str, amount: int) -> int:
    """Write the deficit off without burning the coverer's aTokens."""
    deficit = pool.reserves[asset].deficit
    pool.reserves[asset].deficit = max(0, deficit - amount)
    return min(amount, int(deficit))


def _cover_with_debt(pool: Any, user: str, asset: str, amount: int) -> int:
    kept = pool.users_config[user]
    pool.users_config[user] = kept & bitmaps.COLLATERAL_MASK
    covered = liquidation.execute_eliminate_deficit(pool, user, asset, amount)
    pool.users_config[user] |= kept & bitmaps.BORROWING_MASK
    return covered


def _cover_taking_liquidity(pool: Any, user: str, asset: str, amount: int) -> int:
    """Take the covered amount from the virtual balance, as if it had been withdrawn."""
    covered = liquidation.execute_eliminate_deficit(pool, user, asset, amount)
    reserve = pool.reserves[asset]
    reserve.virtual_underlying_balance = max(0, reserve.virtual_underlying_balance - covered)
    return covered


def _cover(identifier: str, change: str, origin: str, expected: tuple[str, ...], faulty: Any) -> Mutant:
    return Mutant(identifier, change, origin, expected, decisions={"execute_eliminate_deficit": faulty})


UMBRELLA = (
    _cover(
        "M28",
        "covering a deficit leaves the rates",
        "before v3.3 M-01",
        ("RAT-1",),
        during(liquidation.execute_eliminate_deficit, Patch(liquidation, "update_rates", nothing)),
    ),
    _cover(
        "M29",
        "covering a deficit with all one has leaves the collateral bit",
        "v3.3 L-04",
        ("FLG-2",),
        during(liquidation.execute_eliminate_deficit, Patch(liquidation, "set_using_as_collateral", nothing)),
    ),
    _cover("M99", "a deficit is covered without burning anything", "own", ("DEF-5", "SOL-2"), _cover_moving_nothing),
    _cover("M100", "an umbrella with debt may cover a deficit", "own", ("DEF-4",), _cover_with_debt),
    _cover("M101", "covering a deficit takes liquidity", "own", ("DEF-5", "RAT-7", "SOL-2"), _cover_taking_liquidity),
)

BAD_DEBT = (*LEFTOVERS, *UMBRELLA)
