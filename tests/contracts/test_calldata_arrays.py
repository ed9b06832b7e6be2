"""Arrays of addresses in calldata: copied as they are, checked as a whole, or read one by one."""

from collections.abc import Iterator

import pytest
from pooltwin.protocol.chain import Chain

from .harness.evm import Outcome, calldata
from .harness.given import Release
from .harness.lockstep import LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, open_market
from .harness.planting import edit
from .harness.recorder import Recorder

SOURCES = "setAssetSources(address[],address[])"
PRICES = "getAssetsPrices(address[])"
MINT = "mintToTreasury(address[])"
ALICE = ACCOUNTS[0]
WORD = 32


@pytest.fixture(scope="module")
def market(any_release: Release) -> Recorder:
    """The standard market in lockstep; what a test does is undone."""
    return open_market(any_release.artifacts, any_release.revision, 1, 1, in_lockstep_with(any_release.revision))[1]


@pytest.fixture
def recorder(market: Recorder) -> Iterator[Recorder]:
    with market.chain.undone():
        yield market


def soiled(data: bytes, *words: int) -> bytes:
    """Calldata with a bit set above the address in each of these words of the arguments."""
    changed = bytearray(data)
    for word in words:
        changed[4 + WORD * word] |= 0x80
    return bytes(changed)


def replaced(data: bytes, word: int, value: int) -> bytes:
    """Calldata with another word in this place of the arguments."""
    at = 4 + WORD * word
    return data[:at] + value.to_bytes(WORD, "big") + data[at + WORD :]


def send(recorder: Recorder, sender: str, to: str, signature: str, data: bytes) -> Outcome:
    return recorder.transact_raw(sender, to, signature, data)


BAD_OFFSETS = (1, 2**64 - 1, 2**64, 2**255, 2**256 - 32)
BAD_LENGTHS = (3, 2**32, 2**59, 2**64 - 1, 2**64, 2**255)


def test_the_oracle_takes_addresses_with_anything_above_them(recorder: Recorder) -> None:
    """Order, values and events are those of clean addresses; caller and lengths are looked at first."""
    weth, usdc, feed = (recorder.address(label) for label in ("WETH", "USDC", "agg_WBTC"))
    data = calldata(SOURCES, [weth, usdc], [feed, feed])
    dirty = [soiled(data, *words) for words in ((3,), (4,), (6,), (7,), (3, 4, 6, 7))]
    for calls in (data, *dirty):
        with recorder.chain.undone():
            outcome = send(recorder, ADMIN, "oracle", SOURCES, calls)
            clean = ["0x" + "00" * 12 + address[2:] for address in (weth, feed, usdc, feed)]
            assert outcome.ok
            assert [topic for log in outcome.logs for topic in log.topics[1:]] == clean
            for asset in (weth, usdc):
                source = recorder.transact(ALICE, "oracle", "getSourceOfAsset(address)", asset)
                assert source.ret[12:].hex() == feed[2:]
            assert isinstance(recorder.chain, LockstepChain)
            recorder.chain.compare_storage()
    assert send(recorder, ALICE, "oracle", SOURCES, dirty[-1]).ret == send(recorder, ALICE, "oracle", SOURCES, data).ret
    uneven = calldata(SOURCES, [weth, usdc], [feed])
    assert len(send(recorder, ADMIN, "oracle", SOURCES, soiled(uneven, 3, 4, 6)).ret) in (4, 100)


@pytest.mark.parametrize("word", [0, 1])
@pytest.mark.parametrize("offset", BAD_OFFSETS)
def test_the_oracle_follows_no_bad_offset(recorder: Recorder, word: int, offset: int) -> None:
    data = calldata(SOURCES, [recorder.address("WETH")], [recorder.address("agg_WBTC")])
    for sender in (ADMIN, ALICE):
        send(recorder, sender, "oracle", SOURCES, soiled(replaced(data, word, offset), 3, 5))


@pytest.mark.parametrize("word", [2, 4])
@pytest.mark.parametrize("length", BAD_LENGTHS)
def test_the_oracle_reads_no_bad_length(recorder: Recorder, word: int, length: int) -> None:
    data = calldata(SOURCES, [recorder.address("WETH")], [recorder.address("agg_WBTC")])
    for sender in (ADMIN, ALICE):
        send(recorder, sender, "oracle", SOURCES, soiled(replaced(data, word, length), 3, 5))


def test_prices_are_asked_for_one_by_one(recorder: Recorder) -> None:
    """What comes before a dirty address fails first."""
    weth, nothing = recorder.address("WETH"), "0x" + "99" * 20
    for data in (calldata(PRICES, [weth, weth]), calldata(PRICES, [nothing, weth])):
        for word in (2, 3):
            assert not send(recorder, ALICE, "oracle", PRICES, soiled(data, word)).ok


def owe(chain: Chain, pool: str, asset: str, shares: int) -> None:
    """Let the treasury be owed so many shares."""
    chain.at(pool).reserves[asset].accrued_to_treasury = shares


def test_every_address_is_looked_at_before_the_treasury_gets_anything(recorder: Recorder) -> None:
    """A dirty address anywhere gives the empty revert, even behind a reserve whose mint fails by itself."""
    weth, usdc = recorder.address("WETH"), recorder.address("USDC")
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    assert send(recorder, ALICE, "pool", MINT, calldata(MINT, [usdc, weth])).ok
    pool = recorder.address("pool")
    for _ in range(2):  # until v3.3 a balance has room for the first
        edit(chain, lambda twin: owe(twin, pool, weth, 2**128 - 1))
        by_itself = send(recorder, ALICE, "pool", MINT, calldata(MINT, [weth, usdc]))
    assert not by_itself.ok
    assert by_itself.ret
    data = calldata(MINT, [weth, usdc, weth])
    for words in ((2,), (3,), (4,), (2, 3, 4)):
        assert send(recorder, ALICE, "pool", MINT, soiled(data, *words)).ret == b""
    for offset in BAD_OFFSETS:
        send(recorder, ALICE, "pool", MINT, replaced(data, 0, offset))
    for length in (*BAD_LENGTHS, 4):
        send(recorder, ALICE, "pool", MINT, replaced(data, 1, length))
    for size in range(4, len(data), 7):
        send(recorder, ALICE, "pool", MINT, data[:size])
    for shorter in (1, 2):  # what lies behind the end may be anything
        assert send(recorder, ALICE, "pool", MINT, soiled(replaced(data, 1, shorter), 4)).ret == by_itself.ret
    edit(chain, lambda twin: owe(twin, pool, weth, 0))  # what is written by hand is not undone with the calls
