"""The terms in which the rules are written: what they know of the contracts, what they pass on, what a release decides.

These types name each other, so they live together. Solidity: the interfaces of the libraries, and `DataTypes`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ..address import Address
from ..errors import EmptyRevert
from ..math.uint import MAX_UINT256
from ..state.records import EModeCategory, Reserve
from ..state.storage import Ledger, RecordMap
from .decisions import PlainDecisions

# --- the contracts around the rules -----------------------------------------------------------------------------------


class Machine(Protocol):
    """The parts of the chain that rules look at."""

    time: int
    contracts: Ledger[Address, Any]

    @property
    def revision(self) -> Revision:
        """The decisions in force."""

    def at(self, where: Address) -> Any:
        """The contract at an address. Raises EmptyRevert where there is none."""

    def answering(self, where: Address) -> Any:
        """The same, or the precompiled contract, for a call that expects an answer."""


class ScaledToken(Protocol):
    """The common part of aTokens and debt tokens: balances in shares."""

    address: Address
    pool: Address
    underlying: Address
    scaled_balances: Ledger[Address, int]
    previous_indexes: Ledger[Address, int]
    scaled_supply: int

    @property
    def chain(self) -> Machine: ...
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

    @property
    def chain(self) -> Machine: ...
    def emit(self, event: Any) -> None: ...
    @property
    def revision(self) -> Revision: ...
    def strategy_of(self, reserve: Reserve) -> Address: ...
    @property
    def oracle(self) -> Any: ...
    @property
    def sentinel(self) -> Any | None: ...


# --- what operations pass on ------------------------------------------------------------------------------------------


class ReserveCache:
    """A reserve as it was when an operation began, and the figures that the operation has computed since.

    Not storage: two caches of one reserve do not see each other, which is why same-asset liquidations need care.
    Solidity: `DataTypes.ReserveCache`.
    """

    __slots__ = (
        "a_token",
        "configuration",
        "debt_token",
        "last_update_timestamp",
        "liquidity_index",
        "liquidity_rate",
        "next_liquidity_index",
        "next_scaled_debt",
        "next_variable_borrow_index",
        "reserve_factor",
        "scaled_debt",
        "stable",
        "variable_borrow_index",
        "variable_borrow_rate",
    )

    a_token: AToken
    debt_token: DebtToken
    stable: Any
    """Stable debt, until v3.0.2; later there is nothing here."""

    def __init__(self, pool: Pool, reserve: Reserve) -> None:
        contracts = pool.chain.contracts
        debt_token = contracts[reserve.variable_debt_token]
        if debt_token is None:
            raise EmptyRevert("the asset is not listed")
        configuration = reserve.configuration
        self.configuration = configuration
        self.reserve_factor = configuration >> 64 & 0xFFFF
        self.liquidity_index = self.next_liquidity_index = reserve.liquidity_index
        self.variable_borrow_index = self.next_variable_borrow_index = reserve.variable_borrow_index
        self.liquidity_rate = reserve.current_liquidity_rate
        self.variable_borrow_rate = reserve.current_variable_borrow_rate
        self.a_token = contracts[reserve.a_token]
        self.debt_token = debt_token
        self.last_update_timestamp = reserve.last_update_timestamp
        self.scaled_debt = self.next_scaled_debt = debt_token.scaled_supply
        if reserve.read_stable_debt is not None:
            self.stable = reserve.read_stable_debt(pool.chain)


class AccountData(NamedTuple):
    """A user's position: base currency (8 decimals), ratios in basis points, the health factor a wad."""

    total_collateral: int
    total_debt: int
    average_ltv: int
    average_liquidation_threshold: int
    health_factor: int
    has_zero_ltv_collateral: bool


NO_POSITION = AccountData(0, 0, 0, 0, MAX_UINT256, False)
"""What a user has who uses no reserve."""


class Borrower(NamedTuple):
    """A borrower: the e-mode category, and how the position is found when it is asked for."""

    category_id: int
    account: Callable[[], AccountData]


class Liquidation:
    """The figures of one liquidation, filled in step by step.

    Solidity: `LiquidationCallLocalVars` and `ExecuteLiquidationCallParams`.
    """

    __slots__ = (
        "borrower",
        "borrower_collateral",
        "borrower_debt",
        "borrower_scaled_collateral",
        "category_id",
        "collateral_asset",
        "collateral_cache",
        "collateral_configuration",
        "collateral_price",
        "collateral_reserve",
        "collateral_to_liquidate",
        "collateral_unit",
        "debt_asset",
        "debt_cache",
        "debt_price",
        "debt_reserve",
        "debt_to_liquidate",
        "debt_unit",
        "liquidator",
        "protocol_fee",
        "receive_a_token",
        "total_collateral",
    )

    collateral_cache: ReserveCache
    collateral_configuration: int
    debt_cache: ReserveCache
    borrower_scaled_collateral: int
    borrower_collateral: int
    borrower_debt: int
    total_collateral: int
    collateral_price: int
    collateral_unit: int
    debt_price: int
    debt_unit: int
    debt_to_liquidate: int
    collateral_to_liquidate: int
    protocol_fee: int

    def __init__(
        self,
        pool: Pool,
        liquidator: Address,
        collateral_asset: Address,
        debt_asset: Address,
        borrower: Address,
        receive_a_token: bool,
    ) -> None:
        self.liquidator = liquidator
        self.collateral_asset = collateral_asset
        self.debt_asset = debt_asset
        self.borrower = borrower
        self.receive_a_token = receive_a_token
        self.category_id = pool.users_e_mode[borrower]
        self.collateral_reserve: Reserve = pool.reserves[collateral_asset]
        self.debt_reserve: Reserve = pool.reserves[debt_asset]


# --- what a release decides -------------------------------------------------------------------------------------------

CollateralRule = Callable[[Pool, Reserve, int, Address, int], bool]
AutomaticCollateralRule = Callable[[Pool, Reserve, int, Address, int, Address], bool]


@dataclass(frozen=True, slots=True)
class EarlierFlows:
    """Decisions that only the flows until v3.4 ask for."""

    check_isolated_borrow: Callable[[Pool, int, Address, int], object]
    """The checks of `increase_isolated_debt`, earlier."""
    has_borrowed: Callable[[Pool, Reserve, ReserveCache, Address], bool]
    """Has the user's borrow bit been set already?"""
    is_debt_cleared: Callable[[bool, int], bool]
    """By shares and amount left: is the borrow bit cleared?"""
    release_repaid_collateral: Callable[[Pool, Reserve, Address, Address], None]
    """Disable, or not, a supply that repaying has used up."""
    supplier_of_transfer: Callable[[Address, Address], Address]
    """Of sender and aToken, who must have the role that makes an isolated asset collateral on receipt."""
    is_first_receipt: Callable[[Liquidation, AToken], bool]
    """Does a liquidator who takes aTokens get collateral?"""
    a_tokens_may_receive: bool
    """May an aToken be supplied for, or withdrawn to?"""
    is_empty_transfer: Callable[[Pool, Reserve, int], bool]
    """Does a transfer of this amount leave positions alone?"""
    check_rate_mode: Callable[[int], None]
    """Which interest-rate modes can be asked for."""
    check_stable_borrow: Callable[[Pool, Reserve, ReserveCache, Address, Address, int, int], None]
    """Asset, debtor, amount, mode: if the mode is stable, may it be?"""
    stable_debt: Callable[[ReserveCache], int]
    """Debt of a reserve that is not variable (token units)."""
    debt_of: Callable[[ReserveCache, Address], int]
    """A user's whole debt to a reserve (token units)."""
    burn_liquidated_debt: Callable[[Liquidation], None]
    """Burn the debt that a liquidation repays. Until v3.2."""
    price_to_borrow: Callable[[Pool, Address, int], int]
    """What an asset is valued at when a user of a category borrows it."""


@dataclass(frozen=True, slots=True, repr=False)
class Revision(PlainDecisions):
    """The decisions of a release: everything in which one differs from another, or a fork might.

    A constant is a value field, a formula a function field, an optional step a function field that may do nothing, a
    rewritten flow two whole functions, and what decides whether an external function exists is a boolean.
    """

    # --- positions ------------------------------------------------------------------------------------------------

    account_data: Callable[[Pool, Address, int], AccountData]
    """A user's position."""
    may_collateralise: CollateralRule
    """May the user enable the asset as collateral?"""
    may_collateralise_automatically: AutomaticCollateralRule
    """Does a first supply, by the last argument, enable the asset as collateral?"""
    collateralise_received: Callable[[Pool, Reserve, Address, int, Address, Address], None]
    """What a first receipt of aTokens does: the asset and its configuration, the sender, the recipient."""

    # --- checks and steps -----------------------------------------------------------------------------------------

    a_token_supply: Callable[[Pool, Reserve], int]
    """An aToken's total supply in underlying units, projected to now."""
    check_borrowable: Callable[[Pool, Reserve, int, int], None]
    """May the asset be borrowed by a user of the category? Early in the checks of a borrow."""
    check_borrowable_in_e_mode: Callable[[Pool, Reserve, int], None]
    """The same for categories only, late; from v3.6 on `check_borrowable` has said it already."""
    check_borrow_sentinel: Callable[[Pool], None]
    """Does the price-oracle sentinel allow borrowing?"""
    check_liquidation_sentinel: Callable[[Pool, int], None]
    """Does it allow a liquidation at this health factor (wad)?"""
    check_siloed_borrowing: Callable[[Pool, Address, int, int], None]
    """Siloed assets are their borrowers' only debt."""
    increase_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a borrow against the ceiling of an isolated collateral."""
    reduce_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a repayment."""
    reduce_isolated_debt_in_liquidation: Callable[[Pool, Address, Address, int, int, int], None]
    """Count what a liquidation repays."""
    validate_set_user_e_mode: Callable[[Pool, Address, int], None]
    """May the user enter the category?"""
    known_borrower: Callable[[Pool, Address], dict[str, Borrower]]
    """What a flash loan that becomes debt knows of the borrower before its callback."""
    spend_allowance: Callable[[AToken, Address, Address, int, int], None]
    """Owner, spender, the amount asked and the owner's loss."""
    spend_borrow_allowance: Callable[[DebtToken, Address, Address, int, int, int], None]
    """Delegator, delegatee, the amount asked, in shares, and the debt index."""
    update_rates: Callable[[Pool, Reserve, ReserveCache, Address, int, int], None]
    """Set a reserve's rates for liquidity added and taken."""
    accrue_to_treasury: Callable[[Reserve, ReserveCache], None]
    """The treasury's share of new interest."""
    book_flash_premium: Callable[[Pool, Reserve, ReserveCache, int, int], None]
    """Who gets a premium; the last argument is the treasury's share (bps)."""
    open_liquidation_caches: Callable[[Pool, Liquidation], None]
    """In which order a liquidation reads and updates its two reserves."""
    max_liquidatable_debt: Callable[[Pool, Liquidation, int, int], int]
    """How much of the debt may be repaid (token units), at a health factor (wad) and whole debt (base currency)."""
    refuse_dust: Callable[[Pool, Liquidation], None]
    """Raises MustNotLeaveDust where a liquidation leaves too little."""
    liquidation_bonus: Callable[[Pool, Liquidation], int]
    """What a liquidator gets for what is covered (bps; 10,500 for a bonus of 5 %)."""
    liquidation_protocol_fee: Callable[[Pool, Liquidation, int, int], int]
    """The treasury's part (token units) of a seized amount, of which this bonus (bps) is a part."""
    read_liquidation_prices: Callable[[Pool, Liquidation], None]
    """Set the prices of both assets (base currency for a whole token)."""
    release_seized_collateral: Callable[[Pool, Liquidation], bool]
    """When a liquidation clears the collateral bit, and when no collateral is left, so that debts become deficit."""
    freeze_ltv: Callable[[Any, Address, Reserve, int, bool], int]
    """What freezing and unfreezing do to an asset's LTV."""
    prepare_e_mode_collateral: Callable[[Any, Address, Reserve, int, bool], None]
    """What must hold, and happen, before an asset joins or leaves a category as collateral."""

    # --- flows ----------------------------------------------------------------------------------------------------

    execute_supply: Callable[[Pool, Address, Address, int, Address, int], None]
    """Supply: the caller, the asset, the amount, whom it is for, a referral code."""
    execute_withdraw: Callable[[Pool, Address, Address, int, Address], int]
    """Withdraw: the caller, the asset, the amount, the receiver. Returns the amount sent."""
    execute_borrow: Callable[..., None]
    """Borrow: the caller, the asset, the amount, the rate mode, a referral code, the debtor. In a flash loan also
    whether the underlying moves, and what is known of the borrower."""
    execute_repay: Callable[..., int]
    """Repay: the caller, the asset, the amount, the rate mode, the debtor, whether with aTokens. Returns the amount."""
    execute_liquidation_call: Callable[[Pool, Address, Address, Address, Address, int, bool], None]
    """Liquidate: the caller, collateral, debt asset, borrower, the amount to cover, whether to take aTokens."""
    execute_eliminate_deficit: Callable[[Pool, Address, Address, int], int]
    """Cover a reserve's deficit: the caller, the asset, the amount. Returns what was covered."""
    execute_use_reserve_as_collateral: Callable[[Pool, Address, Address, bool], None]
    """Enable or disable a user's supply of an asset as collateral."""
    execute_set_user_e_mode: Callable[[Pool, Address, int], None]
    """Put a user into an e-mode category; 0 for none."""
    execute_mint_to_treasury: Callable[[Pool, Sequence[Address]], None]
    """Turn what these assets have accrued for the treasury into aTokens."""
    execute_finalize_transfer: Callable[[Pool, Address, Address, Address, int, int, int], None]
    """Judge a transfer of aTokens: the asset, sender, recipient, what moved, and what each had before."""
    transfer_a_tokens: Callable[[AToken, Address, Address, Address, int], None]
    """Move aTokens: the operator, sender, recipient, the underlying amount."""
    transfer_a_tokens_from: Callable[[AToken, Address, Address, Address, int], None]
    """Move aTokens by allowance: the spender, sender, recipient, the underlying amount."""
    earlier: EarlierFlows | None
    """What only the flows until v3.4 ask for."""
