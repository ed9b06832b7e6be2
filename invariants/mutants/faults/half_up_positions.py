"""Faults in how releases that round to the nearest judge and liquidate positions, v3.2 to v3.4."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.events import Mint
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.math.wad_ray import ray_div, ray_mul_ceil
from pooltwin.protocol.releases.v3_4 import lending, token_rules, validation
from pooltwin.protocol.releases.v3_4 import liquidation as nearest

from ..mutant import Mutant, Patch, during, nothing


def _mint_told_without_interest(caller: str, on_behalf_of: str, value: int, _increase: int, index: int) -> Mint:
    return Mint(caller, on_behalf_of, value, 0, index)


def _balance_rounded_up(token: AToken, user: str) -> int:
    scaled = token.scaled_balances[user]
    return ray_mul_ceil(scaled, token.index_now()) if scaled else 0


def _withdraw_half_of_what_is_there(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    """Pay who asks for everything half of the liquidity at most, so the last to come gets least."""
    if amount == MAX_UINT256:
        balance = pool.chain.at(pool.reserves[asset].a_token).balance_of(user)
        amount = min(balance, max(1, pool.reserves[asset].virtual_underlying_balance // 2))
    return lending.execute_withdraw(pool, user, asset, amount, to)


def _all_of_the_debt(_pool: Any, run: Any, _health_factor: int, _total_debt_base: int) -> int:
    debt: int = run.borrower_debt
    return debt


def _fee_of_everything(pool: Any, run: Any, seized: int, _bonus: int) -> int:
    """Take the treasury's percentage of all that is seized, not of what the bonus has added."""
    percentage = run.collateral_configuration >> 152 & 0xFFFF
    fee: int = pool.revision.protocol_fee_percent_mul(seized, percentage)
    return fee


def _a_share_at_least(amount: int, index: int) -> int:
    return max(1, ray_div(amount, index))


def _owe_more(token: Any, user: str, amount: int, index: int) -> tuple[bool, int]:
    return False, token_rules.mint_debt(token, user, user, amount, index)


def _borrow_and_move_the_index(pool: Any, user: str, asset: str, *arguments: Any, **more: Any) -> None:
    lending.execute_borrow(pool, user, asset, *arguments, **more)
    reserve = pool.reserves[asset]
    reserve.variable_borrow_index += reserve.variable_borrow_index // 1_000


def _three_wei_more(a_token: AToken, from_: str, to: str, amount: int, index: int) -> None:
    token_rules.transfer_on_liquidation(a_token, from_, to, amount + 3, index)


HALF_UP_POSITIONS = (
    Mutant(
        "M227",
        "collateral is withdrawn without a look at the position",
        "own: in v3.4",
        ("HF-2", "HF-1", "HF-10"),
        (Patch(lending, "validate_health_factor_and_ltv_zero", nothing),),
        revision="3.4",
    ),
    Mutant(
        "M228",
        "all of a debt may be repaid at once, however healthy the position is",
        "own: the close factor left out, in v3.2",
        ("LIQ-3",),
        decisions={"max_liquidatable_debt": _all_of_the_debt},
        revision="3.2",
    ),
    Mutant(
        "M229",
        "the treasury's fee is a part of all that is seized",
        "own: in v3.3",
        ("LIQ-7",),
        decisions={"liquidation_protocol_fee": _fee_of_everything},
        revision="3.3",
    ),
    Mutant(
        "M230",
        "the healthy are liquidated too",
        "own: in v3.4",
        ("LIQ-1", "HF-10"),
        (Patch(nearest, "validate_liquidation", nothing),),
        revision="3.4",
    ),
    Mutant(
        "M231",
        "a liquidation paid in aTokens moves three wei more than it says",
        "own: in v3.3",
        ("LIQ-8",),
        (Patch(nearest, "transfer_on_liquidation", _three_wei_more),),
        revision="3.3",
    ),
    Mutant(
        "M232",
        "the event of a mint tells no interest",
        "own: in v3.4",
        ("TOK-8",),
        (Patch(token_rules, "Mint", _mint_told_without_interest),),
        revision="3.4",
    ),
    Mutant(
        "M233",
        "a borrow is not held to what the collateral lends",
        "own: in v3.2",
        ("HF-6", "HF-2"),
        (Patch(validation, "_validate_cover", nothing),),
        revision="3.2",
    ),
    Mutant(
        "M234",
        "balances of aTokens are told rounded up, where all goes to the nearest",
        "own: in v3.4",
        ("SOL-9",),
        (Patch(AToken, "balance_of", _balance_rounded_up),),
        revision="3.4",
    ),
    Mutant(
        "M235",
        "who withdraws everything gets half of what is there at most",
        "own: the last to come gets least, in v3.4",
        ("SOL-12", "RND-2", "RND-14"),
        decisions={"execute_withdraw": _withdraw_half_of_what_is_there},
        revision="3.4",
    ),
    Mutant(
        "M236",
        "a liquidation may leave dust",
        "own: in v3.3",
        ("LIQ-4",),
        decisions={"refuse_dust": nothing},
        revision="3.3",
    ),
    Mutant(
        "M237",
        "liquidations are refused for ten times the dust",
        "own: in v3.4",
        ("LIQ-17",),
        decisions={"min_leftover_base": 10_000 * 10**8},
        revision="3.4",
    ),
    Mutant(
        "M238",
        "a supply of nothing mints a share",
        "own: the check of the amount left out, in v3.4",
        ("RND-13", "RND-1"),
        decisions={
            "execute_supply": during(
                lending.execute_supply,
                Patch(lending, "validate_supply", nothing),
                Patch(token_rules, "ray_div", _a_share_at_least),
            )
        },
        revision="3.4",
    ),
    Mutant(
        "M239",
        "a repayment adds to the debt",
        "own: the sign confused, in v3.3",
        ("HF-12", "HF-3", "RND-4"),
        (Patch(lending, "burn_debt", _owe_more),),
        revision="3.3",
    ),
    Mutant(
        "M240",
        "a borrow moves the debt index for everybody",
        "own: what one owes counted against all, in v3.2",
        ("HF-5", "IDX-2"),
        decisions={"execute_borrow": _borrow_and_move_the_index},
        revision="3.2",
    ),
)
