"""The replays that several tests look at, each run once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pooltwin.scenarios.trend_research import replay
from pooltwin.scenarios.trend_research.parameters import PriceShock, ReplayParameters

CRASH = PriceShock(time=datetime(2026, 2, 3, 17, 0, tzinfo=UTC), weth_usd=Decimal(1200))
"""Far enough below every trigger that the collateral cannot pay the debt and the bonus."""


@pytest.fixture(scope="session")
def sold():
    """The default replay: the owner sells as reported."""
    return replay()


@pytest.fixture(scope="session")
def unsold():
    """The same prices with nobody selling."""
    return replay(ReplayParameters(sell=False))


@pytest.fixture(scope="session")
def crashed():
    """Nobody sells and one print says 1,200 dollars."""
    return replay(ReplayParameters(sell=False, shock=CRASH))


@pytest.fixture(scope="session")
def stranded():
    """The owner sells, but nobody brings WETH back."""
    return replay(ReplayParameters(weth_returns=False))
