"""The check of a state as a whole, against its configuration and release: every fault is told, with account and asset.

Positions between LTV and threshold, unhealthy ones and bad debt are ordinary. What is refused could not be on any chain
of the release: shares that do not add up, flags without what they stand for, liquidity that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..logic.terms import Revision
from ..math.interest import linear_interest
from ..math.wad_ray import ray_mul
from ..models import MarketConfig
from ..models.state import AccountReserveState, AccountState, MarketState, ReserveState
from ..releases.v3_6.liquidation import release_by_amount
from ..revisions import revision_named
from .errors import StateError
from .figures import Figures, ReserveFigures, complete, keeps_virtual_balance
from .report import StateReport, report_of

MAX_UINT128 = 2**128 - 1


def check_state(config: MarketConfig, revision: Revision | None = None) -> StateReport:
    """Check the state of a configuration. Returns what was derived, and the totals of each reserve.

    `revision` stands in for the release that the configuration names. Raises StateError with every fault, and
    ValueError for a configuration without a state.
    """
    release = revision or revision_named(config.revision)
    return report_of(checked(config, release), release)


def checked(config: MarketConfig, release: Revision) -> Figures:
    """Complete a state and check it. Raises StateError with every fault."""
    state = config.state
    if state is None:
        raise ValueError(f"market {config.name!r} has no state")
    figures = complete(config, state, release)
    faults = [*figures.faults, *_faults(config, state, figures, release)]
    if faults:
        raise StateError(faults)
    return figures


def _faults(config: MarketConfig, state: MarketState, figures: Figures, release: Revision) -> Iterator[str]:
    for key in state.reserves:
        if key not in figures.reserves:
            yield f"reserves: {key!r} is no reserve; reserves are {', '.join(figures.reserves)}"
    for key, reserve in figures.reserves.items():
        yield from (f"{key}: {fault}" for fault in _of_reserve(reserve, state, release))
    limits = {key: _indexes_by_now(reserve, state.time, release) for key, reserve in figures.reserves.items()}
    accounts = AccountCheck(release, state.time, {category.id for category in config.e_modes}, limits)
    for where, account in state.accounts.items():
        yield from accounts.faults(where, account)


# --- reserves ---------------------------------------------------------------------------------------------------------


def _of_reserve(reserve: ReserveFigures, state: MarketState, release: Revision) -> Iterator[str]:
    given = reserve.given
    yield from _lacking_in_reserve(given, release)
    if reserve.last_update_timestamp > state.time:
        yield f"last_update_timestamp {reserve.last_update_timestamp} is after the state's time {state.time}"
    if given.stable_debt is not None and given.stable_debt.last_change_timestamp > state.time:
        yield f"stable_debt.last_change_timestamp is after the state's time {state.time}"
    virtual, held = reserve.virtual_underlying_balance, reserve.underlying_balance
    if virtual > held:
        yield f"virtual_underlying_balance {virtual} is more than the underlying_balance {held}"
    if given.virtual_underlying_balance and release.virtual_balances and not keeps_virtual_balance(reserve.config):
        yield "virtual_underlying_balance is given, but virtual_accounting is off"
    if virtual > MAX_UINT128:
        yield f"virtual_underlying_balance {virtual} does not fit 128 bits"
    if reserve.isolation_mode_total_debt and not reserve.config.debt_ceiling and release.isolation_mode:
        yield f"isolation_mode_total_debt is {reserve.isolation_mode_total_debt}, but the asset has no debt_ceiling"
    if reserve.isolation_mode_total_debt > MAX_UINT128:
        yield f"isolation_mode_total_debt {reserve.isolation_mode_total_debt} does not fit 128 bits"


def _lacking_in_reserve(given: ReserveState, release: Revision) -> Iterator[str]:
    there = {
        "deficit": release.deficits,
        "isolation_mode_total_debt": release.isolation_mode,
        "unbacked": has_bridge(release),
        "virtual_underlying_balance": release.virtual_balances,
        "stable_debt": release.stable_rates,
    }
    for name, exists in there.items():
        if getattr(given, name) and not exists:
            yield f"{name} is given, which revision {release.name} lacks"


def has_bridge(release: Revision) -> bool:
    """Can aTokens be minted that are not backed yet?"""
    return release.has_function("PoolInstance", "mintUnbacked(address,uint256,address,uint16)")


def has_position_managers(release: Revision) -> bool:
    """Can somebody else set an account's e-mode and collateral flags?"""
    return release.has_function("PoolInstance", "approvePositionManager(address,bool)")


# --- accounts ---------------------------------------------------------------------------------------------------------

STABLE_FIELDS = ("stable_debt", "stable_rate", "stable_since", "stable_delegations", "stable_debt_token_nonce")


class AccountCheck:
    """The check of accounts; what is asked of all of them is worked out once."""

    def __init__(
        self, release: Revision, time: int, categories: Iterable[int], limits: Mapping[str, tuple[int, int]]
    ) -> None:
        """`limits` are the highest indexes of supply and debt (ray) that an account can remember, by key."""
        self.release, self.time, self.limits = release, time, limits
        self.categories = {0, *categories}
        self.max_shares = 2**release.share_bits - 1
        self.stable_rates = release.stable_rates
        self.managers = has_position_managers(release)
        earlier = release.earlier
        self.borrow_flags_stay = earlier is not None and not earlier.is_debt_cleared(True, 1)
        self.collateral_flags_stay = release.release_seized_collateral is release_by_amount

    def faults(self, where: str, account: AccountState) -> Iterator[str]:
        """What is wrong with one account."""
        if account.e_mode not in self.categories:
            yield f"{where}: e_mode {account.e_mode} is no category of the market"
        if account.position_managers and not self.managers:
            yield f"{where}: position_managers are given, which revision {self.release.name} lacks"
        for key, own in account.reserves.items():
            if key not in self.limits:
                yield f"{where}: {key!r} is no reserve; reserves are {', '.join(self.limits)}"
                continue
            for fault in self._in_reserve(own, key):
                yield f"{where}, {key}: {fault}"

    def _in_reserve(self, own: AccountReserveState, key: str) -> Iterator[str]:
        supply, debt = own.scaled_supply, own.scaled_variable_debt
        if supply > self.max_shares or debt > self.max_shares:
            name = "scaled_supply" if supply > self.max_shares else "scaled_variable_debt"
            yield f"{name} {max(supply, debt)} does not fit {self.release.share_bits} bits"
        if own.collateral and not supply and not self.collateral_flags_stay:
            yield "collateral is set, but it has no supply"
        yield from self._borrow_flag(own)
        yield from self._indexes(own, key)
        if not self.stable_rates:
            for name in STABLE_FIELDS:
                if getattr(own, name):
                    yield f"{name} is given, which revision {self.release.name} lacks"
        elif own.stable_since > self.time:
            yield f"stable_since {own.stable_since} is after the state's time {self.time}"

    def _borrow_flag(self, own: AccountReserveState) -> Iterator[str]:
        owes = own.scaled_variable_debt > 0 or own.stable_debt > 0
        if own.borrowing is None or own.borrowing is owes:
            return
        if owes:
            yield "borrowing is false, but it owes something"
        elif not self.borrow_flags_stay:
            yield "borrowing is true, but it owes nothing"

    def _indexes(self, own: AccountReserveState, key: str) -> Iterator[str]:
        if own.supply_index is None and own.debt_index is None:
            return
        supply_limit, debt_limit = self.limits[key]
        if own.scaled_supply and (own.supply_index or 0) > supply_limit:
            yield f"supply_index {own.supply_index} is above the reserve's, which is {supply_limit} by now"
        if own.scaled_variable_debt and (own.debt_index or 0) > debt_limit:
            yield f"debt_index {own.debt_index} is above the reserve's, which is {debt_limit} by now"


def _indexes_by_now(reserve: ReserveFigures, time: int, release: Revision) -> tuple[int, int]:
    """Both indexes as far as they can have grown: a transfer remembers that of its moment, which nobody writes."""
    given, elapsed = reserve.given, max(0, time - reserve.last_update_timestamp)
    supply, debt = given.liquidity_index, given.variable_borrow_index
    if elapsed == 0:
        return supply, debt
    if given.liquidity_rate is None or given.variable_borrow_rate is None:
        return MAX_UINT128, MAX_UINT128
    linear = linear_interest(given.liquidity_rate, elapsed)
    compounded = release.compounded_interest(given.variable_borrow_rate, elapsed)
    return ray_mul(linear, supply), ray_mul(compounded, debt)
