"""The common ground of aTokens and debt tokens: balances in shares of an index that grows.

Solidity: `IncentivizedERC20`, `MintableIncentivizedERC20`, `ScaledBalanceTokenBase`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    PANIC_OVERFLOW,
    CallerMustBePool,
    CallerNotPoolAdmin,
    InvalidBurnAmount,
    InvalidMintAmount,
    Panic,
    PoolAddressesDoNotMatch,
)
from ..events import Burn, Mint, Transfer
from ..machine.contract import ledger_of
from ..machine.function import view
from ..math.uint import MAX_UINT120, add, sub, to_uint120, to_uint128
from ..state.storage import Ledger
from .proxy import Proxied
from .signatures import domain_separator
from .token_interface import NamedToken

if TYPE_CHECKING:
    from ..chain import Chain

ToUnderlying = Callable[[int, int], int]
"""Shares and index (ray) to underlying units, with the token's rounding."""


class ScaledToken(Proxied, NamedToken):
    """A token of one reserve. The ledgers hold shares; the index of a user's last change tells accrued interest."""

    STORAGE = {
        **Proxied.STORAGE,
        "scaled_balances": ledger_of(0),
        "previous_indexes": ledger_of(0),
        "scaled_supply": 0,
        "allowances": ledger_of(0),
        "token_name": "",
        "token_symbol": "",
        "token_decimals": 0,
        "nonces_used": ledger_of(0),
        "underlying": ZERO_ADDRESS,
        "domain": bytes(32),
        "left_rewards_controller": ZERO_ADDRESS,
    }
    IMMUTABLES = (*Proxied.IMMUTABLES, "pool", "rewards_controller", "built_for")
    ASSUMED = ("built_for",)
    CARRIES_POWER: ClassVar[bool] = False
    """Do shares vote, so that power follows them?"""
    __slots__ = (
        "allowances",
        "built_for",
        "domain",
        "left_rewards_controller",
        "nonces_used",
        "pool",
        "previous_indexes",
        "rewards_controller",
        "scaled_balances",
        "scaled_supply",
        "token_decimals",
        "token_name",
        "token_symbol",
        "underlying",
    )

    pool: Address
    rewards_controller: Address
    scaled_balances: Ledger[Address, int]
    previous_indexes: Ledger[Address, int]
    scaled_supply: int
    allowances: Ledger[tuple[Address, Address], int]
    underlying: Address
    domain: bytes
    """The EIP-712 domain when the proxy was set up."""
    built_for: int
    """The chain id when the implementation was created; zero for some other chain's."""
    left_rewards_controller: Address
    """What storage says of it since v3.4, when the code took over."""

    def __init__(
        self, chain: Chain, at: Address, implementation_name: str, code_revision: int | None, built_for: int | None
    ) -> None:
        super().__init__(chain, at, chain.revision.token_revision if code_revision is None else code_revision)
        self.initialise(token_name=implementation_name, token_symbol=implementation_name)
        self.initialise(built_for=chain.chain_id if built_for is None else built_for)

    def assumed(self, name: str) -> int:
        """The chain that an implementation was built for: this one, unless the domain was computed elsewhere."""
        at_home = self.domain in (bytes(32), self._domain_now())
        return self.chain.chain_id if at_home else 0

    # --- what the pool does to balances ---------------------------------------------------------------------------

    def mint_scaled(
        self, caller: Address, on_behalf_of: Address, scaled: int, index: int, to_underlying: ToUnderlying
    ) -> bool:
        """Credit shares. Returns whether there were none before. Solidity: `_mintScaled`."""
        if scaled == 0:
            raise InvalidMintAmount()
        balance = self.scaled_balances[on_behalf_of]
        next_balance = to_underlying(balance + scaled, index)
        previous_balance = to_underlying(balance, self.previous_indexes[on_behalf_of])
        increase = sub(to_underlying(balance, index), previous_balance)
        self.previous_indexes[on_behalf_of] = to_uint128(index)
        supply = self.scaled_supply
        new_balance = balance + to_uint120(scaled)
        if self.CARRIES_POWER:
            self.shares_move(ZERO_ADDRESS, on_behalf_of, scaled)
        if new_balance > MAX_UINT120:
            raise Panic(PANIC_OVERFLOW)
        self.scaled_supply = add(supply, scaled)
        self.scaled_balances[on_behalf_of] = new_balance
        if self.rewards_controller != ZERO_ADDRESS:
            self.reward(on_behalf_of, supply, balance)
        minted = sub(next_balance, previous_balance)
        self.emit(Transfer(ZERO_ADDRESS, on_behalf_of, minted))
        self.emit(Mint(caller, on_behalf_of, minted, increase, index))
        return balance == 0

    def burn_scaled(self, user: Address, target: Address, scaled: int, index: int, to_underlying: ToUnderlying) -> bool:
        """Take shares. Returns whether none are left. Interest above what is burned shows as a mint.

        Solidity: `_burnScaled`.
        """
        if scaled == 0:
            raise InvalidBurnAmount()
        balance = self.scaled_balances[user]
        left = sub(balance, scaled, "more is burned than the account has")
        next_balance = to_underlying(left, index)
        previous_balance = to_underlying(balance, self.previous_indexes[user])
        increase = sub(to_underlying(balance, index), previous_balance)
        self.previous_indexes[user] = to_uint128(index)
        supply = self.scaled_supply
        if self.CARRIES_POWER:
            self.shares_move(user, ZERO_ADDRESS, to_uint120(scaled))
        self.scaled_supply = sub(supply, to_uint120(scaled), "more is burned than there is in all")
        self.scaled_balances[user] = left
        if self.rewards_controller != ZERO_ADDRESS:
            self.reward(user, supply, balance)
        if next_balance > previous_balance:
            self.emit(Transfer(ZERO_ADDRESS, user, next_balance - previous_balance))
            self.emit(Mint(user, user, next_balance - previous_balance, increase, index))
        else:
            self.emit(Transfer(user, ZERO_ADDRESS, previous_balance - next_balance))
            self.emit(Burn(user, target, previous_balance - next_balance, increase, index))
        return left == 0

    def shares_move(self, from_: Address, to: Address, scaled: int) -> None:
        """Hear of shares that are about to move, of tokens whose shares vote. The zero address stands for none."""

    def reward(self, user: Address, supply_before: int, balance_before: int) -> None:
        """Tell the rewards controller, if there is one. Solidity: `handleAction`."""
        if self.rewards_controller != ZERO_ADDRESS:
            self.chain.at(self.rewards_controller).on_balance_change(self.address, user, supply_before, balance_before)

    # --- roles ----------------------------------------------------------------------------------------------------

    def only_pool(self, sender: Address) -> None:
        """Raises CallerMustBePool."""
        if sender != self.pool:
            raise CallerMustBePool()

    def only_pool_admin(self, sender: Address) -> None:
        """Raises CallerNotPoolAdmin."""
        provider = self.chain.at(self.chain.at(self.pool).provider)
        if not self.chain.at(provider.acl_manager_address).is_pool_admin_(sender):
            raise CallerNotPoolAdmin()

    def initialise_metadata(self, pool: Address, underlying: Address, decimals: int, name: str, symbol: str) -> None:
        """What both kinds of token do when their proxy is set up. Raises PoolAddressesDoNotMatch."""
        self.begin_initialize()
        if pool != self.pool:
            raise PoolAddressesDoNotMatch()
        self.token_name = name
        self.token_symbol = symbol
        self.token_decimals = decimals
        self.underlying = underlying
        self.domain = self._domain_now()

    # --- views ----------------------------------------------------------------------------------------------------

    @view("scaledBalanceOf(address)", "uint256")
    def scaled_balance_of(self, user: Address) -> int:
        """A user's shares."""
        return self.scaled_balances[user]

    @view("scaledTotalSupply()", "uint256")
    def scaled_total_supply(self) -> int:
        """All shares."""
        return self.scaled_supply

    @view("getScaledUserBalanceAndSupply(address)", "uint256,uint256")
    def get_scaled_user_balance_and_supply(self, user: Address) -> tuple[int, int]:
        """A user's shares and all shares."""
        return self.scaled_balances[user], self.scaled_supply

    @view("getPreviousIndex(address)", "uint256")
    def get_previous_index(self, user: Address) -> int:
        """The index (ray) when the user's shares last changed."""
        return self.previous_indexes[user]

    @view("UNDERLYING_ASSET_ADDRESS()", "address")
    def underlying_asset_address(self) -> Address:
        """The reserve's asset."""
        return self.underlying

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("REWARDS_CONTROLLER()", "address")
    def rewards_controller_address(self) -> Address:
        """The rewards controller; zero for none."""
        return self.rewards_controller

    @view("getIncentivesController()", "address")
    def get_incentives_controller(self) -> Address:
        """The rewards controller under its older name."""
        return self.rewards_controller

    @view("DOMAIN_SEPARATOR()", "bytes32")
    def domain_separator(self) -> bytes:
        """The EIP-712 domain: as it was stored, or computed anew on a chain that the code was not built for."""
        return self.domain if self.chain.chain_id == self.built_for else self._domain_now()

    def _domain_now(self) -> bytes:
        return domain_separator(self.token_name, self.chain.chain_id, self.address)
