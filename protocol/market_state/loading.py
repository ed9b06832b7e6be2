"""Loading: a complete state is written into the contracts of a market that has just been deployed.

Nothing is acted out: records, balances and flags are written as they are, through the journal, so that a state that
cannot be written leaves nothing behind.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

from ..bulk import without_collecting
from ..chain import Chain, new_chain
from ..deployment import Deployed, deploy
from ..errors import Revert
from ..logic.terms import Revision
from ..models import MarketConfig
from ..models.state import AccountReserveState
from .check import checked
from .errors import DeploymentError, StateError, StateWarning
from .figures import NO_STABLE_DEBT, Figures, ReserveFigures
from .homes import Home, homes_of
from .report import report_of
from .writing import Writer


def deployed(config: MarketConfig, release: Revision, *, time: int, number: int) -> tuple[Chain, Deployed]:
    """Deploy a configuration, with its state if it has one. Returns the chain, and what stands on it.

    Raises StateError for a state that does not fit, ValueError for a time before it, and DeploymentError where compiled
    contracts revert.
    """
    if config.state is None:
        return _deployed(config, release, time, number)
    with without_collecting():
        return _deployed(config, release, time, number)


def _deployed(config: MarketConfig, release: Revision, time: int, number: int) -> tuple[Chain, Deployed]:
    if release.machine is not None and (config.state is not None or names_proxies(config)):
        chain, market = _deployed(config, replace(release, machine=None), time, number)
        return release.machine.take_over(chain), market
    figures = None if config.state is None else checked(config, release)
    if config.state is not None and time < config.state.time:
        raise ValueError(f"time {time} is before that of the state, {config.state.time}")
    chain = new_chain(release, time=time, number=number, chain_id=config.chain_id)
    try:
        market = deploy(chain, config)
    except Revert as error:
        if release.machine is None:
            raise
        raise DeploymentError(f"{release.machine.label}: no market can be deployed: {error}") from error
    if figures is not None:
        for doubt in report_of(figures, release).doubts:
            warnings.warn(doubt, StateWarning, stacklevel=4)
        load(chain, market, figures)
    return chain, market


def names_proxies(config: MarketConfig) -> bool:
    """Does a configuration say where proxies are? No call creates one there: they can only be planted."""
    tokens = ((r.a_token, r.stable_debt_token, r.variable_debt_token) for r in config.reserves)
    given = (config.addresses.pool, config.addresses.configurator, *(where for each in tokens for where in each))
    return any(where is not None for where in given)


def load(chain: Chain, market: Deployed, figures: Figures) -> None:
    """Write a complete state into a market that has just been deployed. Raises StateError; nothing is left then."""
    homes = homes_of(chain, market.provider, {key: asset for asset, key in market.keys.items()})
    faults = list(_foreign_faults(homes, figures))
    if faults:
        raise StateError(faults)
    chain.begin_step()
    mark = chain.journal.position()
    try:
        _write(Writer(chain, homes, market.provider), figures)
    except BaseException:
        chain.journal.unwind(mark)
        raise


def _foreign_faults(homes: dict[str, Home], figures: Figures) -> list[str]:
    """Account for what can only be seen once addresses are known."""
    return [
        f"{home.a_token.address}, {key}: tokens of the aToken itself are the reserve's underlying_balance"
        for key, home in homes.items()
        if (own := _own_entry(figures, home)) is not None and own.tokens
    ]


def _own_entry(figures: Figures, home: Home) -> AccountReserveState | None:
    account = figures.accounts.get(home.a_token.address)
    return None if account is None else account.reserves.get(home.key)


def _write(writer: Writer, figures: Figures) -> None:
    """Write accounts, then reserves, then the rates that follow from both."""
    homes, reserves = writer.homes, figures.reserves
    indexes = {
        key: (reserve.given.liquidity_index, reserve.given.variable_borrow_index) for key, reserve in reserves.items()
    }
    tokens = {key: reserve.underlying_balance for key, reserve in reserves.items()}
    for where, account in figures.accounts.items():
        writer.write_account(where, account, indexes)
        for key, own in account.reserves.items():
            tokens[key] += own.tokens
    for key, reserve in reserves.items():
        homes[key].write_held(homes[key].a_token.address, reserve.underlying_balance)
        homes[key].write_supply(tokens[key])
        if not reserve.is_unused:
            _write_reserve(writer, homes[key], reserve)
    for key, reserve in reserves.items():
        if not reserve.is_unused:
            _write_rates(writer, homes[key], reserve)
    for creator, number in figures.state.nonces.items():
        writer.chain.nonces[creator] = number


def _write_reserve(writer: Writer, home: Home, reserve: ReserveFigures) -> None:
    given, record = reserve.given, home.record
    record.liquidity_index = given.liquidity_index
    record.variable_borrow_index = given.variable_borrow_index
    record.last_update_timestamp = reserve.last_update_timestamp
    record.accrued_to_treasury = given.accrued_to_treasury
    record.deficit = given.deficit
    record.isolation_mode_total_debt = reserve.isolation_mode_total_debt
    record.unbacked = given.unbacked
    record.virtual_underlying_balance = reserve.virtual_underlying_balance
    home.a_token.scaled_supply = reserve.scaled_supply
    home.debt_token.scaled_supply = reserve.scaled_variable_debt
    if home.stable_debt_token is not None:
        stable = given.stable_debt or NO_STABLE_DEBT
        home.stable_debt_token.scaled_supply = reserve.stable_principal
        home.stable_debt_token.average_stable_rate = stable.average_rate
        home.stable_debt_token.total_supply_timestamp = stable.last_change_timestamp
    if given.price is not None:
        writer.chain.at(writer.oracle.sources[home.asset]).answer = given.price


def _write_rates(writer: Writer, home: Home, reserve: ReserveFigures) -> None:
    """Write the rates: those that are given, and otherwise what the strategy answers."""
    given, record = reserve.given, home.record
    rates = {"current_liquidity_rate": given.liquidity_rate, "current_variable_borrow_rate": given.variable_borrow_rate}
    if home.stable_debt_token is not None:
        rates["current_stable_borrow_rate"] = (given.stable_debt or NO_STABLE_DEBT).borrow_rate
    if None in rates.values():
        writer.derive_rates(home)
    for name, rate in rates.items():
        if rate is not None:
            setattr(record, name, rate)
