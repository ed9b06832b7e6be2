"""Faults in how supplies, withdrawals, borrows, repayments and transfers round, check health and keep flags."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.errors import WithdrawToAToken
from pooltwin.protocol.events import Withdraw
from pooltwin.protocol.logic import borrow, generic, supply, validation
from pooltwin.protocol.logic.reserve import open_reserve, update_rates
from pooltwin.protocol.logic.terms import AccountData
from pooltwin.protocol.math.percentage import percent_mul
from pooltwin.protocol.math.token_math import a_token_balance, a_token_burn_scaled
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.math.wad_ray import ray_div, ray_div_ceil, ray_div_floor, ray_mul, wad_div
from pooltwin.protocol.releases.v3_5.supply import collateralise_received
from pooltwin.protocol.state import bitmaps

from ..mutant import Mutant, Patch, during, nothing

# --- rounding ---------------------------------------------------------------------------------------------------------


def _burn_at_most_all(token: VariableDebtToken, from_: str, scaled: int, index: int) -> tuple[bool, int]:
    return _debt_burn(token, from_, min(scaled, token.scaled_balances[from_]), index)


def _withdraw_all_but_a_unit(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    balance = pool.chain.at(pool.reserves[asset].a_token).balance_of(user)
    everything = amount == MAX_UINT256 and balance > 1
    return supply.execute_withdraw(pool, user, asset, balance - 1 if everything else amount, to)


_debt_burn = VariableDebtToken.pool_burn
_debt_mint = VariableDebtToken.pool_mint

ROUNDING = (
    Mutant(
        "M02",
        "withdraw burns shares rounded down",
        "HopeLend 2023-10-18, Radiant 2024-01-02 (half up), zkLend 2025-02-12",
        ("RND-2", "SOL-2", "TOK-9"),
        (Patch(supply, "a_token_burn_scaled", ray_div_floor),),
    ),
    Mutant(
        "M03",
        "supply mints shares rounded half up",
        "every release before v3.5",
        ("RND-1", "SOL-2"),
        (Patch(supply, "a_token_mint_scaled", ray_div),),
    ),
    Mutant(
        "M04",
        "borrow mints debt rounded down",
        "every release before v3.5 (half up there)",
        ("RND-3",),
        (Patch(borrow, "debt_mint_scaled", ray_div_floor),),
    ),
    Mutant(
        "M05",
        "repay burns debt rounded up, at most what there is",
        "every release before v3.5 (half up there)",
        ("RND-4",),
        (Patch(borrow, "debt_burn_scaled", ray_div_ceil), Patch(VariableDebtToken, "pool_burn", _burn_at_most_all)),
    ),
    Mutant(
        "M45",
        "withdrawing everything leaves a unit behind",
        "own: withdraw-all and exact amounts take different paths",
        ("RND-14",),
        decisions={"execute_withdraw": _withdraw_all_but_a_unit},
    ),
    Mutant(
        "M46",
        "an amount worth no share is credited one share",
        "own: the first-share guard of ERC-4626 vaults turned round",
        ("RND-1", "RND-13"),
        (Patch(supply, "a_token_mint_scaled", lambda amount, index: max(1, ray_div_floor(amount, index))),),
    ),
)


# --- health -----------------------------------------------------------------------------------------------------------


def _withdraw_deciding_early(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    """Settle flag, health and payment first, shares last: the token's hook sees a balance already spent."""
    reserve, cache = open_reserve(pool, asset)
    if to == reserve.a_token:
        raise WithdrawToAToken()
    index, balance = cache.next_liquidity_index, cache.a_token.scaled_balances[user]
    scaled = balance if amount == MAX_UINT256 else a_token_burn_scaled(amount, index)
    amount = a_token_balance(balance, index) if amount == MAX_UINT256 else amount
    validation.validate_withdraw(cache, scaled, balance)
    update_rates(pool, reserve, cache, asset, taken=amount)
    if bitmaps.is_using_as_collateral(pool.users_config[user], reserve.id):
        _judge_without(pool, cache.a_token, user, asset, scaled, reserve)
    cache.a_token.pool_transfer_underlying_to(to, amount)  # the hook runs here
    cache.a_token.pool_burn(user, reserve.a_token, amount, scaled, index)
    pool.emit(Withdraw(asset, user, to, amount))
    return amount


def _judge_without(pool: Any, a_token: Any, user: str, asset: str, scaled: int, reserve: Any) -> None:
    """Set the flag and check the health factor as without the shares, which stay for now."""
    balance = a_token.scaled_balances[user]
    if scaled == balance:
        supply.set_using_as_collateral(pool, reserve, asset, user, False)
    if bitmaps.is_borrowing_any(pool.users_config[user]):
        a_token.scaled_balances[user] = balance - scaled
        validation.validate_health_factor_and_ltv_zero(pool, asset, user, pool.users_e_mode[user])
        a_token.scaled_balances[user] = balance


def _account_by_average(pool: Any, user: str, category_id: int) -> AccountData:
    """Reckon the health factor from the average threshold, which has lost its fraction."""
    account = generic.account_data(pool, user, category_id)
    if account.total_debt == 0:
        return account
    weighted = percent_mul(account.total_collateral, account.average_liquidation_threshold)
    return account._replace(health_factor=wad_div(weighted, account.total_debt))


def _account_without_ltv_zero(pool: Any, user: str, category_id: int) -> AccountData:
    return generic.account_data(pool, user, category_id)._replace(has_zero_ltv_collateral=False)


_NO_HEALTH_CHECK = Patch(supply, "validate_health_factor_and_ltv_zero", nothing)

HEALTH = (
    Mutant(
        "M06",
        "an aToken transfer skips the sender's health check",
        "Euler 2023-03-13, 197M USD: donateToReserves checked no health",
        ("HF-1", "HF-10"),
        decisions={"execute_finalize_transfer": during(supply.execute_finalize_transfer, _NO_HEALTH_CHECK)},
    ),
    Mutant(
        "M07",
        "repaying with aTokens skips the health check",
        "Certora 2022, critical; fixed in 3774ca96",
        ("HF-2",),
        (Patch(borrow, "validate_health_factor", nothing),),
    ),
    Mutant(
        "M08",
        "withdraw judges flag and health, and pays, before it burns the shares",
        "Agave 2022-03-15: a re-entrant token hook",
        ("FLG-2", "HF-10"),
        decisions={"execute_withdraw": _withdraw_deciding_early},
    ),
    Mutant(
        "M44",
        "the health factor is computed from the truncated average threshold",
        "Certora v3.5 L-02; fixed in c3e88e16",
        ("HF-7", "HF-4"),
        decisions={"account_data": _account_by_average},
    ),
    Mutant(
        "M47",
        "withdraw skips the health check",
        "own: the first check any fork loses",
        ("HF-1", "HF-2"),
        decisions={"execute_withdraw": during(supply.execute_withdraw, _NO_HEALTH_CHECK)},
    ),
    Mutant(
        "M48",
        "borrow checks the threshold and not the LTV",
        "own: an LTV that is decoration",
        ("HF-6",),
        (
            Patch(
                borrow,
                "validate_health_factor_and_ltv",
                lambda pool, user, category_id: validation.validate_health_factor(pool, user, category_id) and None,
            ),
        ),
    ),
    Mutant(
        "M49",
        "collateral that lends nothing never has to leave first",
        "v3.6 rules: validateHFAndLtvzero left out",
        ("EMD-7",),
        decisions={"account_data": _account_without_ltv_zero},
    ),
)


# --- flags ------------------------------------------------------------------------------------------------------------


class _LastBorrow:
    """The borrow in progress as the debt token saw it: who called, and whose debt began."""

    caller_had_debt = False
    was_first = True


def _mint_noticing(token: VariableDebtToken, user: str, on_behalf_of: str, amount: int, scaled: int, index: int) -> int:
    _LastBorrow.caller_had_debt = token.scaled_balances[user] != 0
    _LastBorrow.was_first = token.scaled_balances[on_behalf_of] == 0
    return _debt_mint(token, user, on_behalf_of, amount, scaled, index)


def _burn_forgiving_dust(token: VariableDebtToken, from_: str, scaled: int, index: int) -> tuple[bool, int]:
    """Say that no debt is left when what is left is worth a unit or less."""
    none_left, supply_left = _debt_burn(token, from_, scaled, index)
    return none_left or ray_mul(token.scaled_balances[from_], index) <= 1, supply_left


def _set_borrowing_if_first(pool: Any, reserve: Any, user: str, on: bool) -> None:
    if not on or _LastBorrow.was_first:
        _set_borrowing(pool, reserve, user, on)


def _set_borrowing_by_caller(pool: Any, reserve: Any, user: str, on: bool) -> None:
    if not on or not _LastBorrow.caller_had_debt:
        _set_borrowing(pool, reserve, user, on)


_set_borrowing = borrow.set_borrowing


def _collateralise_what_arrives(*received: Any) -> None:
    collateralise_received(*received)


_withdraw_keeping_bit = during(supply.execute_withdraw, Patch(supply, "set_using_as_collateral", nothing))

FLAGS = (
    Mutant(
        "M10",
        "the borrow bit is set only if there was no debt, and cleared although dust is left",
        "GHO 2023-08-25, facilitator paused",
        ("FLG-1", "HF-7"),
        (
            Patch(VariableDebtToken, "pool_mint", _mint_noticing),
            Patch(VariableDebtToken, "pool_burn", _burn_forgiving_dust),
            Patch(borrow, "set_borrowing", _set_borrowing_if_first),
        ),
    ),
    Mutant(
        "M11",
        "whether a borrow is the first is read from the caller, not from the debtor",
        "OpenZeppelin 2021 C01",
        ("FLG-1", "HF-7"),
        (
            Patch(VariableDebtToken, "pool_mint", _mint_noticing),
            Patch(borrow, "set_borrowing", _set_borrowing_by_caller),
        ),
    ),
    Mutant(
        "M50",
        "withdrawing everything leaves the collateral bit set",
        "own",
        ("FLG-2",),
        decisions={"execute_withdraw": _withdraw_keeping_bit},
    ),
    Mutant(
        "M51",
        "a first supply always becomes collateral, whatever its LTV",
        "v3.x rule: validateAutomaticUseAsCollateral left out",
        ("FLG-3", "EMD-8"),
        decisions={"may_collateralise_automatically": lambda *_: True},
    ),
    Mutant(
        "M52",
        "aTokens that arrive become the recipient's collateral",
        "every release before v3.6: anyone could gift collateral that blocks exits",
        ("FLG-4", "FLG-5"),
        decisions={"collateralise_received": _collateralise_what_arrives},
    ),
)


LENDING = (*ROUNDING, *HEALTH, *FLAGS)
