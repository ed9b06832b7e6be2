"""What the pool's rules need to know of the contracts around them, as Solidity's interfaces do for its libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..address import Address
from ..state.records import EModeCategory, Reserve
from ..state.storage import Ledger, RecordMap

if TYPE_CHECKING:
    from ..chain import Chain
    from ..revisions import Revision


class ScaledToken(Protocol):
    """What aTokens and debt tokens share: balances in shares."""

    chain: Chain
    address: Address
    pool: Address
    underlying: Address
    scaled_balances: Ledger[Address, int]
    previous_indexes: Ledger[Address, int]
    scaled_supply: int

    def emit(self, event: Any) -> None: ...
    def reward(self, user: Address, supply_before: int, balance_before: int) -> None: ...


class AToken(ScaledToken, Protocol):
    """The pool's side of an aToken. Amounts called scaled are in shares, the others in underlying units."""

    treasury: Address
    allowances: Ledger[tuple[Address, Address], int]

    def pool_mint(self, caller: Address, on_behalf_of: Address, scaled: int, index: int) -> bool: ...
    def pool_burn(self, from_: Address, receiver: Address, amount: int, scaled: int, index: int) -> bool: ...
    def pool_mint_to_treasury(self, scaled: int, index: int) -> None: ...
    def pool_transfer_on_liquidation(
        self, from_: Address, to: Address, amount: int, scaled: int, index: int
    ) -> None: ...
    def pool_transfer_underlying_to(self, to: Address, amount: int) -> None: ...
    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None: ...
    def move_shares(
        self, operator: Address, sender: Address, recipient: Address, amount: int, scaled: int, index: int
    ) -> None: ...
    def index_now(self) -> int: ...
    def balance_of(self, user: Address) -> int: ...


class DebtToken(ScaledToken, Protocol):
    """The pool's side of a variable debt token."""

    borrow_allowances: Ledger[tuple[Address, Address], int]

    def set_borrow_allowance(self, delegator: Address, delegatee: Address, amount: int) -> None: ...
    def pool_mint(self, user: Address, on_behalf_of: Address, amount: int, scaled: int, index: int) -> int: ...
    def pool_burn(self, from_: Address, scaled: int, index: int) -> tuple[bool, int]: ...


class Pool(Protocol):
    """The pool's storage and surroundings."""

    chain: Chain
    address: Address
    provider: Address
    rate_strategy: Address
    reserves: RecordMap[Address, Reserve]
    reserves_list: Ledger[int, Address]
    reserves_count: int
    users_config: Ledger[Address, int]
    users_e_mode: Ledger[Address, int]
    e_modes: RecordMap[int, EModeCategory]
    flash_loan_premium: int
    flash_loan_premium_to_protocol: int
    bridge_protocol_fee: int

    def emit(self, event: Any) -> None: ...
    @property
    def revision(self) -> Revision: ...
    @property
    def oracle(self) -> Any: ...
    @property
    def sentinel(self) -> Any | None: ...
