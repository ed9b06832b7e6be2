"""The figures of a state, complete: what it gives, and what follows from that.

A total that is left out is the sum of the accounts. Liquidity that is left out is what lenders and treasury can claim
and nobody owes, at the indexes of the last update. `Derived` says of each figure how it came about. Rates that are left
out are asked of the rate strategy once everything else is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..address import Address
from ..logic.terms import Revision
from ..math.wad_ray import RAY
from ..models import MarketConfig, ReserveConfig
from ..models.state import AccountReserveState, AccountState, MarketState, ReserveState, StableDebtState
from ..state.bitmaps import DEBT_CEILING_DECIMALS

NEW_RESERVE_STATE = ReserveState()
"""What is said of a reserve of which nothing is said."""
NO_STABLE_DEBT = StableDebtState()


class Derived(NamedTuple):
    """A figure that the state does not give, and where it comes from."""

    reserve: str
    field: str
    value: int
    how: str

    def __str__(self) -> str:
        return f"{self.reserve}: {self.field} is {self.value}, {self.how}"


@dataclass(slots=True)
class ReserveFigures:
    """All figures of one reserve, in the units of `ReserveState`."""

    config: ReserveConfig
    given: ReserveState
    scaled_supply: int = 0
    scaled_variable_debt: int = 0
    stable_principal: int = 0
    last_update_timestamp: int = 0
    isolation_mode_total_debt: int = 0
    virtual_underlying_balance: int = 0
    underlying_balance: int = 0
    lenders: int = 0
    borrowers: int = 0

    @property
    def is_unused(self) -> bool:
        """Is nothing said of the reserve, and does nobody have anything there?"""
        return self.given is NEW_RESERVE_STATE and not self.lenders and not self.borrowers


@dataclass
class Figures:
    """A complete state, the faults found while completing it, and what was derived."""

    state: MarketState
    reserves: dict[str, ReserveFigures]
    accounts: dict[Address, AccountState]
    derived: list[Derived] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def complete(config: MarketConfig, state: MarketState, release: Revision) -> Figures:
    """Derive what a state leaves out. What does not fit together is in the `faults` of the result."""
    reserves = {
        reserve.handle: ReserveFigures(reserve, state.reserves.get(reserve.handle, NEW_RESERVE_STATE))
        for reserve in config.reserves
    }
    figures = Figures(state, reserves, dict(state.accounts))
    _add_up(figures)
    for key, reserve in reserves.items():
        given = reserve.given
        reserve.last_update_timestamp = (
            state.time if given.last_update_timestamp is None else given.last_update_timestamp
        )
        _Completion(figures, key, reserve, release).run()
    _give_rest(figures)
    if release.isolation_mode:
        _count_isolated_debt(figures, release)
    return figures


def _add_up(figures: Figures) -> None:
    reserves = figures.reserves
    for account in figures.accounts.values():
        for key, own in account.reserves.items():
            reserve = reserves.get(key)
            if reserve is None:
                continue
            reserve.scaled_supply += own.scaled_supply
            reserve.scaled_variable_debt += own.scaled_variable_debt
            reserve.stable_principal += own.stable_debt
            reserve.lenders += own.scaled_supply > 0
            reserve.borrowers += own.scaled_variable_debt > 0 or own.stable_debt > 0


class _Completion:
    """The completion of one reserve: the sums of the accounts are in it already."""

    def __init__(self, figures: Figures, key: str, reserve: ReserveFigures, release: Revision) -> None:
        self.figures, self.key, self.reserve, self.release = figures, key, reserve, release
        self.given = reserve.given
        self.has_rest = figures.state.rest_holder is not None

    def run(self) -> None:
        reserve, given = self.reserve, self.given
        self._total("scaled_variable_debt", given.scaled_variable_debt)
        stable = given.stable_debt or NO_STABLE_DEBT
        if stable.principal is not None:
            # The pool's total and each debt grow by themselves and drift apart by roundings: nothing to compare.
            reserve.stable_principal = stable.principal
        held = given.virtual_underlying_balance if given.underlying_balance is None else given.underlying_balance
        if self.has_rest and given.scaled_supply is None and held is not None:
            self._supply_that_is_covered(held)
        else:
            self._total("scaled_supply", given.scaled_supply)
        self._liquidity()

    def _total(self, name: str, given: int | None) -> None:
        added_up = getattr(self.reserve, name)
        if given is None or given == added_up:
            return
        if given < added_up:
            self.figures.faults.append(f"{self.key}: {name} is {given}, but accounts have {added_up}")
        elif not self.has_rest:
            self.figures.faults.append(
                f"{self.key}: {name} is {given}, but accounts have {added_up}: name a rest_holder for the other "
                f"{given - added_up}"
            )
        setattr(self.reserve, name, given)

    def _owed(self) -> int:
        """What is owed to the reserve, or missing in it, at the indexes of the last update (token units)."""
        reserve, given = self.reserve, self.given
        debt = self.release.debt_balance(reserve.scaled_variable_debt, given.variable_borrow_index)
        return debt + reserve.stable_principal + given.deficit + given.unbacked

    def _supply_that_is_covered(self, held: int) -> None:
        shares = (self._owed() + held) * RAY // self.given.liquidity_index - self.given.accrued_to_treasury
        if shares > self.reserve.scaled_supply:
            self.reserve.scaled_supply = shares
            self._note("scaled_supply", shares, "what debt and liquidity cover")

    def _liquidity(self) -> None:
        reserve, given = self.reserve, self.given
        virtual, held = given.virtual_underlying_balance, given.underlying_balance
        keeps = self.release.virtual_balances and keeps_virtual_balance(reserve.config)
        if virtual is None and held is None:
            claims = self.release.a_token_balance(
                reserve.scaled_supply + given.accrued_to_treasury, given.liquidity_index
            )
            virtual = held = claims - self._owed()
            if held < 0:
                self.figures.faults.append(
                    f"{self.key}: {-held} more is owed than anybody lent; give underlying_balance, or who lent it"
                )
                virtual = held = 0
            elif held:
                self._note("underlying_balance", held, "what can be claimed and nobody owes")
        elif held is None:
            held = virtual
            if held:
                self._note("underlying_balance", held or 0, "virtual_underlying_balance, without gifts")
        elif virtual is None:
            virtual = held
            if keeps and held:
                self._note("virtual_underlying_balance", held, "underlying_balance, without gifts")
        reserve.underlying_balance = held or 0
        reserve.virtual_underlying_balance = (virtual or 0) if keeps else 0

    def _note(self, name: str, value: int, how: str) -> None:
        self.figures.derived.append(Derived(self.key, name, value, how))


def keeps_virtual_balance(reserve: ReserveConfig) -> bool:
    """Does the pool track what the reserve holds, on a release that can?"""
    return reserve.virtual_accounting is not False


def _give_rest(figures: Figures) -> None:
    """Give the rest holder what totals have beyond the accounts."""
    holder = figures.state.rest_holder
    if holder is None:
        return
    if holder in figures.accounts:
        figures.faults.append(f"rest_holder: {holder} is one of the accounts")
        return
    sums = {key: [0, 0] for key in figures.reserves}
    for account in figures.accounts.values():
        for key, own in account.reserves.items():
            if key in sums:
                sums[key][0] += own.scaled_supply
                sums[key][1] += own.scaled_variable_debt
    rests = {}
    for key, reserve in figures.reserves.items():
        supply = max(0, reserve.scaled_supply - sums[key][0])
        debt = max(0, reserve.scaled_variable_debt - sums[key][1])
        if supply or debt:
            rests[key] = AccountReserveState.model_construct(scaled_supply=supply, scaled_variable_debt=debt)
            reserve.lenders += supply > 0
            reserve.borrowers += debt > 0
    figures.accounts[holder] = AccountState(reserves=rests)


def _count_isolated_debt(figures: Figures, release: Revision) -> None:
    ceilings = {key for key, reserve in figures.reserves.items() if reserve.config.debt_ceiling}
    wanted = {key for key in ceilings if figures.reserves[key].given.isolation_mode_total_debt is None}
    counted = dict.fromkeys(wanted, 0)
    if wanted:
        for account in figures.accounts.values():
            collateral = [key for key, own in account.reserves.items() if own.collateral]
            if len(collateral) == 1 and collateral[0] in wanted:
                counted[collateral[0]] += sum(_cents_owed(account.reserves, figures.reserves, release))
    for key, reserve in figures.reserves.items():
        given = reserve.given.isolation_mode_total_debt
        reserve.isolation_mode_total_debt = counted.get(key, 0) if given is None else given
        if counted.get(key):
            how = "what accounts with this one collateral owe"
            figures.derived.append(Derived(key, "isolation_mode_total_debt", counted[key], how))


def _cents_owed(
    own: Mapping[str, AccountReserveState], reserves: Mapping[str, ReserveFigures], release: Revision
) -> Iterator[int]:
    for key, there in own.items():
        reserve = reserves.get(key)
        if reserve is not None and reserve.config.decimals >= DEBT_CEILING_DECIMALS:
            amount = release.debt_balance(there.scaled_variable_debt, reserve.given.variable_borrow_index)
            yield (amount + there.stable_debt) // 10 ** (reserve.config.decimals - DEBT_CEILING_DECIMALS)
