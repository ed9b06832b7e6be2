"""Need of laws that look at the twin's own arithmetic: of compiled contracts only what they do can be seen."""

from __future__ import annotations

from pooltwin.protocol.market import Market

TWINS_CODE = "contracts that are the twin's code: of compiled ones it can be seen in what they do only"


def is_twins_code(market: Market) -> bool:
    """Are the market's contracts the twin's, and not compiled ones?"""
    return market.chain.revision.machine is None
