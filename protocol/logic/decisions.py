"""Decisions of a release that need to know no pool: numbers, roundings, yes or no; and where a fork comes from.

`terms.Revision` adds the decisions that do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import FunctionType
from typing import Any, Self

from ..address import Address
from ..errors import CustomError, ErrorStyle, selector_of
from ..import_path import ImportPathError, import_path_of, imported
from ..machine.engine import ChainMaker
from ..machine.spelling import did_you_mean
from ..state.records import EModeCategory, Reserve

Rounding = Callable[[int, int], int]


def nothing(*_: object) -> None:
    """A step that a release does not have."""


@dataclass(frozen=True, slots=True, repr=False)
class PlainDecisions:
    """Names and numbers, what exists, and arithmetic."""

    # --- names and numbers ----------------------------------------------------------------------------------------

    name: str
    """The release, for instance "3.7"; of a fork, a name of its own."""
    pool_revision: int
    """`POOL_REVISION` in the contract."""
    configurator_revision: int
    """`CONFIGURATOR_REVISION` in the contract."""
    token_revision: int
    """`ATOKEN_REVISION` and `DEBT_TOKEN_REVISION` in the contracts."""
    contracts: Mapping[str, type[Any]]
    """The classes of the contracts (`machine.contract.Contract`), by the name of their Solidity source."""
    layouts: Mapping[str, tuple[Any, ...]]
    """Where their variables lie in the EVM's storage (`evm_storage.layout.Layout`), by the name of their code."""
    error_style: ErrorStyle
    """Custom errors or string codes."""
    collateral_refused: type[CustomError]
    """The error when an asset may not be enabled as collateral."""
    share_bits: int
    """How wide a token stores a user's shares."""

    # --- limits ---------------------------------------------------------------------------------------------------

    health_factor_liquidation_threshold: int
    """Below this health factor (wad) a position can be liquidated, and nothing may leave one (1e18 for 1)."""
    close_factor: int
    """The part (bps) of a borrower's debt that one liquidation may repay, where there is a limit at all."""
    close_factor_health_factor_threshold: int
    """The health factor (wad) above which the close factor limits; at or below it all of a debt may be repaid."""
    min_base_for_close_factor: int
    """The close factor limits where both sides of a liquidation are worth this (base currency, 8 decimals). From v3.3
    on."""
    min_leftover_base: int
    """What a liquidation must at least leave of debt and of collateral (base currency, 8 decimals), unless it clears
    one of them. From v3.3 on."""
    min_decimals: int
    """How many decimals an asset must have to be listed. From v3.1 on."""

    # --- what exists ----------------------------------------------------------------------------------------------

    new_ltv_clears_pending: bool
    """Does a new LTV end what is pending?"""
    virtual_balance_optional: bool
    """May a reserve be listed whose liquidity the pool does not track?"""
    flash_loans_may_repeat_assets: bool
    """May an asset be in a flash loan twice?"""
    self_liquidation: bool
    """May a borrower liquidate itself?"""
    implementations_are_locked: bool
    """Does the constructor of an implementation break its initializer?"""
    copies_listings: bool
    """Does the configurator copy a listing for a library, so that first of all it must be well-formed?"""

    # --- arithmetic and rounding ----------------------------------------------------------------------------------

    recover_signer: Callable[[bytes, int, bytes, bytes], Address]
    """Digest and signature to signer."""
    compounded_interest: Callable[[int, int], int]
    """Rate (ray) and seconds to the growth of a debt (ray)."""
    user_ltv: Callable[[Reserve, EModeCategory, int], int]
    """What an asset lends to a user of a category (bps)."""
    is_liquidatable: Callable[[int], bool]
    """May an enabled collateral of this configuration be seized?"""
    a_token_balance: Rounding
    """Shares and liquidity index (ray) to underlying."""
    debt_balance: Rounding
    """Scaled debt and debt index (ray) to underlying."""
    credit_percent_mul: Rounding
    """Rounding of what a collateral would carry."""
    debt_value: Callable[[int, int, int], int]
    """Amount, price and unit to base currency, in liquidations."""
    needed_debt_percent_div: Rounding
    """Rounding of the debt that all of a collateral pays for."""
    seizure_percent_mul: Rounding
    """Rounding of collateral times bonus."""
    bonus_percent_div: Rounding
    """Rounding of the part of the seized collateral that is no bonus."""
    protocol_fee_percent_mul: Rounding
    """Rounding of the treasury's part of the bonus."""
    flash_premium_percent_mul: Rounding
    """Rounding of a flash-loan premium."""

    # --- what a fork says of itself -----------------------------------------------------------------------------------

    parent: Self | None = field(default=None, kw_only=True)
    """The record that a fork was made from; None for a release."""
    deviates: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """Laws that a fork means to break, by id, each with the reason."""
    stated_bonus: Callable[[Any, Address, Address], int] | None = field(default=None, kw_only=True)
    """What laws take for the bonus of a liquidation (bps), where a fork's `liquidation_bonus` is not what the
    configuration says: of the state before (an `invariants.Moment`), the collateral asset and the borrower."""

    machine: ChainMaker | None = field(default=None, kw_only=True)
    """What makes this engine's chains, where they are not the twin's: contracts that are bytecode."""

    def __post_init__(self) -> None:
        looks_released = re.fullmatch(r"\d+(\.\d+)*", self.name) is not None
        if self.parent is None:
            if not looks_released:
                raise ValueError(
                    f"{self.name!r} is not the name of a release, like '3.7'; a fork says which it comes from: "
                    f"NEWEST.forked({self.name!r}, ...)"
                )
            return
        if looks_released or not re.fullmatch(r"[\w.+-]+", self.name) or self.name == self.parent.name:
            raise ValueError(f"a fork needs a name of its own, of letters, digits and ._+-, not {self.name!r}")
        for kind in self.own_kinds:
            _refuse_code_of_another(self.contracts[kind], self.parent.contracts.get(kind))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # nothing in it changes

    def __reduce__(self) -> tuple[Any, ...]:
        """A record goes by the name that a module has for it. Raises TypeError where none has."""
        if self.machine is not None:
            return _record_of, (self.machine,)
        return imported, (path_of_record(self),)

    def forked(self, name: str, **decisions: Any) -> Self:
        """Make the record of a fork: a name of its own, and what it decides differently.

        `contracts` may be a list of the classes that differ. Raises TypeError for a decision that there is not or that
        is no number or no function where its release has one, and
        ValueError for a name that is a release's, or a contract that stores other variables than its parent's under the
        same `CODE`.
        """
        contracts = decisions.get("contracts", self.contracts)
        if not isinstance(contracts, Mapping):
            contracts = {**self.contracts, **{cls.KIND: cls for cls in contracts}}
        self._refuse_other_kinds(decisions)
        given = {"name": name, "parent": self, "deviates": {}, **decisions, "contracts": contracts}
        return replace(self, **given)

    def _refuse_other_kinds(self, decisions: Mapping[str, Any]) -> None:
        """Refuse decisions that there are not, and figures, answers and formulas that are something else."""
        known = [decision.name for decision in fields(self)]
        for name, value in decisions.items():
            if name not in known:
                raise TypeError(f"a release has no decision {name!r}{did_you_mean(name, known)}")
            kind = type(getattr(self, name))
            fits = callable(value) if kind is FunctionType else type(value) is kind
            if kind in _KINDS and not fits:
                raise TypeError(f"{name}={value!r}: expected {_KINDS[kind]}, as {self.label} has there")

    def __repr__(self) -> str:
        if self.parent is None:
            return f"<release {self.label}>"
        other = [
            name if callable(value) or isinstance(value, Mapping) else f"{name}={value!r}"
            for name, value in ((decision.name, getattr(self, decision.name)) for decision in fields(self))
            if name not in ("name", "parent", "machine") and value != getattr(self.parent, name)
        ]
        return f"<fork {self.name} of {self.parent.label}: {', '.join(other) or 'nothing else'}>"

    @property
    def lineage(self) -> tuple[Self, ...]:
        """The release, and the forks made of it, one of the other, down to this one."""
        return (self,) if self.parent is None else (*self.parent.lineage, self)

    @property
    def release(self) -> str:
        """The name of the release that this is, or that a fork comes from in the end, as "3.7"."""
        return self.lineage[0].name

    @property
    def is_fork(self) -> bool:
        """Is it somebody's fork, not a release?"""
        return self.parent is not None

    @property
    def label(self) -> str:
        """What reports call it: "v3.7", "myfork", or the file of its bytecode."""
        if self.machine is not None and not self.is_fork:
            return self.machine.label
        return self.name if self.is_fork else f"v{self.name}"

    @property
    def own_kinds(self) -> frozenset[str]:
        """The kinds of contracts for which a fork has code of its own."""
        if self.parent is None:
            return frozenset()
        inherited = self.parent.contracts
        return frozenset(kind for kind, cls in self.contracts.items() if inherited.get(kind) is not cls)

    # --- what the contracts of the release have ---------------------------------------------------------------------

    def has_function(self, kind: str, signature: str) -> bool:
        """Does the contract of a kind have an external function of this signature?"""
        return selector_of(signature) in self.contracts[kind].functions

    @property
    def isolation_mode(self) -> bool:
        """Are there debt ceilings, siloed assets and `dropReserve`?"""
        return self.has_function("PoolConfiguratorInstance", "setDebtCeiling(address,uint256)")

    @property
    def isolated_e_modes(self) -> bool:
        """Can an e-mode category be isolated?"""
        return self.has_function("PoolConfiguratorInstance", "setEModeCategoryIsolated(uint8,bool)")

    @property
    def ltv_zero_in_e_modes(self) -> bool:
        """Can an asset lose its LTV within an e-mode category?"""
        return self.has_function("PoolConfiguratorInstance", "setAssetLtvzeroInEMode(address,uint8,bool)")

    @property
    def stable_rates(self) -> bool:
        """Are there debts at stable rates, and a rate strategy of its own for each reserve?"""
        return self.has_function("PoolInstance", "swapBorrowRateMode(address,uint256)")

    @property
    def e_modes_have_prices(self) -> bool:
        """Is an asset in one e-mode category at most, and may a category have a price of its own?"""
        return self.has_function("PoolConfiguratorInstance", "setAssetEModeCategory(address,uint8)")

    @property
    def pending_ltv(self) -> bool:
        """Does freezing put an asset's LTV aside?"""
        return self.has_function("PoolConfiguratorInstance", "getPendingLtv(address)")

    @property
    def grace_periods(self) -> bool:
        """Can positions with an asset be safe from liquidation for a while?"""
        return self.has_function("PoolInstance", "getLiquidationGracePeriod(address)")

    @property
    def virtual_balances(self) -> bool:
        """Does the pool keep a balance of its own of what each reserve holds, which gifts do not change?"""
        return self.has_function("PoolInstance", "getVirtualUnderlyingBalance(address)")

    @property
    def deficits(self) -> bool:
        """Does bad debt become a deficit that the umbrella covers?"""
        return self.has_function("PoolInstance", "eliminateReserveDeficit(address,uint256)")

    @property
    def flash_premium_is_split(self) -> bool:
        """Is the share of the flash-loan premium that goes to the treasury a setting?"""
        return self.has_function("PoolInstance", "updateFlashloanPremiums(uint128,uint128)")

    @property
    def strategies_per_reserve(self) -> bool:
        """Has each reserve a rate strategy of its own, or the pool one for all?"""
        return not self.has_function("PoolInstance", "RESERVE_INTEREST_RATE_STRATEGY()")

    @property
    def tokens_name_their_treasury(self) -> bool:
        """Are treasury and rewards controller part of the tokens' code, or told to each of them?"""
        return self.has_function("ATokenInstance", "TREASURY()")


_KINDS: Mapping[type, str] = {bool: "True or False", int: "a whole number", FunctionType: "a function"}


def path_of_record(record: PlainDecisions) -> str:
    """Tell where a record is imported from. Raises TypeError, naming it, where no module has a name for it."""
    folder = f"v{record.name.replace('.', '_')}"
    try:
        released = f"{__package__.rpartition('.')[0]}.releases.{folder}.release:{folder.upper()}"
        if not record.is_fork and imported(released) is record:
            return released
        return import_path_of(record)
    except ImportPathError as error:
        raise TypeError(f"the record of {record.label} cannot go to another process: {error}") from None


def _record_of(machine: ChainMaker) -> Any:
    return machine.record()


def _refuse_code_of_another(cls: type[Any], inherited: type[Any] | None) -> None:
    """Raise ValueError for a contract that stores what its parent's does not, and cannot be told from it."""
    if inherited is None or cls.code() != inherited.code() or cls.stored_names() == inherited.stored_names():
        return
    more = ", ".join(name for name in cls.stored_names() if name not in inherited.stored_names()) or "other variables"
    raise ValueError(
        f"{cls.__name__} stores {more}, which {inherited.__name__} does not: give it a code of its own, as "
        f"CODE = {cls.__name__!r}, so that saved states can tell the two apart"
    )
