"""Markets with rewards, with aTokens that vote, with isolated collateral, and people who use what is special there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.models import RateParameters, ReserveConfig
from pooltwin.protocol.revisions import NEWEST

from .histories.action import Action
from .history import History
from .isolation import CENTS, isolated_assets
from .reference import EVERYTHING
from .standard import funding, standard_history
from .votes import KINDS, voting_tokens

VAULT = named_address("the vault of rewards")
RATES = (10**9, 10**13, 10**15)
"""What `with_rewards` gives in a second (units of the reward)."""
SECONDS = 10**7
ISOLATED, CEILING_CENTS = "ISO", 100_000_00
"""The isolated collateral of `isolated_history`, a token of ten dollars, and what may be owed against it in all."""
APPROVED = ("USDC", "USDT")
"""What may be borrowed against it."""
ALONE = ("ivan", "judy")
"""People who have nothing but isolated collateral."""
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


# --- isolated collateral ----------------------------------------------------------------------------------------------


def isolated_history(revision: str = "3.6") -> History:
    """An empty history on the standard market with an isolated collateral, which two people have. Until v3.6."""
    history = standard_history(revision)
    assert history.opening.config is not None  # the standard market is described, not loaded
    listed = [
        reserve.model_copy(update={"borrowable_in_isolation": reserve.symbol in APPROVED})
        for reserve in history.opening.config.reserves
    ]
    isolated = ReserveConfig(
        symbol=ISOLATED,
        decimals=18,
        price=10 * 10**8,
        rates=RateParameters(optimal_usage_bps=8_000, base_rate_bps=0, slope1_bps=400, slope2_bps=6_000),
        ltv_bps=5_000,
        liquidation_threshold_bps=6_000,
        liquidation_bonus_bps=11_000,
        debt_ceiling=CEILING_CENTS,
    )
    config = history.opening.config.model_copy(update={"reserves": (*listed, isolated)})
    decimals = {reserve.symbol: reserve.decimals for reserve in config.reserves}
    setting = funding((ISOLATED,), decimals, (*history.actors, *ALONE)) + funding(tuple(decimals), decimals, ALONE)
    for who in ALONE:
        setting.append(Action(who, "pool", "supply", (ISOLATED, 100_000 * 10**18, who, 0)))
        setting.append(Action(who, "pool", "setUserUseReserveAsCollateral", (ISOLATED, True)))
    begun = replace(history, opening=replace(history.opening, config=config), actors=(*history.actors, *ALONE))
    return replace(begun, setting=(*history.setting, *setting)).with_setups(with_isolation)


def with_isolation(stage: Any) -> None:
    """Have people borrow to the ceiling of isolated collateral, repay, come and go, and governance move the ceiling.

    Raises LookupError on a market without such collateral.
    """
    assets = isolated_assets(stage.market)
    if not assets:
        raise LookupError('no collateral of this market is isolated: its file gives no "debt_ceiling" to any reserve')
    for asset in assets:
        token = stage.market.chain.at(stage.market.pool.reserves[asset].a_token)
        moves = [_borrower(asset), _borrower(asset), _repayer(asset), _mover(asset), _comer(asset)]
        stage.add(stage.names[token.address], token, moves=moves)


def _approved(driver: Any) -> list[str]:
    reserves = driver.stage.market.pool.reserves
    return [name for name, where in driver.stage.market.assets.items() if reserves[where].configuration >> 61 & 1]


def _having(driver: Any, asset: str) -> str:
    """Somebody who has nothing but this collateral; anybody where nobody is drawn."""
    pool, book = driver.stage.market.pool, driver.stage.book
    bit = 2 << 2 * pool.reserves[asset].id
    both = int("10" * 128, 2)
    alone = [who for who in driver.people if pool.users_config[book[who]] & both == bit]
    return str(driver.pick(alone)) if alone and driver.happens(0.9) else str(driver.person())


def _borrower(asset: str) -> Callable[[Any], Iterator[Action]]:
    def borrow(driver: Any) -> Iterator[Action]:
        market, approved = driver.stage.market, _approved(driver)
        if not approved:
            return
        reserve, symbol, who = market.pool.reserves[asset], driver.pick(approved), _having(driver, asset)
        cent = 10 ** market.chain.at(market.assets[symbol]).decimals() // CENTS
        room = max(1, (reserve.configuration >> 212 & 2**40 - 1) - reserve.isolation_mode_total_debt)
        cents = driver.pick((room, room + 1, room // 2, room // 7, 1))
        amount = max(1, cents * cent + driver.pick((-1, 0, 1, cent - 1)))
        yield Action(who, "pool", "borrow", (symbol, amount, 2, 0, who))

    return borrow


def _repayer(asset: str) -> Callable[[Any], Iterator[Action]]:
    def repay(driver: Any) -> Iterator[Action]:
        approved = _approved(driver)
        if not approved:
            return
        symbol, who = driver.pick(approved), _having(driver, asset)
        amount = EVERYTHING if driver.happens(0.3) else driver.between(1, 10 ** driver.between(3, 12))
        yield Action(driver.person() if driver.happens(0.2) else who, "pool", "repay", (symbol, amount, 2, who))

    return repay


def _mover(asset: str) -> Callable[[Any], Iterator[Action]]:
    def move(driver: Any) -> Iterator[Action]:
        counted = driver.stage.market.pool.reserves[asset].isolation_mode_total_debt
        ceiling = max(1, driver.pick((counted, counted + 1, counted // 2, 2 * counted, CEILING_CENTS)))
        yield Action("admin", "configurator", "setDebtCeiling", (driver.stage.names[asset], ceiling))

    return move


def _comer(asset: str) -> Callable[[Any], Iterator[Action]]:
    def come(driver: Any) -> Iterator[Action]:
        symbol, who = driver.stage.names[asset], driver.person()
        unit = 10 ** driver.stage.chain.at(asset).decimals()
        yield Action(who, "pool", "supply", (symbol, driver.between(1, 10_000) * unit, who, 0))
        yield Action(who, "pool", "setUserUseReserveAsCollateral", (symbol, not driver.happens(0.2)))

    return come
