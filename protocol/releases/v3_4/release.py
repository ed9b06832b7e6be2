"""Aave v3.4, told as its difference from v3.5.

Against v3.3 it has custom errors, position managers and `multicall`, one rate strategy for all reserves, a virtual
balance for each of them, a new formula of compound interest, and flash-loan premiums that all go to the treasury; there
is no unbacked bridge any more. Source: aave-dao/aave-v3-origin, `docs/3.4/Aave-v3.4-features.md`.

What ended with it: conversions that round half up, tokens that are told amounts, and borrowers who are judged before
the debt exists.
"""

from __future__ import annotations

from dataclasses import replace

from ...logic import flash_loan, liquidation, validation
from ...logic.decisions import nothing
from ...logic.terms import EarlierFlows
from ...math import percentage, wad_ray
from ..v3_0_2 import e_modes as priced_e_modes
from ..v3_2 import liquidation as close_factor
from ..v3_4 import lending as half_up
from ..v3_4 import liquidation as half_up_liquidation
from ..v3_4 import token_rules as half_up_tokens
from ..v3_5.release import V3_5

FLOWS = EarlierFlows(
    check_isolated_borrow=nothing,
    has_borrowed=half_up.borrow_bit_is_set,
    is_debt_cleared=half_up.no_shares_left,
    release_repaid_collateral=half_up.release_collateral,
    supplier_of_transfer=half_up.sender_supplies,
    is_first_receipt=half_up_liquidation.has_no_balance_or_takes_all_of_own,
    liquidation_terms=close_factor.liquidation_terms,
    a_tokens_may_receive=False,
    is_empty_transfer=half_up_tokens.moves_no_shares,
    check_rate_mode=validation.check_variable_mode,
    check_stable_borrow=nothing,
    price_to_borrow=priced_e_modes.own_price,
    validate_repay=validation.validate_repay,
)

V3_4 = replace(
    V3_5,
    name="3.4",
    pool_revision=8,
    token_revision=3,
    tokens_take_shares=False,
    returns_covered_deficit=False,
    account_data=half_up.account_data,
    accrue_to_treasury=half_up.accrue_to_treasury,
    execute_supply=half_up.execute_supply,
    execute_withdraw=half_up.execute_withdraw,
    execute_borrow=half_up.execute_borrow,
    execute_repay=half_up.execute_repay,
    execute_liquidation_call=half_up_liquidation.execute_liquidation_call,
    execute_eliminate_deficit=half_up_liquidation.execute_eliminate_deficit,
    execute_mint_to_treasury=half_up.execute_mint_to_treasury,
    execute_finalize_transfer=half_up.execute_finalize_transfer,
    transfer_a_tokens=half_up_tokens.transfer,
    transfer_a_tokens_from=half_up_tokens.transfer_from,
    a_token_balance=wad_ray.ray_mul,
    debt_balance=wad_ray.ray_mul,
    credit_percent_mul=percentage.percent_mul,
    debt_value=liquidation.floor_value,
    needed_debt_percent_div=percentage.percent_div,
    flash_premium_percent_mul=percentage.percent_mul,
    book_flash_premium=flash_loan.book_premium_half_up,
    earlier=FLOWS,
)
