"""A bare proxy beside the real one: who may give it code, what it answers before, and what it becomes."""

import random
from typing import Any

import pytest
from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import MUTATIONS, encoded
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market
from ..harness.recorder import Recorder
from ..harness.releases import constructor_arguments

BARE = "InitializableImmutableAdminUpgradeabilityProxy"
FIRST = "initialize(address,bytes)"
IMPLEMENTATIONS = ("pool_impl", "l2_pool_impl", "conf_impl", "atoken_impl", "vtoken_impl", "receiver", "aWETH", "WETH")
A_TOKEN_SETUP = "initialize(address,address,uint8,string,string,bytes)"
PLAIN = (
    "getReservesList()",
    "POOL_REVISION()",
    "ADDRESSES_PROVIDER()",
    "name()",
    "decimals()",
    "scaledTotalSupply()",
    "DOMAIN_SEPARATOR()",
    "RESERVE_TREASURY_ADDRESS()",
    "POOL()",
    "anything()",
)


@pytest.fixture
def market(artifacts_v3_6: ArtifactSet) -> Recorder:
    """The standard market in lockstep, with the code of a rollup's pool and a bare proxy."""
    recorder = open_market(artifacts_v3_6, "3.6", 1, 1, in_lockstep_with("3.6"))[1]
    addresses = [recorder.address(name) for name in ("provider", "irs")]
    recorder.deploy(
        "l2_pool_impl", "L2PoolInstance", constructor_arguments(artifacts_v3_6, "L2PoolInstance", addresses)
    )
    recorder.deploy("bare", BARE, [ADMIN])
    return recorder


def initializer(recorder: Recorder, rng: random.Random) -> bytes:
    """What to call first: an initializer that fits something, nothing, or noise."""
    pool, weth = recorder.address("pool"), recorder.address("WETH")
    return rng.choice(
        (
            b"",
            b"",
            encoded("initialize(address)", [recorder.address("provider")]),
            encoded(A_TOKEN_SETUP, [pool, weth, 18, "a name", "a symbol", b""]),
            rng.randbytes(rng.randrange(80)),
        )
    )


def drawn(recorder: Recorder, rng: random.Random) -> bytes:
    """One call of a proxy: of its own functions or of what may be behind it, every fourth one broken."""
    logic = recorder.address(rng.choice(IMPLEMENTATIONS)) if rng.random() < 0.95 else ADMIN
    calls: tuple[tuple[str, list[Any]], ...] = (
        (FIRST, [logic, initializer(recorder, rng)]),
        ("upgradeTo(address)", [logic]),
        ("upgradeToAndCall(address,bytes)", [logic, initializer(recorder, rng)]),
        ("admin()", []),
        ("implementation()", []),
        ("initialize(address)", [recorder.address("provider")]),
        (A_TOKEN_SETUP, [recorder.address("pool"), recorder.address("WETH"), 18, "n", "s", b""]),
        (rng.choice(PLAIN), []),
        (rng.choice(PLAIN), []),
        ("supply(bytes32)", [bytes(32)]),
    )
    data = encoded(*rng.choice(calls))
    return rng.choice(MUTATIONS)(rng, bytearray(data)) if rng.random() < 0.25 else data


def test_lives_of_bare_proxies(market: Recorder) -> None:
    chain, rng = market.chain, random.Random("bare proxies")
    assert isinstance(chain, LockstepChain)
    kinds, before, unknown = set(), chain.compared, 0
    for _ in range(150):
        with chain.undone():
            for _ in range(14):
                sender = ADMIN if rng.random() < 0.4 else rng.choice(ACCOUNTS)
                try:
                    chain.transact(sender, market.address("bare"), drawn(market, rng))
                except NotModelledError:
                    unknown += 1
            kinds.add(chain.twin.at(market.address("bare")).KIND)
            chain.compare_storage()
    assert kinds > {BARE, "PoolInstance", "L2PoolInstance", "ATokenInstance", "VariableDebtTokenInstance"}
    assert chain.compared - before > 1500
    assert unknown < 400


def test_a_pool_becomes_that_of_a_rollup_and_back(market: Recorder) -> None:
    chain, word = market.chain, (10**6 << 16 | 2).to_bytes(32, "big")
    assert isinstance(chain, LockstepChain)
    data = encoded("initialize(address)", [market.address("provider")])
    assert market.transact(ADMIN, "bare", FIRST, market.address("pool_impl"), data).ok
    bare = chain.twin.at(market.address("bare"))
    assert bare.KIND == "PoolInstance"
    for label, kind in (("l2_pool_impl", "L2PoolInstance"), ("pool_impl", "PoolInstance")):
        assert market.transact(ADMIN, "bare", "upgradeTo(address)", market.address(label)).ok
        assert kind == bare.KIND
        market.transact(ACCOUNTS[0], "bare", "supply(bytes32)", word)
        chain.compare_storage()
        assert chain.twin.fork().digest() == chain.twin.digest()
