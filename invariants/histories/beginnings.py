"""Beginnings of histories: money for everybody, first supplies, first debts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.models import MarketConfig

from ..reference import EVERYTHING
from .action import Action, Stage
from .amount import Amount, Measure
from .driver import VARIABLE
from .receiver import RECEIVER
from .sight import Sight


def endowments(stage: Stage, config: MarketConfig, people: Sequence[str], whole_tokens: int = 10_000) -> list[Action]:
    """Give everybody, the umbrella and the flash-loan receiver money that the pool may take. Returns the actions."""
    setting = []
    for reserve in config.reserves:
        owner: Address = getattr(stage.market.erc20(reserve.handle), "owner_address", ZERO_ADDRESS)
        for who in (*people, "umbrella", RECEIVER):
            amount = whole_tokens * 10**reserve.decimals
            setting.append(Action(owner, reserve.handle, "mint", (who, amount)))
            setting.append(Action(who, reserve.handle, "approve", ("pool", EVERYTHING)))
    return setting


def first_supplies(config: MarketConfig, people: Sequence[str], whole_tokens: int = 1_000) -> list[Action]:
    """List first supplies: everybody supplies one asset, in turn, and the umbrella all of them."""
    pairs = [(who, config.reserves[index % len(config.reserves)]) for index, who in enumerate(people)]
    pairs += [("umbrella", reserve) for reserve in config.reserves]
    return [
        Action(who, "pool", "supply", (reserve.handle, whole_tokens * 10**reserve.decimals, who, 0))
        for who, reserve in pairs
    ]


def first_debts(stage: Stage, config: MarketConfig, people: Sequence[str]) -> list[Action]:
    """List first debts: everybody borrows, in turn, another asset than the one supplied, for half of the credit."""
    half, sight = Amount(Measure.CREDIT, Fraction(1, 2)), Sight(stage)
    symbols = [reserve.handle for reserve in config.reserves]
    pairs = [(who, symbols[(index + 1) % len(symbols)]) for index, who in enumerate(people)]
    return [
        Action(who, "pool", "borrow", (symbol, half.of(sight, symbol, who), VARIABLE, 0, who)) for who, symbol in pairs
    ]


def begin(stage: Stage, config: MarketConfig, people: Sequence[str], whole_tokens: int = 1_000) -> list[Action]:
    """Perform endowments, first supplies and first debts on a stage. Returns what was done."""
    setting = endowments(stage, config, people)
    if whole_tokens:
        setting += first_supplies(config, people, whole_tokens)
    for action in setting:
        stage.perform(action)
    if whole_tokens:
        debts = first_debts(stage, config, people)
        for action in debts:
            stage.perform(action)
        setting += debts
    return setting
