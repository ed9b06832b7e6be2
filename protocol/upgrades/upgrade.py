"""Moving a live market from one revision to the next, as governance did: new code behind every proxy, then the
documented migrations of state.

Only what is documented happens here; a state that the next revision cannot hold is refused and left as it was. Interest
pending since a reserve's last update is reckoned the new way, as on chain. A test token stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..address import ZERO_ADDRESS, Address, named_address
from ..contracts.a_token import AToken
from ..contracts.registry import construct
from ..contracts.variable_debt_token import VariableDebtToken
from ..errors import Revert
from ..market import Market
from ..releases.v3_0_2.e_modes import price_source
from ..releases.v3_0_2.stable_debt_token import StableDebtToken
from ..revisions import REPLAYED, REVISIONS, Revision, revision_named
from ..state import bitmaps
from ..state.records import Reserve
from . import from_v3_0_2 as first_upgrade

Migration = Callable[[Market], None]

MAX_CATEGORIES = 256
EMPTY_CATEGORIES = 10
BALANCE_BITS = 120
"""How wide balances in shares are from v3.4 on."""


class UpgradeError(ValueError):
    """The market cannot be moved: a revision that does not follow, or a state that the next one cannot hold."""


def upgrade(market: Market, to: str) -> None:
    """Move a market, step by step, up to a later revision. Raises UpgradeError, and then nothing has changed.

    Acts as the market's admin, who must own the registry and be pool and risk admin; Revert if not.
    """
    steps = _steps(market.chain.revision, revision_named(to))
    chain = market.chain
    before = chain.snapshot()
    try:
        for revision in steps:
            _take_step(market, revision)
    except BaseException:
        chain.revert_to(before)
        raise
    chain.release(before)


def _steps(present: Revision, target: Revision) -> list[Revision]:
    known = {**REPLAYED, **REVISIONS}
    names = list(known)
    if present.name not in names or names.index(target.name) <= names.index(present.name):
        raise UpgradeError(f"revision {target.name} does not follow {present.name}")
    return [known[name] for name in names[names.index(present.name) + 1 : names.index(target.name) + 1]]


def _take_step(market: Market, revision: Revision) -> None:
    PREPARATIONS.get(revision.name, _nothing)(market)
    old = market.chain.revision
    market.chain.set_revision(revision)
    _renew_pool(market)
    if revision.configurator_revision != old.configurator_revision:
        _renew_configurator(market)
    if revision.token_revision != old.token_revision:
        _renew_tokens(market)
    MIGRATIONS.get(revision.name, _nothing)(market)


def _nothing(_market: Market) -> None:
    """A step without a documented migration."""


def _reserves(market: Market) -> Iterator[tuple[Address, Reserve]]:
    for asset in market.pool.get_reserves_list():
        yield asset, market.pool.reserves[asset]


# --- new code -------------------------------------------------------------------------------------------------------


def _deploy(market: Market, kind: str, arguments: list[Any], variant: str = "") -> Address:
    """A new implementation, or another contract, at an address derived from market, revision and kind."""
    revision = market.chain.revision.name
    where = named_address(f"{market.provider.address}/{revision}/{kind}{variant}")
    construct(kind, market.chain, where, arguments)
    return where


def _renew_pool(market: Market) -> None:
    provider, revision = market.provider, market.chain.revision
    strategy = [] if revision.strategies_per_reserve else [_shared_strategy(market)]
    implementation = _deploy(market, "PoolInstance", [provider.address, *strategy])
    provider.set_pool_impl(implementation, sender=market.admin)


def _renew_configurator(market: Market) -> None:
    implementation = _deploy(market, "PoolConfiguratorInstance", [])
    market.provider.set_pool_configurator_impl(implementation, sender=market.admin)


def _renew_data_provider(market: Market) -> None:
    data_provider = _deploy(market, "AaveProtocolDataProvider", [market.provider.address])
    market.provider.set_pool_data_provider(data_provider, sender=market.admin)


def _renew_tokens(market: Market) -> None:
    """One implementation for each treasury and rewards controller, which are part of the code from v3.4 on."""
    configurator, chain, pool = market.configurator, market.chain, market.pool.address
    made: dict[tuple[str, ...], Address] = {}
    for asset, reserve in _reserves(market):
        a_token, debt_token = chain.at(reserve.a_token), chain.at(reserve.variable_debt_token)
        for kind, token, settings, update in (
            ("ATokenInstance", a_token, (a_token.rewards_controller, a_token.treasury), configurator.update_a_token),
            (
                "VariableDebtTokenInstance",
                debt_token,
                (debt_token.rewards_controller,),
                configurator.update_variable_debt_token,
            ),
        ):
            if (kind, *settings) not in made:
                made[kind, *settings] = _deploy(market, kind, [pool, *settings], str(len(made)))
            names = (token.token_name, token.token_symbol)
            update((asset, *names, made[kind, *settings], b""), sender=market.admin)


# --- v3.2 -----------------------------------------------------------------------------------------------------------


def _prepare_v3_2(market: Market) -> None:
    """No category has a price of its own, whose place goes to a bitmap; each reserve's liquidity can be counted."""
    e_modes = market.pool.e_modes
    for category_id in sorted(e_modes):
        source = price_source(e_modes[category_id])
        if source != ZERO_ADDRESS:
            raise UpgradeError(f"e-mode category {category_id} has the price of {source}, for which v3.2 has no place")
    for asset, _ in _reserves(market):
        try:
            first_upgrade.count_liquidity(market, asset)
        except Revert as revert:
            raise UpgradeError(f"the liquidity of {asset} cannot be counted: {revert}") from revert
    first_upgrade.renew(market)


def _migrate_v3_2(market: Market) -> None:
    """Views, rates and e-mode for the new pool."""
    _renew_data_provider(market)
    strategy = _deploy(market, "DefaultReserveInterestRateStrategyV2", [market.provider.address])
    first_upgrade.migrate(market, strategy)


# --- v3.4 -----------------------------------------------------------------------------------------------------------


def _shared_strategy(market: Market) -> Address:
    """The strategy that serves every reserve from v3.4 on: the pool's, or before that the first reserve's."""
    own = market.pool.rate_strategy
    reserve = market.pool.reserves[market.pool.reserves_list[0]]
    return reserve.interest_rate_strategy if int(own, 16) == 0 else own


def _prepare_v3_4(market: Market) -> None:
    """No GHO, nothing unbacked, no balance beyond 120 bits; tokens leave in storage what their code will say.

    The virtual balance moves into the slot of the unbacked amount; GHO had a migration of its own.
    """
    for asset, reserve in _reserves(market):
        if not bitmaps.is_virtual_accounting_active(reserve.configuration):
            raise UpgradeError(f"{asset} has no virtual balance, which every reserve has from v3.4 on")
        if reserve.unbacked != 0:
            raise UpgradeError(f"{asset} has {reserve.unbacked} unbacked, for which v3.4 has no place")
        for token in (reserve.a_token, reserve.variable_debt_token):
            for user, balance in market.chain.at(token).scaled_balances.items():
                if balance >> BALANCE_BITS:
                    raise UpgradeError(f"{user} has {balance} of {token}, more than {BALANCE_BITS} bits")
    for contract in market.chain.contracts.values():
        if isinstance(contract, AToken):
            contract.left_treasury = contract.treasury
        if isinstance(contract, AToken | VariableDebtToken) and not isinstance(contract, StableDebtToken):
            contract.left_rewards_controller = contract.rewards_controller


def _migrate_v3_4(market: Market) -> None:
    """All reserves share one strategy, which takes over the parameters of the others; views get their pool for good."""
    pool = market.pool
    shared = market.chain.at(pool.rate_strategy)
    for asset, reserve in _reserves(market):
        if reserve.interest_rate_strategy != shared.address:
            shared.set_parameters(asset, market.chain.at(reserve.interest_rate_strategy).models[asset].bps)
    _renew_data_provider(market)


# --- v3.6 and v3.7 --------------------------------------------------------------------------------------------------


def _migrate_v3_6(market: Market) -> None:
    """What had no LTV of its own lent nothing in e-mode either; from now on a bit of the category says so.

    As governance did, for each asset looks no further than ten categories without collateral.
    """
    for asset, reserve in _reserves(market):
        if bitmaps.ltv(reserve.configuration) == 0:
            for category_id in _categories_of(market, reserve.id):
                market.configurator.set_asset_ltvzero_in_e_mode(asset, category_id, True, sender=market.admin)


def _categories_of(market: Market, reserve_id: int) -> Iterator[int]:
    empty = 0
    for category_id in range(1, MAX_CATEGORIES):
        bitmap = market.pool.get_e_mode_category_collateral_bitmap(category_id)
        if bitmaps.is_in_bitmap(bitmap, reserve_id):
            yield category_id
            empty = 0
        empty += bitmap == 0
        if empty == EMPTY_CATEGORIES:
            return


def _prepare_v3_7(market: Market) -> None:
    """Isolation mode is wound down: ceilings are lifted, flags cleared. Nothing may be siloed any more."""
    configurator, admin = market.configurator, market.admin
    for asset, reserve in _reserves(market):
        if bitmaps.is_siloed(reserve.configuration):
            raise UpgradeError(f"{asset} still has siloed borrowing, which v3.7 does not know")
        if bitmaps.debt_ceiling(reserve.configuration) != 0:
            configurator.set_debt_ceiling(asset, 0, sender=admin)
        if bitmaps.is_borrowable_in_isolation(reserve.configuration):
            configurator.set_borrowable_in_isolation(asset, False, sender=admin)


PREPARATIONS: dict[str, Migration] = {"3.2": _prepare_v3_2, "3.4": _prepare_v3_4, "3.7": _prepare_v3_7}
"""What must hold before a step, and is done before it."""

MIGRATIONS: dict[str, Migration] = {
    "3.2": _migrate_v3_2,
    "3.3": _renew_data_provider,
    "3.4": _migrate_v3_4,
    "3.6": _migrate_v3_6,
}
"""What is done after it."""
