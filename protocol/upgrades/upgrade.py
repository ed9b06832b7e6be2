"""Upgrades of a live market, release by release, as governance did: new code behind every proxy, then the
documented migrations of state.

Only what is documented happens here; a state that the next revision cannot hold is refused and left as it was. Interest
pending since a reserve's last update is reckoned the new way, as on chain. A test token stays what it was.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..errors import Revert
from ..market import Market
from ..revisions import REVISIONS, Revision, folder_of, revision_named
from .renewal import (
    UpgradeError,
    refuse_rules_of_the_twin,
    renew_configurator,
    renew_data_provider,
    renew_pool,
    renew_tokens,
)


def upgrade(market: Market, to: str | Revision) -> None:
    """Move a market, step by step, up to a later revision, given by name or, as a fork must be, by its record.

    A market of bytecode moves by the record of the next release's bytecode, or of other bytecode of its own release.
    Raises UpgradeError, and then nothing has changed. Acts as the market's admin, who must own the registry and be pool
    and risk admin; Revert if not. What only a fork stored is forgotten where the fork ends.
    """
    target = revision_named(to) if isinstance(to, str) else to
    if target.machine is not None and market.chain.revision.machine is None:
        raise UpgradeError(
            f"{target.label} is bytecode, and the market the twin's: take it over first, by bytecode of its own release"
        )
    steps = _steps(market.chain.revision, target)
    chain = market.chain
    for revision in steps:
        refuse_rules_of_the_twin(chain.revision, revision)
    before = chain.snapshot()
    try:
        for revision in steps:
            _take_step(market, revision)
    except BaseException:
        chain.revert_to(before)
        raise
    chain.release(before)


def _steps(present: Revision, target: Revision) -> list[Revision]:
    """List the records to go through: every release in between, then the forks that the target is made of."""
    if _is_other_bytecode(present, target):
        return [target]
    names, line = list(REVISIONS), target.lineage
    ancestors = [record.name for record in line[:-1]]
    if present.name in ancestors:  # a fork of what is there already
        return [*line[ancestors.index(present.name) + 1 :]]
    here, there = names.index(present.release), names.index(target.release)
    if there < here or (there == here and not present.is_fork):
        raise UpgradeError(f"revision {target.name} does not follow {present.name}")
    between = names[here + (not present.is_fork or there > here) : there]
    return [*(REVISIONS[name] for name in between), *line]


def _is_other_bytecode(present: Revision, target: Revision) -> bool:
    """Are both bytecode of one release, and not the same?"""
    both = present.machine is not None and target.machine is not None
    return both and present.machine is not target.machine and present.release == target.release


def _take_step(market: Market, revision: Revision) -> None:
    old = market.chain.revision
    _refuse_older_code(old, revision)
    leaves_release = revision.release != old.release
    if leaves_release:
        _do("prepare", old, market)
    market.chain.set_revision(revision)
    if _is_other_bytecode(old, revision):
        _renew_what_differs(market, old)
        return
    if revision.pool_revision != old.pool_revision:
        renew_pool(market)
    if revision.configurator_revision != old.configurator_revision:
        renew_configurator(market)
    if revision.token_revision != old.token_revision:
        renew_tokens(market)
    if leaves_release:
        _do("migrate", old, market)


def _renew_what_differs(market: Market, old: Revision) -> None:
    """Put other bytecode of the same release behind the proxies whose code it changes, and register its data provider.

    Raises UpgradeError where a proxy does not take it.
    """
    machine: Any = market.chain.revision.machine
    for kinds, renew in (
        ((market.pool.KIND,), renew_pool),
        (("PoolConfiguratorInstance",), renew_configurator),
        (("ATokenInstance", "VariableDebtTokenInstance"), renew_tokens),
        (("AaveProtocolDataProvider",), renew_data_provider),
    ):
        try:
            others = any(machine.has_other_code(old.machine, kind) for kind in kinds)
        except ValueError as error:
            raise UpgradeError(str(error)) from None
        if others:
            try:
                renew(market)
            except Revert as revert:
                raise UpgradeError(
                    f"{machine.label}: the new {' or '.join(kinds)} cannot be put in its place: {revert}; a proxy "
                    "takes code only whose revision is greater than the one that it has"
                ) from revert


def _refuse_older_code(old: Revision, new: Revision) -> None:
    """Raise UpgradeError where a proxy would refuse the code: it is initialised by greater numbers only."""
    for name in ("pool_revision", "configurator_revision", "token_revision"):
        if getattr(new, name) < getattr(old, name):
            raise UpgradeError(
                f"{new.name} has {name} {getattr(new, name)}, less than {getattr(old, name)} of {old.name}: "
                "no proxy takes it"
            )


def _do(what: str, old: Revision, market: Market) -> None:
    """Do what belongs to leaving a release: `prepare` before the new code, `migrate` after it.

    The module `from_v3_5` knows both for v3.5; where it or the function is missing, there is nothing to do.
    """
    name = f"{__package__}.from_{folder_of(old.release)}"
    if find_spec(name) is not None:
        getattr(import_module(name), what, _nothing)(market)


def _nothing(_market: Market) -> None:
    """Do nothing: new code is all there is."""
