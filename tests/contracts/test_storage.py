"""Raw storage of the real contracts: read out whole, and planted on another chain."""

from .harness.artifacts import ArtifactSet
from .harness.evm import RealChain, calldata
from .harness.market import ACCOUNTS, ADMIN, build_market
from .harness.readout import Reader
from .histories.history import PROFILES, run


def test_all_storage_is_every_word_that_single_reads_find(artifacts_v3_6: ArtifactSet) -> None:
    recorder = build_market(artifacts_v3_6)
    chain, feed, token = recorder.chain, recorder.address("agg_WETH"), recorder.address("WETH")
    recorder.set_price("WETH", -7)
    chain.set_storage(token, 12345, 99)
    chain.set_storage(token, 12346, 5)
    chain.set_storage(token, 12346, 0)
    words = chain.all_storage()
    assert words[feed] == {0: 2**256 - 7}
    assert words[token][12345] == 99
    assert 12346 not in words[token]
    assert len(words) > 30
    assert all(chain.storage(address, slot) == word for address, held in words.items() for slot, word in held.items())


def planted(source: RealChain) -> RealChain:
    """A chain that starts from the raw state of another."""
    chain = RealChain(source.artifacts, source.timestamp, source.block_number)
    words = source.all_storage()
    for address in source.accounts():
        chain.plant(address, source.code(address), source.nonce(address), words.get(address, {}))
    return chain


def test_a_planted_state_runs_on_the_same(artifacts_v3_6: ArtifactSet) -> None:
    head, recorder = run(artifacts_v3_6, "3.6", PROFILES["prices"], seed=5, steps=200)
    original, copy = recorder.chain, planted(recorder.chain)
    addresses, reserves = head["addresses"], head["reserves"]
    assert Reader(copy, addresses).state(reserves, ACCOUNTS) == Reader(original, addresses).state(reserves, ACCOUNTS)
    asset = addresses["USDC"]
    calls = [
        (ADMIN, addresses["USDC"], calldata("approve(address,uint256)", addresses["pool"], 10**12)),
        (ACCOUNTS[0], addresses["pool"], calldata("supply(address,uint256,address,uint16)", asset, 10**7, ADMIN, 0)),
        (ACCOUNTS[0], addresses["pool"], calldata("withdraw(address,uint256,address)", asset, 10**6, ACCOUNTS[0])),
        (ACCOUNTS[1], addresses["pool"], calldata("setUserEMode(uint8)", 2)),
        (ADMIN, addresses["pool"], calldata("mintToTreasury(address[])", [asset])),
    ]
    original.set_time(original.timestamp + 100, original.block_number + 1)
    copy.set_time(original.timestamp, original.block_number)
    outcomes = [(original.transact(*call), copy.transact(*call)) for call in calls]
    assert all(ours == theirs for ours, theirs in outcomes)
    assert any(ours.ok and ours.logs for ours, _ in outcomes)
    feed = original.deploy(ADMIN, "MockAggregator", [1])
    assert copy.deploy(ADMIN, "MockAggregator", [1]) == feed
    assert copy.all_storage() == original.all_storage()
