"""Upgrades of a live market, release by release, as governance did: new code behind every proxy, then the
documented migrations of state.

Only what is documented happens here; a state that the next revision cannot hold is refused and left as it was. Interest
pending since a reserve's last update is reckoned the new way, as on chain. A test token stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable

from ..market import Market
from ..revisions import REPLAYED, REVISIONS, V3_2, V3_3, V3_4, V3_6, V3_7, Revision, revision_named
from . import from_v3_0_2, from_v3_3, from_v3_5, from_v3_6
from .renewal import UpgradeError, renew_configurator, renew_data_provider, renew_pool, renew_tokens

Migration = Callable[[Market], None]


def upgrade(market: Market, to: str) -> None:
    """Move a market, step by step, up to a later revision. Raises UpgradeError, and then nothing has changed.

    Acts as the market's admin, who must own the registry and be pool and risk admin; Revert if not.
    """
    steps = _steps(market.chain.revision, revision_named(to))
    chain = market.chain
    before = chain.snapshot()
    try:
        for revision in steps:
            _take_step(market, revision)
    except BaseException:
        chain.revert_to(before)
        raise
    chain.release(before)


def _steps(present: Revision, target: Revision) -> list[Revision]:
    known = {**REPLAYED, **REVISIONS}
    names = list(known)
    if present.name not in names or names.index(target.name) <= names.index(present.name):
        raise UpgradeError(f"revision {target.name} does not follow {present.name}")
    return [known[name] for name in names[names.index(present.name) + 1 : names.index(target.name) + 1]]


def _take_step(market: Market, revision: Revision) -> None:
    PREPARATIONS.get(revision.name, _nothing)(market)
    old = market.chain.revision
    market.chain.set_revision(revision)
    renew_pool(market)
    if revision.configurator_revision != old.configurator_revision:
        renew_configurator(market)
    if revision.token_revision != old.token_revision:
        renew_tokens(market)
    MIGRATIONS.get(revision.name, _nothing)(market)


def _nothing(_market: Market) -> None:
    """A step without a documented migration."""


PREPARATIONS: dict[str, Migration] = {
    V3_2.name: from_v3_0_2.prepare,
    V3_4.name: from_v3_3.prepare,
    V3_7.name: from_v3_6.prepare,
}
"""What must hold before a step, and is done before it, by the release it leads to."""

MIGRATIONS: dict[str, Migration] = {
    V3_2.name: from_v3_0_2.migrate,
    V3_3.name: renew_data_provider,
    V3_4.name: from_v3_3.migrate,
    V3_6.name: from_v3_5.migrate,
}
"""What is done after it."""
