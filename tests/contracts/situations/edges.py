"""Random states at the edges of their integers, to which no call leads, and everybody's calls in them.

Any number in the storage of the pool and of the tokens is overwritten, on both sides, with one that is small, of usual
size or nearly too large for its field; prices and time move too. Then come calls that mean something, each undone.
"""

import random
from collections.abc import Callable
from itertools import product
from typing import Any

from pooltwin.protocol.errors import NotModelledError
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.table import layout_of

from ..harness.market import RECEIVER, SUPPLY
from ..harness.world import EDGES, Call
from ..histories.user_calls import BORROW
from .arrangement import PEOPLE, USE, YEAR, At, Plant, Price, Stage, Step, call
from .offices import ALLOW, FACTOR, TRANSFER, TRANSFER_FROM
from .pool import (
    ACCOUNT_DATA,
    COVER,
    EMODE,
    FLASH_SIMPLE,
    LIQUIDATE,
    MINT_TO_TREASURY,
    REPAY,
    REPAY_WITH_A_TOKENS,
    WITHDRAW,
    flash,
    pool,
)

ASSETS = ("USDC", "WETH", "ISO", "USDT", "WSTETH")
USERS = (*PEOPLE, "umbrella")
KEPT = ("reserves.id", "reserves.last_update_timestamp", "reserves_count", "last_initialized_revision")
"""Numbers that say where things are, or when they were: with others the contracts would not be the same market."""
PRICES = (0, 1, 10**8, 2**120, 2**255 - 1)
STEPS = (1, 100, 10**6, YEAR)


class Edges(Stage):
    """A market that is bent anew for each seed."""

    def explore(self, seed: int, calls: int) -> int:
        """Make one state and so many calls in it. Returns how many the twin could do. Raises DifferenceError."""
        rng = random.Random(f"edges {seed}")
        before = self.chain.compared
        with self.chain.undone():
            for step in self._bend(rng):
                self.do(step, f"seed {seed}")
            for _ in range(calls):
                asked = _some_call(rng)
                try:
                    self.chain.call(self.cast.at(asked.sender), self.cast.at(asked.to), self.cast.data(asked))
                except NotModelledError:
                    continue
            self.chain.compare_storage()
        return self.chain.compared - before

    def _bend(self, rng: random.Random) -> list[Step]:
        steps: list[Step] = [self._edge(rng) for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.3:
            steps.append(Price(rng.choice(ASSETS), rng.choice(PRICES)))
        if rng.random() < 0.6:
            steps.append(At(rng.choice(STEPS)))
        return steps

    def _edge(self, rng: random.Random) -> Plant:
        """Draw a number in storage, and what it becomes."""
        label = rng.choice(("pool", "pool", *(f"{prefix}{asset}" for prefix, asset in product("av", ASSETS))))
        layout = layout_of(self.chain.twin.at(self.cast.at(label)).KIND, self.chain.twin.revision)
        numbers = [v for v in layout if v.kind.startswith("uint") and v.name not in KEPT and not v.derived]
        variable = rng.choice(numbers)
        name, _, member = variable.name.partition(".")
        keys = _keys(rng, variable, name)
        key = () if not keys else (keys[0] if len(keys) == 1 else keys,)
        return Plant((label, name, *key, *([member] if member else [])), _near_an_edge(rng, int(variable.kind[4:])))


def _keys(rng: random.Random, variable: Variable, name: str) -> tuple[Any, ...]:
    names = ASSETS if name == "reserves" else USERS
    return tuple(rng.choice(names) if kind == "address" else rng.randrange(1, 4) for kind in variable.keys)


def _near_an_edge(rng: random.Random, bits: int) -> int:
    top = (1 << bits) - 1
    roll = rng.random()
    if roll < 0.25:
        return top - rng.randrange(3)
    if roll < 0.4:
        return rng.randrange(3)
    if roll < 0.6:
        return min(top, 10**27 * rng.choice((1, 2, 3, 10**3, 10**6)))
    return rng.getrandbits(rng.randrange(1, bits + 1))


def _some_call(rng: random.Random) -> Call:
    """A call that everybody may make, of an amount at an edge or of a usual size."""
    user, other = rng.choice(USERS), rng.choice(USERS)
    asset, second = rng.choice(ASSETS), rng.choice(ASSETS)
    amount = rng.choice((*EDGES, 10**6, 10**12, 10**18, 5000 * 10**18, rng.getrandbits(rng.randrange(1, 90))))
    yes = rng.random() < 0.5
    kinds: tuple[Callable[[], Call], ...] = (
        lambda: pool(user, SUPPLY, asset, amount, other, 0),
        lambda: pool(user, WITHDRAW, asset, amount, other),
        lambda: pool(user, BORROW, asset, amount, 2, 0, user),
        lambda: pool(user, REPAY, asset, amount, 2, other),
        lambda: pool(user, REPAY_WITH_A_TOKENS, asset, amount, 2),
        lambda: pool(user, LIQUIDATE, asset, second, other, amount, yes),
        lambda: pool(user, LIQUIDATE, "ISO", "USDC", "erin", amount, yes),
        lambda: pool("umbrella", COVER, asset, amount),
        lambda: flash(user, asset, amount, 2 * yes),
        lambda: pool(user, FLASH_SIMPLE, RECEIVER, asset, amount, b"", 0),
        lambda: pool(user, MINT_TO_TREASURY, [asset, second]),
        lambda: pool(user, EMODE, rng.randrange(4)),
        lambda: pool(user, USE, asset, yes),
        lambda: pool(user, ACCOUNT_DATA, other),
        lambda: call(user, f"a{asset}", TRANSFER, other, amount),
        lambda: call(user, f"a{asset}", TRANSFER_FROM, other, user, amount),
        lambda: call(user, f"a{asset}", ALLOW, other, amount),
        lambda: call(user, f"v{asset}", "balanceOf(address)", other),
        lambda: call(user, f"a{asset}", "totalSupply()"),
        lambda: call(user, "data_provider", "getReserveData(address)", asset),
        lambda: call(user, "data_provider", "getUserReserveData(address,address)", asset, other),
        lambda: call("admin", "configurator", FACTOR, asset, rng.randrange(10_001)),
        lambda: call("admin", "configurator", "dropReserve(address)", asset),
    )
    return rng.choice(kinds)()
