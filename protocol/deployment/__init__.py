"""The deployment of a market, step by step, as governance takes the steps.

A release is asked what it has; what a configuration wants of it beyond that is refused before anything is deployed.
What real markets have although governance could not do so today is written into storage (`planting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..address import Address
from ..chain import Chain
from ..lacking import refuse_what_is_lacking
from ..models import MarketConfig
from . import market_wide
from .e_modes import define_category
from .listing import list_reserve
from .planting import numbering, settle
from .site import Site


class Deployed(NamedTuple):
    """A market that stands: the address of its registry, and the keys of its reserves by underlying address."""

    provider: Address
    keys: Mapping[Address, str]


def deploy(chain: Chain, config: MarketConfig) -> Deployed:
    """Deploy everything. Raises ValueError, naming all of it, for what the release does not have."""
    refuse_what_is_lacking(config, chain.revision)
    site = Site(chain, config)
    market_wide.deploy_registry(site)
    market_wide.deploy_pool(site)
    market_wide.deploy_oracle_and_views(site)
    market_wide.deploy_code_of_tokens(site)
    with numbering(site) as reserves:
        for reserve in reserves:
            list_reserve(site, reserve)
    for category in config.e_modes:
        define_category(site, category)
    for reserve in config.reserves:
        settle(site, reserve)
    market_wide.set_flash_loan_premium(site)
    return Deployed(site.provider_address, {asset: key for key, asset in site.assets.items()})
