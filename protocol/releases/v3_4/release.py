"""Aave v3.4, told as its difference from v3.5.

Against v3.3 it has custom errors, position managers and `multicall`, one rate strategy for all reserves, a virtual
balance for each of them, a new formula of compound interest, and flash-loan premiums that all go to the treasury; there
is no unbacked bridge any more. Source: aave-dao/aave-v3-origin, `docs/3.4/Aave-v3.4-features.md`.

What ended with it: conversions that round half up, tokens that are told amounts, and borrowers who are judged before
the debt exists.
"""

from __future__ import annotations

from dataclasses import replace

from ...contracts.registry import with_contracts
from ...logic.decisions import nothing
from ...logic.terms import EarlierFlows
from ...logic.validation import check_variable_mode
from ...math import percentage, wad_ray
from ..v3_5.release import V3_5
from . import flash_loan, lending, liquidation, token_rules, validation
from .a_token import ATokenV34, SettableATokenV34
from .debt_token import VariableDebtTokenV34
from .pool import L2PoolV34, PoolV34

FLOWS = EarlierFlows(
    check_isolated_borrow=nothing,
    has_borrowed=lending.borrow_bit_is_set,
    is_debt_cleared=lending.no_shares_left,
    release_repaid_collateral=lending.release_collateral,
    supplier_of_transfer=lending.sender_supplies,
    is_first_receipt=liquidation.has_no_balance_or_takes_all_of_own,
    a_tokens_may_receive=False,
    is_empty_transfer=token_rules.moves_no_shares,
    check_rate_mode=check_variable_mode,
    check_stable_borrow=nothing,
    price_to_borrow=validation.own_price,
    stable_debt=validation.no_stable_debt,
    debt_of=lending.variable_debt_of,
    burn_liquidated_debt=liquidation.burn_liquidated_debt,
)

V3_4 = replace(
    V3_5,
    name="3.4",
    pool_revision=8,
    token_revision=3,
    contracts=with_contracts(V3_5.contracts, L2PoolV34, PoolV34, ATokenV34, SettableATokenV34, VariableDebtTokenV34),
    account_data=lending.account_data,
    accrue_to_treasury=lending.accrue_to_treasury,
    execute_supply=lending.execute_supply,
    execute_withdraw=lending.execute_withdraw,
    execute_borrow=lending.execute_borrow,
    execute_repay=lending.execute_repay,
    execute_liquidation_call=liquidation.execute_liquidation_call,
    execute_eliminate_deficit=liquidation.execute_eliminate_deficit,
    execute_mint_to_treasury=lending.execute_mint_to_treasury,
    execute_finalize_transfer=lending.execute_finalize_transfer,
    transfer_a_tokens=token_rules.transfer,
    transfer_a_tokens_from=token_rules.transfer_from,
    a_token_balance=wad_ray.ray_mul,
    a_token_supply=validation.a_token_supply,
    debt_balance=wad_ray.ray_mul,
    credit_percent_mul=percentage.percent_mul,
    debt_value=liquidation.floor_value,
    needed_debt_percent_div=percentage.percent_div,
    flash_premium_percent_mul=percentage.percent_mul,
    book_flash_premium=flash_loan.book_premium,
    earlier=FLOWS,
)
