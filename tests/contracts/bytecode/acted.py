"""Histories acted out on two engines, whose states are compared."""

from itertools import product

from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.history import History
from pooltwin.invariants.standard import standard_config
from pooltwin.protocol.address import named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision

ALICE, BOB = named_address("alice"), named_address("bob")


def episode(history: History, steps: int, engine: Revision | None = None, number: int = 0) -> EpisodeRun:
    """Play an episode of a campaign with every law watching.

    Both engines draw alike as long as their states are alike. What a campaign aims at is left out, because it follows
    how often each law was asked, and calls inside a transaction of bytecode have no end at which laws could be asked.
    """
    options = CampaignOptions(
        history, seed=12, steps=steps, episode_steps=steps, probe_every=100, engine=engine, stop_at_violation=False
    )
    run = EpisodeRun(options, number)
    run.driver.goals = tuple
    run.run()
    return run


def lived_in(revision: str, engine: Revision | None = None) -> Market:
    """The standard market with two people on it, who lend and borrow."""
    market = Market.deploy(standard_config(revision), revision=engine)
    for number, (who, asset) in enumerate(product((ALICE, BOB), list(market.assets.values())[:4])):
        token, unit = market.chain.at(asset), 10 ** market.chain.at(asset).decimals()
        token.mint(who, 1000 * unit, sender=market.admin)
        token.approve(market.pool.address, 2**256 - 1, sender=who)
        market.chain.advance(100 + number)
        market.pool.supply(asset, 500 * unit, who, 0, sender=who)
    market.pool.borrow(asset, unit // 100, 2, 0, ALICE, sender=ALICE)
    market.chain.advance(10**6)
    return market


def chain_of(run: EpisodeRun) -> Chain:
    """The chain on which an episode was played."""
    return run.stage.market.chain
