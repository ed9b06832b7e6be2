"""The aToken: a lender's claim on a reserve. Solidity: `AToken`, `ATokenInstance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    PANIC_OVERFLOW,
    InvalidExpiration,
    InvalidSignature,
    Panic,
    UnderlyingCannotBeRescued,
    ZeroAddressNotValid,
)
from ..events import Approval, ATokenInitialized, BalanceTransfer, Mint, Transfer
from ..logic.erc20 import safe_transfer
from ..machine.function import external, view
from ..math.token_math import a_token_balance
from ..math.uint import MAX_UINT120, add, sub, to_uint120, to_uint128
from .scaled_token import ScaledToken
from .signatures import PERMIT_TYPEHASH, struct_digest
from .token_interface import TransferableToken

if TYPE_CHECKING:
    from ..chain import Chain


class AToken(ScaledToken, TransferableToken):
    """Interest-bearing claim: `balance = shares * liquidity index`, rounded down."""

    KIND = "ATokenInstance"
    IMMUTABLES = (*ScaledToken.IMMUTABLES, "treasury")
    STORAGE = {**ScaledToken.STORAGE, "left_treasury": ZERO_ADDRESS}
    MOCK_REVISION: ClassVar[int] = 2
    """What Aave's `MockAToken`, otherwise the same, gives as its revision."""
    FAMILY = "aToken"
    __slots__ = (
        *("left_treasury", "treasury"),
        # What one that votes has besides: a proxy may become one, and keeps its place in memory.
        *("delegated_proposition", "delegated_voting", "delegation_modes"),
        *("proposition_delegatees", "voting_delegatees"),
    )

    treasury: Address
    left_treasury: Address
    """What storage says of it since v3.4, when the code took over."""

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        treasury: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
        built_for: int | None = None,
    ) -> None:
        self.check_treasury(treasury)
        super().__init__(chain, at, "ATOKEN_IMPL", code_revision, built_for)
        self.initialise(pool=pool, rewards_controller=rewards_controller, treasury=treasury)

    @staticmethod
    def check_treasury(treasury: Address) -> None:
        """Raises ZeroAddressNotValid: the code of the token names its treasury."""
        if treasury == ZERO_ADDRESS:
            raise ZeroAddressNotValid()

    def index_now(self) -> int:
        """The reserve's liquidity index now (ray)."""
        income: int = self.chain.at(self.pool).income_of(self.underlying)
        return income

    # --- for the pool -----------------------------------------------------------------------------------------------

    def pool_mint(self, caller: Address, on_behalf_of: Address, scaled: int, index: int) -> bool:
        """Credit shares for a supply. Solidity: `mint`."""
        return self.mint_scaled(caller, on_behalf_of, scaled, index, a_token_balance)

    def pool_burn(self, from_: Address, receiver: Address, amount: int, scaled: int, index: int) -> bool:
        """Burn shares and send underlying, unless the receiver is the aToken itself. Solidity: `burn`."""
        nothing_left = self.burn_scaled(from_, receiver, scaled, index, a_token_balance)
        if receiver != self.address:
            safe_transfer(self.chain, self.underlying, self.address, receiver, amount)
        return nothing_left

    def pool_mint_to_treasury(self, scaled: int, index: int) -> None:
        """Credit the treasury's accrued shares. Solidity: `mintToTreasury`."""
        if scaled != 0:
            self.mint_scaled(self.pool, self.treasury, scaled, index, a_token_balance)

    def pool_transfer_on_liquidation(self, from_: Address, to: Address, amount: int, scaled: int, index: int) -> None:
        """Hand over seized aTokens; the pool asks no further questions. Solidity: `transferOnLiquidation`."""
        self.move_shares(self.pool, from_, to, amount, to_uint120(scaled), index)

    def pool_transfer_underlying_to(self, to: Address, amount: int) -> None:
        """Send underlying for a borrow or a flash loan. Solidity: `transferUnderlyingTo`."""
        safe_transfer(self.chain, self.underlying, self.address, to, amount)

    # --- transfers --------------------------------------------------------------------------------------------------

    def move_shares(
        self, operator: Address, sender: Address, recipient: Address, amount: int, scaled: int, index: int
    ) -> None:
        """Move shares, reporting both sides' interest first. Solidity: `_transfer` with an index."""
        if self.CARRIES_POWER:
            self.shares_move(sender, recipient, scaled)
        balances, previous = self.scaled_balances, self.previous_indexes
        sender_balance, recipient_balance = balances[sender], balances[recipient]
        sender_increase = sub(a_token_balance(sender_balance, index), a_token_balance(sender_balance, previous[sender]))
        recipient_increase = sub(
            a_token_balance(recipient_balance, index), a_token_balance(recipient_balance, previous[recipient])
        )
        previous[sender] = to_uint128(index)
        previous[recipient] = index
        balances[sender] = sub(sender_balance, scaled, "more is moved than the sender has")
        # Read again: to oneself, the shares just left.
        recipient_before = balances[recipient]
        if recipient_before + scaled > MAX_UINT120:
            raise Panic(PANIC_OVERFLOW)
        balances[recipient] = recipient_before + scaled
        if self.rewards_controller != ZERO_ADDRESS:
            self.reward(sender, self.scaled_supply, sender_balance)
            if sender != recipient:
                self.reward(recipient, self.scaled_supply, recipient_before)
        if sender_increase > 0:
            self.emit(Transfer(ZERO_ADDRESS, sender, sender_increase))
            self.emit(Mint(operator, sender, sender_increase, sender_increase, index))
        if sender != recipient and recipient_increase > 0:
            self.emit(Transfer(ZERO_ADDRESS, recipient, recipient_increase))
            self.emit(Mint(operator, recipient, recipient_increase, recipient_increase, index))
        self.emit(Transfer(sender, recipient, amount))
        self.emit(BalanceTransfer(sender, recipient, scaled, index))

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer; the pool then checks the sender's position.

        Raises Panic(0x11) without balance, ReservePaused, and what an unhealthy sender raises.
        """
        self.chain.revision.transfer_a_tokens(self, sender, sender, to, amount)
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance."""
        self.chain.revision.transfer_a_tokens_from(self, spender, owner, to, amount)
        return True

    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Write an allowance and say so. Solidity: `_approve`."""
        self.allowances[owner, spender] = amount
        self.emit(Approval(owner, spender, amount))

    @external("increaseAllowance(address,uint256)", "bool")
    def increase_allowance(self, spender: Address, added: int, *, sender: Address) -> bool:
        """Raise an allowance. Raises Panic(0x11) on overflow."""
        self.set_allowance(sender, spender, add(self.allowances[sender, spender], added))
        return True

    @external("decreaseAllowance(address,uint256)", "bool")
    def decrease_allowance(self, spender: Address, subtracted: int, *, sender: Address) -> bool:
        """Lower an allowance. Raises Panic(0x11) below zero."""
        self.set_allowance(
            sender,
            spender,
            sub(self.allowances[sender, spender], subtracted, "the allowance is less than what is subtracted"),
        )
        return True

    @external("renounceAllowance(address)")
    def renounce_allowance(self, owner: Address, *, sender: Address) -> None:
        """Give up what `owner` allowed the caller."""
        self.set_allowance(owner, sender, 0)

    @external("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)")
    def permit(
        self,
        owner: Address,
        spender: Address,
        value: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        sender: Address,
    ) -> None:
        """Approve by signature. Raises ZeroAddressNotValid, InvalidExpiration, ECDSA errors, InvalidSignature."""
        if owner == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if self.chain.time > deadline:
            raise InvalidExpiration()
        nonce = self.nonces_used[owner]
        digest = struct_digest(self.domain_separator(), PERMIT_TYPEHASH, owner, spender, value, nonce, deadline)
        if self.chain.revision.recover_signer(digest, v, r, s) != owner:
            raise InvalidSignature()
        self.nonces_used[owner] = nonce + 1
        self.set_allowance(owner, spender, value)

    @external("rescueTokens(address,address,uint256)")
    def rescue_tokens(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Send foreign tokens that ended up here. Raises CallerNotPoolAdmin, UnderlyingCannotBeRescued."""
        self.only_pool_admin(sender)
        if token == self.underlying:
            raise UnderlyingCannotBeRescued()
        safe_transfer(self.chain, token, self.address, to, amount)

    # --- pool-only entry points as the ABI has them -----------------------------------------------------------------

    @external("mint(address,address,uint256,uint256)", "bool")
    def mint(self, caller: Address, on_behalf_of: Address, value: int, index: int, *, sender: Address) -> bool:
        """For the pool, in shares. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_mint(caller, on_behalf_of, value, index)

    @external("burn(address,address,uint256,uint256,uint256)", "bool")
    def burn(self, from_: Address, receiver: Address, amount: int, scaled: int, index: int, *, sender: Address) -> bool:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_burn(from_, receiver, amount, scaled, index)

    @external("mintToTreasury(uint256,uint256)")
    def mint_to_treasury(self, value: int, index: int, *, sender: Address) -> None:
        """For the pool, in shares. Raises CallerMustBePool."""
        self.only_pool(sender)
        self.pool_mint_to_treasury(value, index)

    @external("transferOnLiquidation(address,address,uint256,uint256,uint256)")
    def transfer_on_liquidation(
        self, from_: Address, to: Address, amount: int, scaled: int, index: int, *, sender: Address
    ) -> None:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        self.pool_transfer_on_liquidation(from_, to, amount, scaled, index)

    @external("transferUnderlyingTo(address,uint256)")
    def transfer_underlying_to(self, target: Address, amount: int, *, sender: Address) -> None:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        self.pool_transfer_underlying_to(target, amount)

    @external("initialize(address,address,uint8,string,string,bytes)")
    def initialize(
        self,
        initializing_pool: Address,
        underlying_asset: Address,
        decimals: int,
        name: str,
        symbol: str,
        params: bytes,
        *,
        sender: Address,
    ) -> None:
        """Set up a proxy, once per revision."""
        self._initialise(initializing_pool, underlying_asset, decimals, name, symbol, params)

    def _initialise(
        self, pool: Address, underlying: Address, decimals: int, name: str, symbol: str, params: bytes
    ) -> None:
        self.initialise_metadata(pool, underlying, decimals, name, symbol)
        controller = self.rewards_controller
        self.emit(ATokenInitialized(underlying, self.pool, self.treasury, controller, decimals, name, symbol, params))

    # --- views ------------------------------------------------------------------------------------------------------

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """A user's claim in underlying units, with interest to now."""
        return self.chain.revision.a_token_balance(self.scaled_balances[user], self.index_now())

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All claims in underlying units, with interest to now."""
        return self.chain.revision.a_token_balance(self.scaled_supply, self.index_now())

    @view("RESERVE_TREASURY_ADDRESS()", "address")
    def reserve_treasury_address(self) -> Address:
        """Where fees go."""
        return self.treasury

    @view("TREASURY()", "address")
    def treasury_address(self) -> Address:
        """Where fees go."""
        return self.treasury

    @view("PERMIT_TYPEHASH()", "bytes32")
    def permit_typehash(self) -> bytes:
        """The EIP-712 type of a permit."""
        return PERMIT_TYPEHASH

    @view("ATOKEN_REVISION()", "uint256")
    def atoken_revision(self) -> int:
        """The contract's revision number."""
        return self.chain.revision.token_revision
