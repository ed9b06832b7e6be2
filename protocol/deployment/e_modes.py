"""The efficiency-mode categories."""

from __future__ import annotations

from ..address import ZERO_ADDRESS
from ..models import EModeConfig
from ..state import bitmaps
from .site import Site


def define_category(site: Site, category: EModeConfig) -> None:
    """A category and its members."""
    limits = (category.ltv_bps, category.liquidation_threshold_bps, category.liquidation_bonus_bps)
    if site.release.e_modes_have_prices:
        _define_priced(site, category, limits)
        return
    configurator, admin = site.governed, site.admin
    if site.release.isolated_e_modes:
        configurator.set_e_mode_category(category.id, *limits, category.label, category.isolated, sender=admin)
    else:
        configurator.set_e_mode_category_without_isolation(category.id, *limits, category.label, sender=admin)
    for key in category.collateral:
        configurator.set_asset_collateral_in_e_mode(site.assets[key], category.id, True, sender=admin)
    for key in category.borrowable:
        configurator.set_asset_borrowable_in_e_mode(site.assets[key], category.id, True, sender=admin)
    for key in category.ltv_zero:
        configurator.set_asset_ltvzero_in_e_mode(site.assets[key], category.id, True, sender=admin)


def _define_priced(site: Site, category: EModeConfig, limits: tuple[int, int, int]) -> None:
    """A category that may have a price of its own. Until v3.0.2.

    An asset whose own threshold is not below the category's, as one that was raised later, is put in as if it were.
    """
    configurator, admin = site.governed, site.admin
    source = site.assets[category.price_source] if category.price_source else ZERO_ADDRESS
    configurator.set_priced_e_mode_category(category.id, *limits, source, category.label, sender=admin)
    for key in category.borrowable:
        reserve = site.chain.at(site.pool).reserves[site.assets[key]]
        own = bitmaps.liquidation_threshold(reserve.configuration)
        if own >= category.liquidation_threshold_bps:
            reserve.configuration = bitmaps.with_liquidation_threshold(reserve.configuration, 0)
        configurator.set_asset_e_mode_category(site.assets[key], category.id, sender=admin)
        if own >= category.liquidation_threshold_bps:
            reserve.configuration = bitmaps.with_liquidation_threshold(reserve.configuration, own)
