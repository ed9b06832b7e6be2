"""The step from v3.2 to v3.3: a data provider that knows deficits."""

from __future__ import annotations

from ..market import Market
from .renewal import renew_data_provider


def migrate(market: Market) -> None:
    """Put the new data provider in the registry."""
    renew_data_provider(market)
