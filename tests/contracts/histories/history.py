"""Seeded random histories on the real contracts, recorded. `python -m tests.contracts.histories` writes them.

Same artifacts, profile, seed and length give the same file, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..harness.artifacts import ArtifactSet
from ..harness.market import (
    ACCOUNTS,
    RECEIVER,
    REFUSING_RECEIVER,
    SIGNERS,
    UMBRELLA,
    open_market,
)
from ..harness.recorder import Recorder
from ..harness.releases import TREASURY
from ..harness.replay import Record
from ..harness.world import World
from . import hostile_calls
from .admin_calls import ADMIN_CALLS
from .proxy_scripts import UPGRADE_SCRIPTS
from .scripts import ADMIN_SCRIPTS, PRICE_SCRIPTS, Script, data_provider, fill_up, last_will
from .token_calls import TOKEN_CALLS
from .user_calls import LIQUIDATION_CALLS, POOL_CALLS, MakeCall
from .usurped import HOSTILE_SCRIPTS

Item = TypeVar("Item")

STATE_EVERY = 50
BOLD_TRIES = 6
HOSTILE_CALLS: dict[MakeCall, float] = {hostile_calls.wrong_caller: 4, hostile_calls.proxy_admin: 0.5}
VIEW_CALLS: dict[MakeCall, float] = {hostile_calls.view: 1}
MALFORMED: dict[Script, float] = {hostile_calls.malformed: 1}


@dataclass(frozen=True)
class Profile:
    """Profile of a history: how often each kind of event happens, and how often a call is tried out beforehand."""

    calls: tuple[tuple[float, Mapping[MakeCall, float]], ...]
    scripts: tuple[tuple[float, Mapping[Script, float]], ...]
    careful: float
    """Share of calls chosen, out of several random ones, to go through."""
    start: Script
    """What happens before the first step."""


def _profile(
    *,
    admin: float = 1,
    prices: float = 2,
    hostile: float = 1,
    careful: float = 0.65,
    scripts: tuple[tuple[float, Mapping[Script, float]], ...] = (),
    start: Script = lambda world: None,
) -> Profile:
    """Ordinary use of the pool, with so much of the rest."""
    calls = (
        (10.0, POOL_CALLS),
        (3.0, TOKEN_CALLS),
        (prices, LIQUIDATION_CALLS),
        (4 * admin, ADMIN_CALLS),
        (hostile, HOSTILE_CALLS),
        (2.5 + hostile, VIEW_CALLS),
    )
    return Profile(calls, ((prices, PRICE_SCRIPTS), (0.3 * admin, ADMIN_SCRIPTS), *scripts), careful, start)


PROFILES = {
    "admin": _profile(admin=2.5, prices=1.5),
    "prices": _profile(admin=0.4, prices=5, hostile=0.3, careful=0.75),
    "hostile": _profile(admin=1, prices=1.5, hostile=8, careful=0.4, scripts=((0.3, HOSTILE_SCRIPTS),)),
    "upgrades": _profile(admin=1, scripts=((0.4, UPGRADE_SCRIPTS),)),
    "calldata": _profile(hostile=2, scripts=((12, MALFORMED),)),
    "crowded": _profile(admin=2, start=fill_up),
}


def run(artifacts: ArtifactSet, revision: str, profile: Profile, seed: int, steps: int) -> tuple[Record, Recorder]:
    """One history on the standard market: its header, and the recorder that holds its records."""
    head, recorder = open_market(artifacts, revision, seed, steps)
    live(recorder, head, profile)
    return head, recorder


def live(recorder: Recorder, head: Record, profile: Profile) -> None:
    """The random steps that the header announces."""
    seed, steps = int(head["seed"]), int(head["steps"])
    world = World(recorder, seed, ACCOUNTS, SIGNERS)
    recorder.place_receiver("refusing_receiver", "AlwaysFalseReceiver", REFUSING_RECEIVER)
    if world.chance(0.8):
        data_provider(world)
    profile.start(world)
    for step in range(1, steps + 1):
        world.step = step
        world.run_due(everything=step == steps)
        act(world, profile)
        if step == steps:
            last_will(world)
        if step % STATE_EVERY == 0 or step == steps:
            recorder.record_state(head["reserves"], (*ACCOUNTS, RECEIVER, UMBRELLA, TREASURY))


def act(world: World, profile: Profile) -> None:
    """Let some time pass, then one event happen: first its kind is drawn, then which."""
    _advance(world)
    calls = weighted(world, dict(enumerate(weight for weight, _ in (*profile.calls, *profile.scripts))))
    if calls >= len(profile.calls):
        weighted(world, profile.scripts[calls - len(profile.calls)][1])(world)
        return
    tries = BOLD_TRIES if world.chance(profile.careful) else 1
    world.seek(weighted(world, profile.calls[calls][1]), tries)


def weighted(world: World, weights: Mapping[Item, float]) -> Item:
    """One of the keys, by weight."""
    return world.rng.choices(list(weights), list(weights.values()))[0]


def _advance(world: World) -> None:
    """Time stands still within a block, goes on by one, by hours, days, rarely by up to a year."""
    seconds = 12
    roll = world.rng.random()
    if roll < 0.35:
        return
    if roll > 0.995:
        seconds = world.rng.randrange(365 * 86400)
    elif roll > 0.95:
        seconds = world.rng.randrange(10 * 86400)
    elif roll > 0.8:
        seconds = world.rng.randrange(1, 86400)
    chain = world.recorder.chain
    chain.set_time(chain.timestamp + seconds, chain.block_number + 1)
