"""Faults in aTokens, debt tokens and their allowances."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.contracts import a_token as a_token_module
from pooltwin.protocol.contracts import scaled_token as scaled_token_module
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.scaled_token import ScaledToken
from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.errors import ERC20InsufficientAllowance
from pooltwin.protocol.events import BalanceTransfer, Transfer
from pooltwin.protocol.logic import a_token_transfer, supply
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.math.wad_ray import ray_div_floor
from pooltwin.protocol.releases.v3_5 import allowances as v3_5

from ..mutant import Mutant, Patch, bodies_of, nothing

_move_shares = AToken.move_shares
_burn_scaled = ScaledToken.burn_scaled
_mint_scaled = ScaledToken.mint_scaled


# --- transfers --------------------------------------------------------------------------------------------------------


def _move_with_stale_copy(
    token: AToken, operator: str, sender: str, recipient: str, amount: int, scaled: int, index: int
) -> None:
    """Read the recipient's balance before the sender's is written: to oneself, shares appear."""
    before = token.scaled_balances[recipient]
    _move_shares(token, operator, sender, recipient, amount, scaled, index)
    token.scaled_balances[recipient] = before + scaled


def _move_creating_a_share(
    token: AToken, operator: str, sender: str, recipient: str, amount: int, scaled: int, index: int
) -> None:
    _move_shares(token, operator, sender, recipient, amount, scaled, index)
    if scaled and sender != recipient:
        token.scaled_balances[recipient] += 1


def _move_silently(
    token: AToken, operator: str, sender: str, recipient: str, amount: int, scaled: int, index: int
) -> None:
    """Move shares, and let no event tell how many."""
    _move_shares(token, operator, sender, recipient, amount, scaled, index)
    token.chain.logs[:] = [entry for entry in token.chain.logs if type(entry[1]) is not BalanceTransfer]


def _saturating_sub(a: int, b: int, _reason: str = "") -> int:
    return max(0, a - b)


TRANSFERS = (
    Mutant(
        "M43",
        "a transfer to oneself writes a stale copy of the balance",
        "after GHO 2023-11-13 and the usual ERC-20 mistake",
        ("TOK-2", "TOK-1", "SOL-8"),
        (Patch(AToken, "move_shares", _move_with_stale_copy),),
    ),
    Mutant(
        "M102",
        "a transfer creates a share",
        "own",
        ("TOK-1", "SOL-8"),
        (Patch(AToken, "move_shares", _move_creating_a_share),),
    ),
    Mutant(
        "M103",
        "a transfer moves shares rounded down, less than was asked",
        "every release before v3.5 (half up there)",
        ("RND-7",),
        (Patch(a_token_transfer, "a_token_transfer_scaled", ray_div_floor),),
    ),
    Mutant(
        "M104",
        "moving shares emits no BalanceTransfer",
        "own",
        ("TOK-8",),
        (Patch(AToken, "move_shares", _move_silently),),
    ),
    Mutant(
        "M105",
        "a transfer beyond the balance succeeds",
        "own: an unchecked subtraction that saturates",
        ("TOK-7", "TOK-1"),
        (Patch(a_token_module, "sub", _saturating_sub),),
    ),
)

# --- allowances -------------------------------------------------------------------------------------------------------


def _spend_nothing(token: Any, owner: str, spender: str, amount: int, _spent: int) -> None:
    allowance = token.allowances[owner, spender]
    if allowance < amount:
        raise ERC20InsufficientAllowance(spender, allowance, amount)


def _spend_infinite_too(token: Any, owner: str, spender: str, amount: int, spent: int) -> None:
    _spend_nothing(token, owner, spender, amount, spent)
    token.allowances[owner, spender] -= min(token.allowances[owner, spender], spent)


ALLOWANCES = (
    Mutant(
        "M42",
        "the delegation spent is computed from the delegatee's debt",
        "v3.5; v3.6 Savant 6, fixed in 0e4bedf6",
        ("TOK-4",),
        decisions={"spend_borrow_allowance": v3_5.spend_borrow_allowance},
    ),
    Mutant(
        "M106",
        "transferFrom does not spend the allowance",
        "own",
        ("TOK-3",),
        decisions={"spend_allowance": _spend_nothing},
    ),
    Mutant(
        "M107",
        "an infinite allowance is spent",
        "every release before v3.6",
        ("TOK-3",),
        decisions={"spend_allowance": _spend_infinite_too},
    ),
    Mutant(
        "M108",
        "anybody may borrow against anybody",
        "own: the delegation not looked at",
        ("TOK-4",),
        decisions={"spend_borrow_allowance": nothing},
    ),
)

# --- minting, burning, books ------------------------------------------------------------------------------------------


def _burn_keeping_supply(token: ScaledToken, user: str, target: str, scaled: int, index: int, to_amount: Any) -> bool:
    """Forget one share of every burn in the total."""
    none_left = _burn_scaled(token, user, target, scaled, index, to_amount)
    token.scaled_supply += 1
    return none_left


def _move_debt(token: VariableDebtToken, recipient: str, amount: int, *, sender: str) -> bool:
    """Send debt in shares to somebody else."""
    scaled = min(amount, token.scaled_balances[sender])
    token.scaled_balances[sender] -= scaled
    token.scaled_balances[recipient] += scaled
    token.emit(Transfer(sender, recipient, amount))
    return True


def _mint_without_interest(
    token: ScaledToken, caller: str, on_behalf_of: str, scaled: int, index: int, to_amount: Any
) -> bool:
    """Leave the interest since the last one out of the Mint event."""
    first = _mint_scaled(token, caller, on_behalf_of, scaled, index, to_amount)
    where, event = token.chain.logs[-1]
    token.chain.logs[-1] = where, event._replace(value=event.value + 1)
    return first


def _withdraw_booking_donations(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    """Book whatever tokens are there after a withdrawal."""
    paid = supply.execute_withdraw(pool, user, asset, amount, to)
    stored = pool.reserves[asset]
    stored.virtual_underlying_balance = pool.chain.at(asset).balances[stored.a_token]
    return paid


def _as_is(value: int) -> int:
    return value


BOOKS = (
    Mutant(
        "M109",
        "a burn leaves one share in the total",
        "own",
        ("SOL-8", "SOL-9"),
        (Patch(ScaledToken, "burn_scaled", _burn_keeping_supply),),
    ),
    Mutant(
        "M110",
        "debt tokens can be transferred",
        "own",
        ("TOK-5", "FLG-1"),
        bodies_of(VariableDebtToken, "transfer", _move_debt),
    ),
    Mutant(
        "M111",
        "anybody may mint and burn aTokens",
        "own: onlyPool left out",
        ("TOK-6",),
        (Patch(ScaledToken, "only_pool", nothing),),
    ),
    Mutant(
        "M112",
        "the Mint event is a unit too high",
        "own",
        ("TOK-8",),
        (Patch(ScaledToken, "mint_scaled", _mint_without_interest),),
    ),
    Mutant(
        "M113",
        "a withdrawal books donated tokens as liquidity",
        "before v3.1: the balance was the liquidity",
        ("SOL-6", "RAT-1", "SOL-7"),
        decisions={"execute_withdraw": _withdraw_booking_donations},
    ),
    Mutant(
        "M114",
        "balances are not limited to 120 bits",
        "own: SafeCast left out",
        ("SOL-14",),
        (
            Patch(scaled_token_module, "to_uint120", _as_is),
            Patch(scaled_token_module, "MAX_UINT120", MAX_UINT256),
        ),
    ),
)

TOKENS = (*TRANSFERS, *ALLOWANCES, *BOOKS)
