"""Read-outs of extreme markets: what a view says that reverts is null, in recordings, in the twin and when verified."""

import gzip
import json
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.recordings.readout import read_out
from pooltwin.protocol.recordings.verification import verify

from .harness.artifacts import ArtifactSet
from .harness.given import Release
from .harness.lockstep import LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, ASSETS, RECEIVER, SUPPLY, open_market
from .harness.planting import edit
from .harness.readout import Reader
from .harness.recorder import Recorder
from .histories.user_calls import BORROW

DUST = "DUST"
ALICE, BOB = ACCOUNTS[:2]
YEAR = 365 * 86400
EXTREME_INDEX = 2**128 - 1


def grown(chain: Chain, pool: str, asset: str) -> None:
    """Bring the index of debt to its limit, and the rate too."""
    reserve = chain.at(pool).reserves[asset]
    reserve.variable_borrow_index = EXTREME_INDEX
    reserve.current_variable_borrow_rate = EXTREME_INDEX


def nulls(value: Any, place: str = "") -> set[str]:
    """The last part of the places where something is null."""
    if isinstance(value, dict):
        return {found for key, member in value.items() for found in nulls(member, key)}
    if isinstance(value, list):
        return {found for index, member in enumerate(value) for found in nulls(member, f"{place}[{index}]")}
    return {place} if value is None else set()


def test_both_sides_read_out_nothing_where_views_revert(any_release: Release) -> None:
    _, recorder = open_market(any_release.artifacts, any_release.revision, 1, 1, in_lockstep_with(any_release.revision))
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    dust = recorder.address(DUST)
    recorder.transact(ALICE, "pool", BORROW, dust, 10**30, 2, 0, ALICE)
    edit(chain, lambda twin: grown(twin, recorder.address("pool"), dust))
    seen = set()
    for years in (0, 1, 100, 30_000 - 100):
        chain.set_time(min(chain.timestamp + years * YEAR, 2**40 - 1), chain.block_number + 1)
        real = Reader(chain, recorder.addresses).state([a.symbol for a in ASSETS], (ALICE, RECEIVER))
        assets = {asset.symbol: recorder.address(asset.symbol) for asset in ASSETS}
        assert read_out(chain.twin, recorder.address("provider"), assets, (ALICE, RECEIVER)) == real
        seen |= nulls(real)
    assert seen >= {"vTokenTotalSupply", "normalizedDebt", "account", f"{DUST}[4]"}


def rates_at_the_limit(recorder: Recorder) -> None:
    """The dearest debt that governance can set, on something of which there is nearly more than balances hold."""
    dust = recorder.address(DUST)
    rates = encode(["uint256"] * 4, [100, 0, 50_000, 50_000])
    amount = 2**118
    for sender, to, signature, *arguments in (
        (ADMIN, "configurator", "setReserveInterestRateData(address,bytes)", dust, rates),
        (ADMIN, DUST, "mint(address,uint256)", BOB, amount),
        (BOB, "pool", SUPPLY, dust, amount, BOB, 0),
        (BOB, "pool", BORROW, dust, amount // 4, 2, 0, BOB),
    ):
        assert recorder.transact(sender, to, signature, *arguments).ok, signature


def test_a_recording_of_an_extreme_market_is_verified(artifacts_v3_6: ArtifactSet, tmp_path: Path) -> None:
    """Centuries of silence at the dearest rate, by calls alone."""
    head, recorder = open_market(artifacts_v3_6, "3.6", 1, 1)
    rates_at_the_limit(recorder)
    chain = recorder.chain
    for years in (1, 5, 200, 10_000, 20_000):
        chain.set_time(min(chain.timestamp + years * YEAR, 2**40 - 1), chain.block_number + 1)
        recorder.transact(ALICE, "pool", SUPPLY, recorder.address(DUST), 10**30, ALICE, 0)
        recorder.record_state(head["reserves"], (*ACCOUNTS, RECEIVER))
    path = tmp_path / "extreme.jsonl.gz"
    recorder.write(path, head)
    states = [record["state"] for record in recorder.records if "state" in record]
    assert "vTokenTotalSupply" in nulls(states[-1])
    assert verify(path).difference is None
    for written, said in ((None, "1"), ("1", None)):
        assert tampered(path, tmp_path / "other.jsonl.gz", written, said) is not None


def tampered(path: Path, other: Path, written: str | None, said: str | None) -> Any:
    """Swap a null for a number or a number for a null. Returns the difference that verifying finds."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    last = json.loads(lines[-1])
    reserve = last["state"]["reserves"][DUST]
    name = next(name for name, value in reserve.items() if (value is None) is (written is None))
    reserve[name] = said
    other.write_bytes(gzip.compress("\n".join([*lines[:-1], json.dumps(last), ""]).encode()))
    return verify(other).difference
