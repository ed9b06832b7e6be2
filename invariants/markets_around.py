"""Markets with rewards and with aTokens that vote, and people who claim, configure and give votes away on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.revisions import NEWEST

from .histories.action import Action
from .history import History
from .reference import EVERYTHING
from .standard import standard_history
from .votes import KINDS, voting_tokens

VAULT = named_address("the vault of rewards")
RATES = (10**9, 10**13, 10**15)
"""What `with_rewards` gives in a second (units of the reward)."""
SECONDS = 10**7
VOTING_SYMBOLS = ("WETH", "USDC")


# --- rewards ----------------------------------------------------------------------------------------------------------


def rewarded_history(revision: str = NEWEST.name) -> History:
    """An empty history on the standard market with rewards, some of which are given from the start."""
    history = standard_history(revision)
    assert history.opening.config is not None  # the standard market is described, not loaded
    config = history.opening.config.model_copy(update={"rewards": True})
    return replace(history, opening=replace(history.opening, config=config)).with_setups(with_rewards)


def with_rewards(stage: Any) -> None:
    """Begin to give rewards for every token of a market that has them, and have people claim and admins change them.

    The controller is called `rewards`, its manager `emissions`. Raises LookupError on a market without rewards.
    """
    market = stage.market
    controller, manager, admin = market.periphery.rewards_controller, market.periphery.emission_manager, market.admin
    strategy = market.periphery.deploy("PullRewardsTransferStrategy", controller.address, admin, VAULT)
    symbols = list(market.assets)
    end = market.chain.time + SECONDS
    for symbol in symbols[:2]:
        market.fund(symbol, VAULT, 10**40)
        market.erc20(symbol).approve(strategy.address, EVERYTHING, sender=VAULT)
        manager.set_emission_admin(market.assets[symbol], admin, sender=admin)
    feed = market.price_feed(symbols[0]).address
    configs = [
        (RATES[number % len(RATES)], 0, end, token.address, market.assets[reward], strategy.address, feed)
        for number, symbol in enumerate(symbols)
        for token in (market.a_token(symbol), market.debt_token(symbol))
        for reward in symbols[: 1 + number % 2]
    ]
    manager.configure_assets(configs, sender=admin)
    stage.add("rewards", controller, moves=[_claim, _claim, _claim_for])
    stage.add("emissions", manager, moves=[_change_rate, _change_end, _appoint])


def _tokens(driver: Any) -> tuple[str, ...]:
    symbols = [driver.symbol() for _ in range(driver.between(1, 3))]
    return tuple(dict.fromkeys(f"{driver.pick(('a', 'debt'))}{symbol}" for symbol in symbols))


def _reward(driver: Any) -> str:
    return str(driver.pick(list(driver.stage.market.assets)[:2]))


def _claim(driver: Any) -> Iterator[Action]:
    who, to = driver.person(), driver.person()
    if driver.happens(0.5):
        yield Action(who, "rewards", "claimAllRewards", (_tokens(driver), to))
        return
    amount = EVERYTHING if driver.happens(0.3) else driver.between(1, 10 ** driver.between(1, 22))
    yield Action(who, "rewards", "claimRewards", (_tokens(driver), amount, to, _reward(driver)))


def _claim_for(driver: Any) -> Iterator[Action]:
    yield Action(
        driver.person(), "rewards", "claimAllRewardsOnBehalf", (_tokens(driver), driver.person(), driver.person())
    )


def _change_rate(driver: Any) -> Iterator[Action]:
    rate = driver.pick((0, 1, 10**6, *RATES))
    (token, *_), reward = _tokens(driver), _reward(driver)
    yield Action("admin", "emissions", "setEmissionPerSecond", (token, (reward,), (rate,)))


def _change_end(driver: Any) -> Iterator[Action]:
    end = driver.stage.market.chain.time + driver.pick((-1, 0, 1, 3600, SECONDS))
    (token, *_), reward = _tokens(driver), _reward(driver)
    yield Action("admin", "emissions", "setDistributionEnd", (token, reward, end))


def _appoint(driver: Any) -> Iterator[Action]:
    yield Action("admin", "emissions", "setClaimer", (driver.person(), driver.person()))


# --- votes ------------------------------------------------------------------------------------------------------------


def voting_history(revision: str = NEWEST.name) -> History:
    """An empty history on the standard market, two of whose aTokens vote. From v3.6 on."""
    history = standard_history(revision)
    assert history.opening.config is not None  # the standard market is described, not loaded
    reserves = tuple(
        reserve.model_copy(update={"a_token_votes": reserve.symbol in VOTING_SYMBOLS})
        for reserve in history.opening.config.reserves
    )
    config = history.opening.config.model_copy(update={"reserves": reserves})
    return replace(history, opening=replace(history.opening, config=config)).with_setups(with_votes)


def with_votes(stage: Any) -> None:
    """Have people give powers away on a market with aTokens that vote. Raises LookupError on one without."""
    tokens = voting_tokens(stage.market)
    if not tokens:
        raise LookupError('no aToken of this market votes: its file says "a_token_votes": true of none')
    for token in tokens:
        stage.add(stage.names[token.address], token, moves=[_giver(stage.names[token.address])])


def _giver(name: str) -> Callable[[Any], Iterator[Action]]:
    def give(driver: Any) -> Iterator[Action]:
        who = driver.person()
        to = who if driver.happens(0.2) else driver.person()
        if driver.happens(0.4):
            yield Action(who, name, "delegate", (to,))
        else:
            yield Action(who, name, "delegateByType", (to, driver.pick(KINDS)))

    return give
