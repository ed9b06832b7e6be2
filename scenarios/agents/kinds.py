"""Kinds of agents that ship, by the names that scenario files give them."""

from __future__ import annotations

from ..engine.agent import Agent
from .deleverager import Deleverager
from .guardian import Guardian
from .lenders import Lender, Runner
from .liquidators import Liquidator, Liquidators
from .looper import Looper

KINDS: dict[str, type[Agent]] = {
    "deleverager": Deleverager,
    "guardian": Guardian,
    "lender": Lender,
    "liquidator": Liquidator,
    "liquidators": Liquidators,
    "looper": Looper,
    "runner": Runner,
}
"""The class of each kind. A file names one's own class by its import path instead, as `my_agents:Trader`."""
