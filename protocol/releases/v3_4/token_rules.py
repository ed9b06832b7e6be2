"""aTokens and debt tokens until v3.4: the pool names underlying amounts, the token makes them shares.

Both ways are rounded half up, and events report the amounts that were named. Solidity: `ScaledBalanceTokenBase`,
`AToken`, `VariableDebtToken`, v3.4.
"""

from __future__ import annotations

from ...address import ZERO_ADDRESS, Address
from ...errors import PANIC_OVERFLOW, InvalidBurnAmount, InvalidMintAmount, Panic
from ...events import BalanceTransfer, Burn, Mint, Transfer
from ...logic.erc20 import safe_transfer
from ...logic.reserve import normalized_income
from ...logic.terms import AToken, DebtToken, Pool, ScaledToken
from ...math.uint import add, sub, to_uint, to_uint128
from ...math.wad_ray import ray_div, ray_mul
from ...state.records import Reserve


def mint_amount(token: ScaledToken, caller: Address, on_behalf_of: Address, amount: int, index: int) -> bool:
    """Credit shares for `amount`. Returns whether there were none before. Solidity: `_mintScaled`."""
    scaled = ray_div(amount, index)
    if scaled == 0:
        raise InvalidMintAmount()
    balance = token.scaled_balances[on_behalf_of]
    increase = sub(ray_mul(balance, index), ray_mul(balance, token.previous_indexes[on_behalf_of]))
    token.previous_indexes[on_behalf_of] = to_uint128(index)
    supply, bits = token.scaled_supply, token.chain.revision.share_bits
    token.scaled_supply = add(supply, to_uint(bits, scaled))
    token.scaled_balances[on_behalf_of] = _fit(bits, balance + scaled)
    token.reward(on_behalf_of, supply, balance)
    minted = add(amount, increase)
    token.emit(Transfer(ZERO_ADDRESS, on_behalf_of, minted))
    token.emit(Mint(caller, on_behalf_of, minted, increase, index))
    return balance == 0


def burn_amount(token: ScaledToken, user: Address, target: Address, amount: int, index: int) -> bool:
    """Take shares for `amount`. Returns whether none are left. Interest above the amount shows as a mint.

    Solidity: `_burnScaled`.
    """
    scaled = ray_div(amount, index)
    if scaled == 0:
        raise InvalidBurnAmount()
    balance = token.scaled_balances[user]
    increase = sub(ray_mul(balance, index), ray_mul(balance, token.previous_indexes[user]))
    token.previous_indexes[user] = to_uint128(index)
    supply = token.scaled_supply
    token.scaled_supply = sub(
        supply, to_uint(token.chain.revision.share_bits, scaled), "more is burned than there is in all"
    )
    left = token.scaled_balances[user] = sub(balance, scaled, "more is burned than the account has")
    token.reward(user, supply, balance)
    if increase > amount:
        token.emit(Transfer(ZERO_ADDRESS, user, increase - amount))
        token.emit(Mint(user, user, increase - amount, increase, index))
    else:
        token.emit(Transfer(user, ZERO_ADDRESS, amount - increase))
        token.emit(Burn(user, target, amount - increase, increase, index))
    return left == 0


def burn_a_tokens(a_token: AToken, from_: Address, receiver: Address, amount: int, index: int) -> None:
    """Burn and send underlying, unless the receiver is the aToken itself. Solidity: `AToken.burn`."""
    burn_amount(a_token, from_, receiver, amount, index)
    if receiver != a_token.address:
        safe_transfer(a_token.chain, a_token.underlying, a_token.address, receiver, amount)


def mint_to_treasury(a_token: AToken, amount: int, index: int) -> None:
    """Credit the treasury. Solidity: `AToken.mintToTreasury`."""
    if amount != 0:
        mint_amount(a_token, a_token.pool, a_token.treasury, amount, index)


def mint_debt(debt_token: DebtToken, user: Address, on_behalf_of: Address, amount: int, index: int) -> int:
    """Add debt; borrowing for somebody else spends a delegation. Returns all shares.

    Solidity: `VariableDebtToken.mint`.
    """
    if user != on_behalf_of:
        left = sub(
            debt_token.borrow_allowances[on_behalf_of, user], amount, "more is borrowed than the delegation covers"
        )
        debt_token.set_borrow_allowance(on_behalf_of, user, left)
    mint_amount(debt_token, user, on_behalf_of, amount, index)
    return debt_token.scaled_supply


def burn_debt(debt_token: DebtToken, from_: Address, amount: int, index: int) -> tuple[bool, int]:
    """Take debt away. Returns whether none is left, and all shares. Solidity: `VariableDebtToken.burn`."""
    return burn_amount(debt_token, from_, ZERO_ADDRESS, amount, index), debt_token.scaled_supply


def transfer_on_liquidation(a_token: AToken, from_: Address, to: Address, amount: int, index: int) -> None:
    """Hand over aTokens; the pool checks no position. Solidity: `AToken.transferOnLiquidation`."""
    scaled = move(a_token, a_token.pool, from_, to, amount, index)
    a_token.emit(BalanceTransfer(from_, to, scaled, index))


def transfer(a_token: AToken, operator: Address, sender: Address, to: Address, amount: int) -> None:
    """Move aTokens for `amount`; then the pool checks the sender's position. Solidity: `AToken._transfer`, v3.4."""
    index, amount = a_token.index_now(), to_uint(a_token.chain.revision.share_bits, amount)
    from_before, to_before = balances_of(a_token, sender, to, index)
    scaled = move(a_token, operator, sender, to, amount, index)
    a_token.emit(BalanceTransfer(sender, to, scaled, index))
    finalize(a_token, sender, to, amount, from_before, to_before)


def transfer_from(a_token: AToken, spender: Address, sender: Address, to: Address, amount: int) -> None:
    """Spend the allowance, never infinite, by exactly `amount`; then move aTokens.

    Solidity: `IncentivizedERC20.transferFrom`, until v3.4.
    """
    to_uint(a_token.chain.revision.share_bits, amount)
    a_token.set_allowance(
        sender, spender, sub(a_token.allowances[sender, spender], amount, "more is moved than the allowance covers")
    )
    a_token.chain.revision.transfer_a_tokens(a_token, spender, sender, to, amount)


def balances_of(a_token: AToken, sender: Address, to: Address, index: int) -> tuple[int, int]:
    """The balances of sender and recipient in underlying units."""
    balances = a_token.scaled_balances
    return ray_mul(balances[sender], index), ray_mul(balances[to], index)


def finalize(a_token: AToken, sender: Address, to: Address, amount: int, from_before: int, to_before: int) -> None:
    """Let the pool judge a transfer by what moved and what both sides had, in underlying units."""
    pool = a_token.chain.at(a_token.pool)
    pool.finalize_transfer_from(a_token.address, a_token.underlying, sender, to, amount, from_before, to_before)


def move(a_token: AToken, operator: Address, sender: Address, recipient: Address, amount: int, index: int) -> int:
    """Move shares for `amount`, reporting both sides' interest. Returns the shares. Solidity: `_transfer`, v3.4."""
    balances, previous, bits = a_token.scaled_balances, a_token.previous_indexes, a_token.chain.revision.share_bits
    sender_balance, recipient_balance = balances[sender], balances[recipient]
    sender_increase = sub(ray_mul(sender_balance, index), ray_mul(sender_balance, previous[sender]))
    recipient_increase = sub(ray_mul(recipient_balance, index), ray_mul(recipient_balance, previous[recipient]))
    previous[sender] = to_uint128(index)
    previous[recipient] = index
    scaled = to_uint(bits, ray_div(amount, index))
    balances[sender] = sub(sender_balance, scaled, "more is moved than the sender has")
    recipient_before = balances[recipient]  # read again: to oneself, the shares just left
    balances[recipient] = _fit(bits, recipient_before + scaled)
    a_token.reward(sender, a_token.scaled_supply, sender_balance)
    if sender != recipient:
        a_token.reward(recipient, a_token.scaled_supply, recipient_before)
    if sender_increase > 0:
        a_token.emit(Transfer(ZERO_ADDRESS, sender, sender_increase))
        a_token.emit(Mint(operator, sender, sender_increase, sender_increase, index))
    if sender != recipient and recipient_increase > 0:
        a_token.emit(Transfer(ZERO_ADDRESS, recipient, recipient_increase))
        a_token.emit(Mint(operator, recipient, recipient_increase, recipient_increase, index))
    a_token.emit(Transfer(sender, recipient, amount))
    return scaled


def _fit(bits: int, balance: int) -> int:
    if balance >> bits:
        raise Panic(PANIC_OVERFLOW)
    return balance


def moves_no_shares(pool: Pool, reserve: Reserve, amount: int) -> bool:
    """Does the amount round to no shares? From v3.1 on."""
    return ray_div(amount, normalized_income(reserve, pool.chain.time)) == 0
