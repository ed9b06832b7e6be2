"""Markets taken from the state of a chain: the code that is there, contracts found by asking, records lifted."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop import AllocError, AllocWarning, market_of_alloc
from pooltwin.interop.evm.chain import EvmChain
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.genesis import genesis_of, read_genesis
from pooltwin.invariants.standard import history_from, standard_config
from pooltwin.protocol.address import named_address
from pooltwin.protocol.evm_storage.raw import known_keys
from pooltwin.protocol.market import Market

from ..harness.given import Release
from .acted import chain_of, episode, lived_in

STRANGER = named_address("somebody's vault")
STRANGE_CODE = "0x6001600055600054600052602060 00f3".replace(" ", "")
"""Writes 1 into slot 0, and answers it."""


@pytest.fixture(scope="module")
def market(any_release: Release) -> Market:
    """A market on bytecode with people on it, deployed by calls."""
    engine = bytecode_engine(any_release.artifacts, any_release.revision)
    return lived_in(any_release.revision, engine)


def taken(market: Market, alloc: Any, **more: Any) -> Market:
    """The market of a state, with everybody whom the first one knows."""
    chain = market.chain
    people = known_keys(chain).addresses
    given = {"time": chain.time, "number": chain.number, "chain_id": chain.chain_id, "accounts": people, **more}
    return market_of_alloc(alloc, revision=chain.revision.release, **given)


def alloc_of(market: Market) -> dict[str, Any]:
    assert isinstance(market.chain, EvmChain)
    return market.chain.alloc()


def test_an_alloc_is_the_market_again(market: Market) -> None:
    alloc = alloc_of(market)
    again = taken(market, alloc)
    assert again.chain.digest() == market.chain.digest()
    assert again.assets == market.assets
    assert alloc_of(again) == alloc
    assert alloc_of(again.fork()) == alloc
    assert dict(again.chain.nonces.written()) == dict(market.chain.nonces.written())


def test_it_runs_the_code_that_was_there(any_release: Release, tmp_path: Path) -> None:
    config = standard_config(any_release.revision)
    engine = bytecode_engine(any_release.artifacts, any_release.revision)
    first = Market.deploy(config, revision=engine)
    again = taken(first, alloc_of(first), artifacts=any_release.artifacts)
    assert again.chain.digest() == first.chain.digest()
    state = tmp_path / "market.json"
    again.save(state)
    history = history_from(state)
    given, twin = episode(history, 120, again.chain.revision), episode(history, 120)
    assert given.findings == twin.findings
    assert chain_of(given).digest() == chain_of(twin).digest()


def test_every_form_of_a_file_says_the_same(market: Market, tmp_path: Path) -> None:
    alloc, chain = alloc_of(market), market.chain
    block = {"number": chain.number, "timestamp": hex(chain.time)}
    bare = {where.removeprefix("0x"): account for where, account in alloc.items()}
    forms = {
        "dump.json": json.dumps(alloc).encode(),
        "genesis.json": json.dumps({"config": {"chainId": chain.chain_id}, "alloc": bare, **block}).encode(),
        "anvil.json": json.dumps({"accounts": alloc, "block": block, "best_block_number": 1}).encode(),
        "anvil.json.gz": gzip.compress(json.dumps({"accounts": alloc, "block": block}).encode()),
    }
    forms["rpc.json"] = json.dumps({"result": f"0x{forms['anvil.json.gz'].hex()}"}).encode()
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
        genesis = read_genesis(tmp_path / name)
        assert genesis.accounts == genesis_of(alloc).accounts
        if name != "dump.json":
            assert (genesis.time, genesis.number) == (chain.time, chain.number)
    assert read_genesis(tmp_path / "genesis.json").chain_id == chain.chain_id


def test_strangers_stay_where_they_are(market: Market) -> None:
    alloc = alloc_of(market)
    alloc[STRANGER] = {"code": STRANGE_CODE, "nonce": "0x1", "balance": "0x7", "storage": {hex(9): hex(11)}}
    again = taken(market, alloc)
    assert isinstance(again.chain, EvmChain)
    again.chain.transact(market.admin, STRANGER, b"")
    for chain in (again.chain, again.fork().chain):
        assert isinstance(chain, EvmChain)
        assert chain.evm.storage(STRANGER, 9) == 11
        assert chain.evm.storage(STRANGER, 0) == 1
        assert chain.evm.ether(STRANGER) == 7


def test_a_feed_of_an_unknown_kind_is_replaced_and_told(market: Market) -> None:
    alloc = alloc_of(market)
    feed = market.oracle.get_source_of_asset(next(iter(market.assets.values())))
    price = market.chain.at(feed).answer
    alloc[feed]["storage"] = {hex(5): hex(1)}
    alloc[feed]["code"] = f"0x7f{price:064x}60005260206000f3"
    with pytest.warns(AllocWarning, match=f"{feed}: a price feed of an unknown kind; .* answers {price}"):
        again = taken(market, alloc)
    asset = next(iter(market.assets.values()))
    again.chain.at(feed).set_answer(price + 1)
    again.chain.advance(1)
    with again.chain.judging():
        assert again.oracle.get_asset_price(asset) == price + 1
    alloc[feed]["code"] = "0xfe"
    with pytest.raises(AllocError, match=f"{feed}: the price feed answers no `latestAnswer"):
        taken(market, alloc)


def spoiled(market: Market, what: str) -> dict[str, Any]:
    """The market's state with something amiss."""
    alloc, asset = alloc_of(market), next(iter(market.assets.values()))
    if what == "a token":
        alloc[asset]["code"] = "0x60016000526020 6000f3".replace(" ", "")
    elif what == "a word":
        alloc[market.pool.address]["storage"][hex(2**200)] = "0x1"
    elif what == "a proxy":
        alloc[market.pool.address]["code"] = alloc[asset]["code"]
    elif what == "a registry":
        del alloc[market.provider.address]
    else:
        del alloc[market.acl_manager.address]
    return alloc


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("a token", "{asset}: the listed asset is no token: it wants decimals"),
        ("a word", "no variable and no known key explain word 0x1 at slot"),
        ("a proxy", "{pool}: the proxy of PoolInstance is not administered by {provider}"),
        ("a registry", "there are 0 registries of markets, say which is meant"),
        ("roles", "{acl}: there is no code of the market's ACLManager"),
    ],
)
def test_what_is_amiss_is_named(market: Market, what: str, reason: str) -> None:
    names = {
        "asset": next(iter(market.assets.values())),
        "pool": market.pool.address,
        "provider": market.provider.address,
        "acl": market.acl_manager.address,
    }
    with pytest.raises(AllocError, match=reason.format(**names)):
        taken(market, spoiled(market, what))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("[]", "a mapping is wanted, not list"),
        ("{", "no state of a chain"),
        ('{"alloc": 1}', "it has no accounts by address"),
        ('{"alloc": {"0x12": {}}}', "'0x12' is no address of an account"),
        ('{"0x1111111111111111111111111111111111111111": 1}', "an account is a mapping, not int"),
        ('{"0x1111111111111111111111111111111111111111": {"code": "zz"}}', "code: no bytes in hex"),
        ('{"0x1111111111111111111111111111111111111111": {"nonce": "x"}}', "nonce: 'x' is no number"),
        ('{"0x1111111111111111111111111111111111111111": {"storage": {"0x1": -1}}}', "storage: -1 is no number"),
    ],
)
def test_what_is_no_state_is_refused(tmp_path: Path, state: str, reason: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(state)
    with pytest.raises(AllocError, match=reason) as told:
        market_of_alloc(path, revision="3.6")
    assert str(path) in str(told.value)
    with pytest.raises(AllocError, match="cannot be read"):
        market_of_alloc(tmp_path / "nothing.json", revision="3.6")
