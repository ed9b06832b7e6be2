"""Upgrades of a live market, release by release, as governance did: new code behind every proxy, then the
documented migrations of state.

Only what is documented happens here; a state that the next revision cannot hold is refused and left as it was. Interest
pending since a reserve's last update is reckoned the new way, as on chain. A test token stays what it was.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ..market import Market
from ..revisions import REPLAYED, REVISIONS, Revision, folder_of, revision_named
from .renewal import UpgradeError, renew_configurator, renew_pool, renew_tokens


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
    old = market.chain.revision
    _do("prepare", old, market)
    market.chain.set_revision(revision)
    renew_pool(market)
    if revision.configurator_revision != old.configurator_revision:
        renew_configurator(market)
    if revision.token_revision != old.token_revision:
        renew_tokens(market)
    _do("migrate", old, market)


def _do(what: str, old: Revision, market: Market) -> None:
    """Do what belongs to leaving a release: `prepare` before the new code, `migrate` after it.

    The module `from_v3_5` knows both for v3.5; where it or the function is missing, there is nothing to do.
    """
    name = f"{__package__}.from_{folder_of(old.name)}"
    if find_spec(name) is not None:
        getattr(import_module(name), what, _nothing)(market)


def _nothing(_market: Market) -> None:
    """Do nothing: new code is all there is."""
