"""Flash loans. Solidity: `FlashLoanLogic`."""

from __future__ import annotations

from collections.abc import Sequence

from ..address import Address
from ..errors import PANIC_ENUM, PANIC_INDEX, InvalidFlashloanExecutorReturn, Panic
from ..events import FlashLoan
from ..math.token_math import a_token_mint_scaled
from ..math.uint import add, add128, sub, to_uint128
from ..state.records import Reserve
from .erc20 import safe_transfer_from
from .reserve import keeps_virtual_balance, open_reserve, update_rates
from .terms import Borrower, Pool, ReserveCache
from .validation import validate_flash_loan, validate_flash_loan_simple

NO_DEBT = 0


def interest_rate_mode(value: int) -> int:
    """Check a member of an enum. Raises Panic(0x21) for others. Solidity: `DataTypes.InterestRateMode(value)`."""
    if value > 2:
        raise Panic(PANIC_ENUM)
    return value


def _mode_of(modes: Sequence[int], index: int) -> int:
    if index >= len(modes):
        raise Panic(PANIC_INDEX)
    return interest_rate_mode(modes[index])


def _release(pool: Pool, reserve: Reserve, receiver: Address, amount: int) -> None:
    if keeps_virtual_balance(pool, reserve.configuration):
        reserve.virtual_underlying_balance = sub(
            reserve.virtual_underlying_balance, to_uint128(amount), "more is taken than the reserve holds"
        )
    pool.chain.at(reserve.a_token).pool_transfer_underlying_to(receiver, amount)


def execute_flash_loan(
    pool: Pool,
    user: Address,
    receiver: Address,
    assets: Sequence[Address],
    amounts: Sequence[int],
    modes: Sequence[int],
    on_behalf_of: Address,
    params: bytes,
    referral_code: int,
    premium_bps: int,
) -> None:
    """Lend several assets for one call to the receiver; mode 0 is repaid with a premium, mode 2 becomes debt.

    Solidity: `executeFlashLoan`.
    """
    validate_flash_loan(pool, assets, amounts)
    premiums, treasury_share = [], pool.flash_loan_premium_to_protocol
    known = pool.revision.known_borrower(pool, on_behalf_of)
    for index, (asset, amount) in enumerate(zip(assets, amounts, strict=True)):
        repaid = _mode_of(modes, index) == NO_DEBT
        premiums.append(pool.revision.flash_premium_percent_mul(amount, premium_bps) if repaid else 0)
        _release(pool, pool.reserves[asset], receiver, amount)
    target = pool.chain.at(receiver)
    if target.on_flash_loan(pool.address, list(assets), list(amounts), list(premiums), user, params) is not True:
        raise InvalidFlashloanExecutorReturn()
    for index, (asset, amount) in enumerate(zip(assets, amounts, strict=True)):
        mode = _mode_of(modes, index)
        if mode == NO_DEBT:
            _take_back(pool, user, receiver, asset, amount, premiums[index], treasury_share, referral_code)
        else:
            pool.revision.execute_borrow(
                pool, user, asset, amount, mode, referral_code, on_behalf_of, release_underlying=False, **known
            )
            pool.emit(FlashLoan(receiver, user, asset, amount, mode, 0, referral_code))


def execute_flash_loan_simple(
    pool: Pool, user: Address, receiver: Address, asset: Address, amount: int, params: bytes, referral_code: int
) -> None:
    """Lend one asset for one call to the receiver, always repaid. Solidity: `executeFlashLoanSimple`."""
    reserve = pool.reserves[asset]
    validate_flash_loan_simple(pool, reserve, amount)
    treasury_share = pool.flash_loan_premium_to_protocol
    premium = pool.revision.flash_premium_percent_mul(amount, pool.flash_loan_premium)
    _release(pool, reserve, receiver, amount)
    target = pool.chain.at(receiver)
    if target.on_flash_loan_simple(pool.address, asset, amount, premium, user, params) is not True:
        raise InvalidFlashloanExecutorReturn()
    _take_back(pool, user, receiver, asset, amount, premium, treasury_share, referral_code)


def _take_back(
    pool: Pool,
    user: Address,
    receiver: Address,
    asset: Address,
    amount: int,
    premium: int,
    treasury_share: int,
    referral_code: int,
) -> None:
    """Pull amount and premium. Solidity: `_handleFlashLoanRepayment`."""
    total = add(amount, premium)
    reserve, cache = open_reserve(pool, asset)
    pool.revision.book_flash_premium(pool, reserve, cache, premium, treasury_share)
    update_rates(pool, reserve, cache, asset, added=total)
    safe_transfer_from(pool, asset, receiver, reserve.a_token, total)
    pool.emit(FlashLoan(receiver, user, asset, amount, NO_DEBT, premium, referral_code))


def book_premium(_pool: Pool, reserve: Reserve, cache: ReserveCache, premium: int, _treasury_share: int) -> None:
    """Give the whole premium to the treasury, in shares rounded down. From v3.5 on."""
    scaled = to_uint128(a_token_mint_scaled(premium, cache.next_liquidity_index))
    reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)


def borrower_after_callback(_pool: Pool, _user: Address) -> dict[str, Borrower]:
    """Remember nothing of a borrower: after the callback the borrow looks for itself. From v3.1 on."""
    return {}
