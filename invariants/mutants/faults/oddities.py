"""Faults that nobody has shipped yet: each breaks something that would otherwise go without saying."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.contracts import scaled_token
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.erc20 import TestnetERC20
from pooltwin.protocol.contracts.rate_strategy import RateStrategy
from pooltwin.protocol.logic import borrow, flash_loan, ltv_zero, reserve, supply
from pooltwin.protocol.logic import pool as pool_logic
from pooltwin.protocol.logic.erc20 import safe_transfer_from
from pooltwin.protocol.logic.reserve import open_reserve
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.math import wad_ray
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.protocol.releases.v3_3.flash_loan import share_with_lenders
from pooltwin.protocol.state import bitmaps
from pooltwin.protocol.state.storage import Journal, Ledger

from ..mutant import Mutant, Patch, bodies_of, nothing

# --- tokens -----------------------------------------------------------------------------------------------------------


def _transfer_told_to_the_pool(token: TestnetERC20, recipient: str, amount: int, *, sender: str) -> bool:
    """Count a transfer to an aToken as liquidity at once."""
    moved = token.move(sender, recipient, amount)
    receiver = token.chain.contracts[recipient]
    if isinstance(receiver, AToken) and receiver.underlying == token.address:
        token.chain.at(receiver.pool).reserves[token.address].virtual_underlying_balance += amount
    return moved


def _mint_paying_out(pool: Any, assets: Any) -> None:
    """Pay the treasury a unit of underlying with its shares."""
    pool_logic.execute_mint_to_treasury(pool, assets)
    for asset in assets:
        a_token = pool.chain.at(pool.reserves[asset].a_token)
        if pool.chain.at(asset).balances[a_token.address]:
            a_token.pool_transfer_underlying_to(a_token.treasury, 1)


def _mint_with_a_share_for_the_treasury(token: AToken, caller: str, on_behalf_of: str, scaled: int, index: int) -> bool:
    first = _pool_mint(token, caller, on_behalf_of, scaled, index)
    _pool_mint(token, caller, token.treasury, 1, index)
    return first


def _mint_favouring_some(token: AToken, caller: str, on_behalf_of: str, scaled: int, index: int) -> bool:
    """Give addresses that end in an odd digit one share more."""
    return _pool_mint(token, caller, on_behalf_of, scaled + int(on_behalf_of[-1], 16) % 2, index)


def _withdraw_for_a_fee(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    """Keep ten units of every withdrawal, burned with the shares of the rest."""
    paid = supply.execute_withdraw(pool, user, asset, amount, to)
    shares = pool.chain.at(pool.reserves[asset].a_token).scaled_balances
    shares[user] = max(0, shares[user] - 10)
    return paid


def _withdraw_at_the_expense_of_others(pool: Any, user: str, asset: str, amount: int, to: str) -> int:
    """Take a billionth off what the shares that stay are worth, at every withdrawal."""
    paid = supply.execute_withdraw(pool, user, asset, amount, to)
    stored = pool.reserves[asset]
    stored.liquidity_index = max(RAY, stored.liquidity_index - stored.liquidity_index // 10**9)
    return paid


def _mint_locking_the_first(token: AToken, caller: str, on_behalf_of: str, scaled: int, index: int) -> bool:
    """Give the treasury up to a thousand shares of the first supplier of an empty reserve."""
    empty = token.scaled_supply == 0
    first = _pool_mint(token, caller, on_behalf_of, scaled, index)
    if empty and on_behalf_of != token.treasury:
        locked = min(1_000, scaled)
        token.scaled_balances[on_behalf_of] -= locked
        token.scaled_balances[token.treasury] += locked
    return first


_pool_mint = AToken.pool_mint

TOKENS = (
    Mutant(
        "M140",
        "tokens sent to an aToken count as liquidity at once",
        "own, after the donation attacks on ERC-4626 vaults",
        ("SOL-7", "SOL-6"),
        bodies_of(TestnetERC20, "transfer", _transfer_told_to_the_pool),
    ),
    Mutant(
        "M141",
        "minting to the treasury also pays it a unit of underlying",
        "own",
        ("SOL-13", "SOL-6", "SOL-5"),
        decisions={"execute_mint_to_treasury": _mint_paying_out},
    ),
    Mutant(
        "M142",
        "every supply gives the treasury a share",
        "own",
        ("TOK-11", "SOL-2"),
        (Patch(AToken, "pool_mint", _mint_with_a_share_for_the_treasury),),
    ),
    Mutant(
        "M143",
        "some addresses get a share more",
        "own",
        ("SYS-6", "RND-1"),
        (Patch(AToken, "pool_mint", _mint_favouring_some),),
    ),
    Mutant(
        "M159",
        "the first supplier of an empty reserve leaves a thousand shares to the treasury",
        "the locked shares of many pools, a remedy against inflation",
        ("INF-2", "RND-1"),
        (Patch(AToken, "pool_mint", _mint_locking_the_first),),
    ),
    Mutant(
        "M144",
        "a withdrawal costs ten shares more",
        "own",
        ("RND-12", "RND-2"),
        decisions={"execute_withdraw": _withdraw_for_a_fee},
    ),
    Mutant(
        "M164",
        "who leaves first is paid better: a withdrawal takes a billionth off the index",
        "own, after runs on pools whose losses fall on those who stay",
        ("SOL-12", "IDX-1"),
        decisions={"execute_withdraw": _withdraw_at_the_expense_of_others},
    ),
)

# --- indexes and rates ------------------------------------------------------------------------------------------------


def _update_into_the_future(pool: Any, stored: Any, cache: Any) -> None:
    _update_state(pool, stored, cache)
    stored.last_update_timestamp = pool.chain.time + 1


def _update_accruing_again(pool: Any, stored: Any, cache: Any) -> None:
    """Give the treasury a share at a second update at the same time."""
    if cache.last_update_timestamp == pool.chain.time:
        stored.accrued_to_treasury += 1
    _update_state(pool, stored, cache)


def _supply_sharing_donations(
    pool: Any, user: str, asset: str, amount: int, on_behalf_of: str, referral_code: int
) -> None:
    """Raise the index by donated tokens at the next supply, as in a naive vault."""
    stored, cache = open_reserve(pool, asset)
    donated = pool.chain.at(asset).balances[stored.a_token] - stored.virtual_underlying_balance
    if donated > 0 and cache.a_token.scaled_supply:
        share_with_lenders(pool, stored, cache, donated)
        stored.virtual_underlying_balance += donated
    supply.execute_supply(pool, user, asset, amount, on_behalf_of, referral_code)


def _half_down(a: int, b: int) -> int:
    return (a * b + RAY // 2 - 1) // RAY


def _rates_upside_down(strategy: RateStrategy, asset: str, **figures: Any) -> tuple[int, int]:
    """Make debt cheaper the emptier the pool is."""
    income, rate = _rates_for(strategy, asset, **figures)
    model = strategy.models[asset].ray
    highest = model.base_variable_borrow_rate + model.variable_rate_slope1 + model.variable_rate_slope2
    return income, highest - rate + model.base_variable_borrow_rate


def _as_is(value: int) -> int:
    return value


def _unchecked_sum(a: int, b: int) -> int:
    return a + b


_update_state = reserve.update_state
_rates_for = RateStrategy.rates_for

INTEREST = (
    Mutant(
        "M145",
        "an update is dated a second ahead",
        "own",
        ("IDX-8", "IDX-3"),
        (Patch(reserve, "update_state", _update_into_the_future),),
    ),
    Mutant(
        "M146",
        "a second update at the same time accrues to the treasury",
        "own, after the double accrual of v3.5 and v3.6",
        ("IDX-4", "DEF-8"),
        (Patch(reserve, "update_state", _update_accruing_again),),
    ),
    Mutant(
        "M147",
        "donated tokens raise the index at the next supply",
        "the donation attacks on empty ERC-4626 vaults and Compound forks",
        ("INF-2", "IDX-5"),
        decisions={"execute_supply": _supply_sharing_donations},
    ),
    Mutant(
        "M148",
        "ray multiplication rounds halves down",
        "own",
        ("IDX-12", "IDX-5"),
        (Patch(wad_ray, "ray_mul", _half_down), Patch(reserve, "ray_mul", _half_down)),
    ),
    Mutant(
        "M149",
        "the borrow rate falls with the usage",
        "own",
        ("RAT-4", "RAT-1"),
        (Patch(RateStrategy, "rates_for", _rates_upside_down),),
    ),
    Mutant(
        "M150",
        "neither shares are limited to 120 bits nor the virtual balance to 128",
        "own: SafeCast left out",
        ("SOL-14",),
        (
            Patch(reserve, "to_uint128", _as_is),
            Patch(reserve, "add128", _unchecked_sum),
            Patch(scaled_token, "to_uint120", _as_is),
            Patch(scaled_token, "MAX_UINT120", MAX_UINT256),
        ),
    ),
)

# --- debts, flags, prices, the machine --------------------------------------------------------------------------------


def _repay_lowering_deficit(pool: Any, user: str, asset: str, amount: int, *args: Any, **kwargs: Any) -> int:
    repaid = borrow.execute_repay(pool, user, asset, amount, *args, **kwargs)
    stored = pool.reserves[asset]
    if stored.deficit:
        stored.deficit -= min(stored.deficit, repaid)
    return repaid


def _supply_moving_the_price(
    pool: Any, user: str, asset: str, amount: int, on_behalf_of: str, referral_code: int
) -> None:
    """Move the feed's answer with a supply, as a spot price moves with trades."""
    supply.execute_supply(pool, user, asset, amount, on_behalf_of, referral_code)
    pool.chain.at(pool.oracle.sources[asset]).answer += 1


def _pull_one_less(pool: Any, token: str, from_: str, to: str, amount: int) -> None:
    safe_transfer_from(pool, token, from_, to, amount - 1)


def _any_bit(word: int) -> bool:
    return word != 0


def _two_bits(bitmap: int, reserve_id: int, on: bool) -> int:
    return _with_in_bitmap(_with_in_bitmap(bitmap, reserve_id, on), reserve_id + 1, on)


def _unwind_all_but_one(journal: Journal, position: int) -> None:
    """Leave the oldest write of a reverted call."""
    _unwind(journal, position + 1 if len(journal.entries) > position else position)


def _copy_without_allowances(contract: Contract, chain: Any) -> Any:
    copy = _copy_to(contract, chain)
    if isinstance(contract, TestnetERC20):
        copy.initialise(allowances=Ledger(chain.journal, 0))
    return copy


def _seize_in_thousands(amount: int, bonus: int) -> int:
    return -(-amount * bonus // 10_000 // 1_000) * 1_000


_with_in_bitmap = bitmaps.with_in_bitmap
_unwind = Journal.unwind
_copy_to = Contract.copy_to

REST = (
    Mutant(
        "M151",
        "repayments lower the deficit",
        "own",
        ("DEF-2",),
        decisions={"execute_repay": _repay_lowering_deficit},
    ),
    Mutant(
        "M152",
        "a flash loan is taken back one unit short",
        "own",
        ("DEF-10", "SOL-6"),
        (Patch(flash_loan, "safe_transfer_from", _pull_one_less),),
    ),
    Mutant(
        "M153",
        "a supply moves the asset's price",
        "the spot-price oracles of many forks",
        ("ORA-2",),
        decisions={"execute_supply": _supply_moving_the_price},
    ),
    Mutant(
        "M154",
        "any flag counts as a debt",
        "own: a mask forgotten",
        ("FLG-6",),
        (Patch(bitmaps, "is_borrowing_any", _any_bit),),
    ),
    Mutant(
        "M155",
        "a bit of an e-mode bitmap takes the next one with it",
        "own",
        ("EMD-14",),
        (Patch(bitmaps, "with_in_bitmap", _two_bits),),
    ),
    Mutant(
        "M156",
        "a reverted call leaves its first write",
        "own",
        ("ACT-11", "ACT-13"),
        (Patch(Journal, "unwind", _unwind_all_but_one),),
    ),
    Mutant(
        "M157",
        "a fork of the state forgets allowances",
        "own: a snapshot that forgets a field",
        ("SYS-5",),
        (Patch(Contract, "copy_to", _copy_without_allowances),),
    ),
    Mutant(
        "M158",
        "what is seized is rounded up to a thousand units, so that many small liquidations seize more",
        "own",
        ("LIQ-13", "LIQ-5"),
        decisions={"seizure_percent_mul": _seize_in_thousands},
    ),
)

# --- what a release decided, undone or done before its time -----------------------------------------------------------


def _never(*_: Any) -> bool:
    return False


DECISIONS = (
    Mutant(
        "M161",
        "received aTokens are not collateral, and make the first supply not the first",
        "v3.6 Certora L-01: what v3.6 decided, in v3.5",
        ("FLG-9",),
        decisions={"collateralise_received": nothing},
        revision="3.5",
    ),
    Mutant(
        "M162",
        "freezing an asset without LTV keeps the LTV from before",
        "v3.6 Savant #4: what v3.6 decided, in v3.5",
        ("EMD-12",),
        decisions={"freeze_ltv": ltv_zero.freeze_ltv},
        revision="3.5",
    ),
    Mutant(
        "M163",
        "a first supply is not collateral until its owner says so",
        "own",
        ("FLG-11",),
        decisions={"may_collateralise_automatically": _never},
    ),
)

ODDITIES = (*DECISIONS, *TOKENS, *INTEREST, *REST)
