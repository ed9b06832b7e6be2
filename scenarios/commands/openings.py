"""Openings of histories as commands are told them: a market by name or file, or a saved state, on a release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..terminal import errors

if TYPE_CHECKING:
    from pooltwin.invariants.history import History
    from pooltwin.protocol.models import MarketConfig
    from pooltwin.protocol.revisions import Revision

MarketName = Annotated[
    str,
    typer.Option(
        "--market",
        "-m",
        help="A market: a shipped one by name, or a file, also with a saved state; `isolated` for the standard market "
        "with isolated collateral; the standard market by default.",
    ),
]
OnRelease = Annotated[
    str,
    typer.Option(
        "--revision", "-r", help="The release to run; by default the market's own, or the newest for the standard one."
    ),
]

ISOLATED = "isolated"
"""The name of the standard market with isolated collateral."""


def opening_given(market: str, revision: str, engine: Revision | None) -> History:
    """Give the history that begins with the market that a command is told, on the release that is meant.

    A fork runs on the market of the release that it comes from. Raises ValueError for what cannot be.
    """
    from pooltwin.fixtures.shipped import is_path
    from pooltwin.invariants.history import state_of_chain
    from pooltwin.invariants.isolation import UNTIL as ISOLATED_UNTIL
    from pooltwin.invariants.markets_around import isolated_history
    from pooltwin.invariants.standard import history_from, history_on, standard_history
    from pooltwin.protocol.file_kinds import FileKind, kind_of
    from pooltwin.protocol.revisions import NEWEST

    release = _release_of(revision, engine)
    if market == ISOLATED:
        return isolated_history(release or ISOLATED_UNTIL)
    state = state_of_chain(engine)
    if state is not None:
        if market:
            raise ValueError(f"--market {market} and --state {state}: a campaign begins with one market, not two")
        return history_from(state, engine=engine)
    if market and is_path(market) and Path(market).is_file() and kind_of(Path(market)) is FileKind.STATE:
        if revision and engine is None:  # that of an engine is the state's, or is refused when it takes it over
            raise ValueError(f"--revision {revision}: {market} is a saved state, which has a release already")
        return history_from(Path(market), engine=engine)
    if not market:
        return standard_history(release or NEWEST.name)
    return history_on(market_given(market, release))


def market_given(name_or_path: str, revision: str = "") -> MarketConfig:
    """Load a market by name or path, on its own release or another. Raises ValueError for what is none."""
    from pooltwin.fixtures import load_market, market_names

    is_file = name_or_path not in market_names() and Path(name_or_path).exists()
    return on_release(load_market(Path(name_or_path) if is_file else name_or_path), revision)


def on_release(config: MarketConfig, revision: str) -> MarketConfig:
    """Give a market on another release, where one is named; say what of it the release lacks, and leave that out."""
    from pooltwin.protocol.fitting import fitted
    from pooltwin.protocol.revisions import revision_named

    if revision in ("", config.revision):
        return config
    config, changes = fitted(config, revision_named(revision))
    for change in changes:
        errors.print(f"on v{revision}: {change}", soft_wrap=True, markup=False, highlight=False)
    return config


def _release_of(revision: str, engine: Revision | None) -> str:
    """Find the release that is meant; none where it is left to the market."""
    from pooltwin.protocol.revisions import NEWEST, revision_named

    if engine is None:
        return revision and revision_named(revision).name
    if revision not in ("", NEWEST.name, engine.release):
        raise ValueError(f"--revision {revision}: the engine {engine.name} comes from {engine.release}")
    return engine.release
