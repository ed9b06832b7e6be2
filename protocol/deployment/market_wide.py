"""The contracts of the whole market: registry, roles, pool, oracle, sentinel, views, code of the tokens."""

from __future__ import annotations

from typing import Any

from ..address import ZERO_ADDRESS, Address
from ..contracts.acl_manager import ACLManager
from ..contracts.addresses_provider import POOL, POOL_CONFIGURATOR, UMBRELLA
from ..contracts.periphery.rewards.controller import RewardsController
from ..contracts.periphery.rewards.emission_manager import EmissionManager
from ..contracts.rewards import RewardsRecorder
from .site import Site


def deploy_registry(site: Site) -> None:
    """The registry and the roles, all of which are the admin's."""
    admin, provider = site.admin, site.provider_address
    site.construct("PoolAddressesProvider", provider, [site.config.name, admin])
    site.provider.set_acl_admin(admin, sender=admin)
    acl_address = site.construct("ACLManager", site.config.addresses.acl_manager, [provider])
    site.provider.set_acl_manager(acl_address, sender=admin)
    acl: ACLManager = site.chain.at(acl_address)
    for grant in (acl.add_pool_admin, acl.add_emergency_admin, acl.add_risk_admin, acl.add_asset_listing_admin):
        grant(admin, sender=admin)


def deploy_pool(site: Site) -> None:
    """Pool and configurator, and before them the rate strategy that the pool's code names."""
    given, admin, provider = site.config.addresses, site.admin, site.provider_address
    for nonce, where in ((1, given.pool), (2, given.configurator)):
        if where is not None:
            site.chain.preset_address(provider, nonce, where)
    if not site.release.stable_rates:  # where there are, each reserve has a contract of its own
        site.strategy = site.construct("DefaultReserveInterestRateStrategyV2", given.rate_strategy, [provider])
    named = [] if site.release.strategies_per_reserve else [site.strategy]
    for name, where in site.config.libraries.items():
        site.construct(name, where, [])
    kind = "L2PoolInstance" if site.config.l2_pool else "PoolInstance"
    pool_code = site.construct(kind, None, [provider, *named])
    configurator_code = site.construct("PoolConfiguratorInstance", None, [])
    site.provider.set_pool_impl(pool_code, sender=admin)
    site.provider.set_pool_configurator_impl(configurator_code, sender=admin)
    site.pool = site.provider.addresses[POOL]
    site.configurator = site.provider.addresses[POOL_CONFIGURATOR]
    site.provider.set_address(UMBRELLA, site.umbrella, sender=admin)


def deploy_oracle_and_views(site: Site) -> None:
    """The price oracle, the sentinel if there is one, and the data provider."""
    given, admin, provider = site.config.addresses, site.admin, site.provider_address
    oracle_args: list[Any] = [provider, [], [], ZERO_ADDRESS, ZERO_ADDRESS, site.config.base_currency_unit]
    site.oracle_address = site.construct("AaveOracle", given.oracle, oracle_args)
    site.provider.set_price_oracle(site.oracle_address, sender=admin)
    data_provider = site.construct("AaveProtocolDataProvider", given.data_provider, [provider])
    site.provider.set_pool_data_provider(data_provider, sender=admin)
    if site.config.has_sentinel:
        sequencer = site.construct("SequencerOracle", given.sequencer_oracle, [admin])
        grace = site.config.sentinel_grace_period or 0
        sentinel = site.construct("PriceOracleSentinel", given.sentinel, [provider, sequencer, grace])
        site.provider.set_price_oracle_sentinel(sentinel, sender=admin)


def deploy_code_of_tokens(site: Site) -> None:
    """The code of the tokens. Where it does not name treasury and rewards controller, each listing does."""
    site.rewards_controller = rewards = _deploy_rewards(site)
    pool, named = [site.pool], site.release.tokens_name_their_treasury
    site.a_token_code = site.construct("ATokenInstance", None, [*pool, rewards, site.treasury] if named else pool)
    site.debt_token_code = site.construct("VariableDebtTokenInstance", None, [*pool, rewards] if named else pool)
    if site.release.stable_rates:
        site.stable_debt_token_code = site.construct("StableDebtToken", None, pool)


def _deploy_rewards(site: Site) -> Address:
    """Whoever is told of changes of balances: a rewards controller, a recorder, or the zero address for nobody."""
    given, admin = site.config.addresses, site.admin
    if not site.config.rewards:
        where = given.rewards_controller
        return ZERO_ADDRESS if where is None else site.construct(RewardsRecorder.KIND, where, [])
    manager = site.construct(EmissionManager.KIND, given.emission_manager, [admin])
    controller = site.construct(RewardsController.KIND, given.rewards_controller, [manager])
    site.chain.at(manager).set_rewards_controller(controller, sender=admin)
    return controller


def set_flash_loan_premium(site: Site) -> None:
    """The premium of flash loans; until v3.3 also the part of it that the treasury gets."""
    config, configurator = site.config, site.governed
    if not site.release.flash_premium_is_split:
        configurator.update_flashloan_premium(config.flash_loan_premium_bps, sender=site.admin)
        return
    configurator.update_flashloan_premium_total(config.flash_loan_premium_bps, sender=site.admin)
    if config.flash_loan_premium_to_protocol_bps:
        share = config.flash_loan_premium_to_protocol_bps
        configurator.update_flashloan_premium_to_protocol(share, sender=site.admin)
