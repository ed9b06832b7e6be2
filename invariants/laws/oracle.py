"""ORA: prices are answered, positive, and the same throughout a transaction; what is priced is there."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market

from ..law import Broken, Kind, Subject, Verdict, all_of, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import PRICE_MOVES, NoPriceError, Step
from ..reference import WAD, ceil
from ..worth import Unit
from .calls import FLASH
from .edges import settings


def _touched_feeds(step: Step) -> list[str]:
    """List the assets whose feed was written."""
    feeds = step.census.feeds
    return [feeds[key] for key in step.changes if key in feeds]


@law(
    "ORA-1",
    "An asset's price is its feed's answer where that is above zero, else the fallback's; it never reverts where "
    "either answers.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    on=(PRICE_MOVES,),
    source="E",
    edges=settings.ORA_1,
)
def prices_are_answered(step: Step) -> Verdict:
    """Look when a feed changes its answer."""
    checks: list[Verdict] = []
    for asset in _touched_feeds(step):
        try:
            answered: int | None = step.census.oracle.get_asset_price(asset)
        except Revert:
            answered = None
        try:
            expected: int | None = step.after.price(asset)
        except NoPriceError:
            expected = None
        checks.append(equal("price, feed's or fallback's", answered, expected))
    return all_of(checks)


@law(
    "ORA-2",
    "No call to the pool or its tokens changes a price. (What is called inside one may.)",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="E",
)
def prices_are_stable(step: Step) -> Verdict:
    """Compare every price, so that a transaction sees one for each asset."""
    if not step.name.startswith(("pool.", "aToken.", "debtToken.", "token.")) or not step.changes:
        return None
    if step.restless and (step.reentered or step.name in FLASH):
        return None
    oracle = step.census.oracle
    written = id(oracle.sources) in step.changes or id(oracle) in step.changes
    return all_of((equal("feeds written, none", _touched_feeds(step), []), equal("oracle written, no", written, False)))


def has_capped_feed(market: Market) -> bool:
    """Is an asset priced by a feed that tells a ratio and its cap?"""
    return any(_tells_cap(market.chain.contracts[source]) for source in market.oracle.sources.values())


def _tells_cap(feed: Any) -> bool:
    return all(hasattr(type(feed), name) for name in ("ratio", "ratio_cap", "grows_as_configured"))


@law(
    "ORA-3",
    "A feed that caps a growing ratio caps it at no less than the ratio itself, as long as the ratio has grown no "
    "faster than the cap allows.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="I",
    needs="feeds that cap a ratio",
    met=has_capped_feed,
)
def caps_follow_growth(probe: Probe) -> Verdict:
    """Look at feeds that tell `ratio` and `ratio_cap`, whose growth was configured as `grows_as_configured`."""
    checks: list[Verdict] = []
    for asset in probe.assets:
        feed: Any = probe.census.chain.contracts[probe.census.oracle.sources[asset]]
        if _tells_cap(feed) and feed.grows_as_configured():
            checks.append(at_most("ratio, cap", feed.ratio(), feed.ratio_cap()))
    return all_of(checks)


@law(
    "ORA-4",
    "Multiplying all prices by the same figure changes nobody's HF but by rounding.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    since="3.5",
    bound="(HF + 1) n / (debt - n) and two: each of n legs is rounded by less than a base unit before and after "
    "scaling, so the debt is off by at most n and the weighted collateral by n times a threshold; for debts above "
    "1000 n base units",
)
def health_has_no_unit(probe: Probe) -> Verdict:
    """Try it on a random debtor."""
    user = probe.pick(probe.borrowers(1))
    if user is None or not probe.now.position(user).priced:
        return None
    position = probe.now.position(user)
    sums, legs = position.sums, len(position.holdings)
    if sums.debt <= 1000 * legs or not all(probe.has_feed(holding.asset) for holding in position.holdings):
        return None
    factor = probe.rng.choice((2, 3, 10, 1000))
    with probe.undone():
        for holding in position.holdings:
            probe.set_price(holding.asset, probe.now.price(holding.asset) * factor)
        after = probe.pool.get_user_account_data(user).health_factor
    bound = ceil(sums.health + WAD, legs, sums.debt - legs) + 2
    return at_most("change of HF, bound", abs(after - sums.health), bound, Unit.HEALTH, user)


@law(
    "ORA-5",
    "Within one step a price moves by less than a factor of a hundred: anything more is an error of a feed, not news.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(PRICE_MOVES,),
    source="I",
    edges=settings.ORA_5,
)
def prices_do_not_jump(step: Step) -> Verdict:
    """Compare both prices. A monitor rather than a law of the pool: Moonwell's error was a factor of 2200."""
    for asset in _touched_feeds(step):
        try:
            before, after = step.before.price(asset), step.after.price(asset)
        except NoPriceError:
            continue
        if not before <= 100 * after <= 10_000 * before:
            return Broken(
                f"price of {step.census.homes[asset].symbol} before and after within a factor of 100", before, after
            )
    return True


def has_bridged_token(market: Market) -> bool:
    """Does an underlying token tell what is locked for it?"""
    return any(hasattr(type(market.chain.contracts[asset]), "locked") for asset in market.assets.values())


@law(
    "ORA-6",
    "No more of a bridged token exists than is locked for it elsewhere.",
    kind=Kind.STATE,
    subject=Subject.STEP,
    source="I",
    needs="underlying tokens that tell what is locked for them",
    met=has_bridged_token,
    edges=settings.ORA_6,
)
def bridged_tokens_are_backed(step: Step) -> Verdict:
    """Compare supply and lock. A monitor rather than a law of the pool, which never asks what backs rsETH."""
    bridged = step.census.bridged
    if not bridged:
        return None
    touched = [token for token in bridged if id(token) in step.changes]
    return all_of(
        at_most(f"{token.token_symbol} that exists, locked", token.supply, token.locked, Unit.WEI, token.address)
        for token in touched
    )
