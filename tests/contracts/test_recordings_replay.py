"""The contracts compiled here are those the recordings were made on."""

import json

import pytest

from .harness.artifacts import ArtifactSet
from .harness.evm import calldata
from .harness.replay import RECORDINGS, DifferenceError, Record, Replay, read_records, replay


@pytest.mark.parametrize(("seed", "transactions"), [(1, 3241), (2, 3266), (3, 3150), (4, 3235)])
def test_a_recorded_history_comes_out_the_same(artifacts_v3_6: ArtifactSet, seed: int, transactions: int) -> None:
    path = RECORDINGS / f"v3.6-{seed}.jsonl.gz"
    run = replay(path, artifacts_v3_6)
    assert (run.compared["deploy"], run.compared["tx"], run.compared["state"]) == (26, transactions, 51)


def first_records(count: int) -> list[Record]:
    records = read_records(RECORDINGS / "v3.6-1.jsonl.gz")
    return [next(records) for _ in range(count)]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("ok", False, "ok: recorded False, the contracts give True"),
        ("ret", "0x01", "ret: recorded '0x01', the contracts give '0x'"),
        ("logs", [], r"logs: recorded \[\], the contracts give \[\["),
    ],
)
def test_a_wrong_answer_is_noticed(artifacts_v3_6: ArtifactSet, field: str, value: object, message: str) -> None:
    header, provider, first_call = first_records(3)
    run = Replay(artifacts_v3_6, header)
    run.step(provider, "record 1")
    with pytest.raises(DifferenceError, match=message):
        run.step({**first_call, field: value}, "record 2")


def test_a_wrong_address_is_noticed(artifacts_v3_6: ArtifactSet) -> None:
    header, provider = first_records(2)
    wrong = {**provider, "address": "0x" + "11" * 20}
    with pytest.raises(DifferenceError, match="recorded '0x1111"):
        Replay(artifacts_v3_6, header).step(wrong, "record 1")


def test_a_wrong_state_is_noticed(artifacts_v3_6: ArtifactSet) -> None:
    records = read_records(RECORDINGS / "v3.6-1.jsonl.gz")
    run = Replay(artifacts_v3_6, next(records))
    for record in records:
        if "state" in record:
            break
        run.step(record, "setup")
    wrong = json.loads(json.dumps(record))
    wrong["state"]["users"][run.header["users"][0]]["balances"]["USDC"][3] += "0"
    with pytest.raises(DifferenceError, match=r"users\.0x1111\w+\.balances\.USDC\[3\]: recorded"):
        run.step(wrong, "record")


def test_undone_restores_storage_price_nonce_and_time(artifacts_v3_6: ArtifactSet) -> None:
    run = replay(RECORDINGS / "v3.6-1.jsonl.gz", artifacts_v3_6, limit=400)
    chain, admin, addresses = run.chain, run.header["admin"], run.addresses
    price = calldata("getAssetPrice(address)", addresses["WETH"])

    def facts() -> tuple[object, ...]:
        answer = chain.call(admin, addresses["oracle"], price)
        return chain.nonce(admin), chain.timestamp, chain.block_number, answer, chain.storage(addresses["pool"], 0)

    before = facts()
    with chain.undone():
        chain.set_time(chain.timestamp + 100, chain.block_number + 1)
        chain.set_price(addresses["agg_WETH"], 7)
        chain.deploy(admin, "MockAggregator", [1])
        mint = calldata("mint(address,uint256)", admin, 5)
        assert chain.transact(admin, addresses["WETH"], mint).ok
        assert facts()[:4] != before[:4]
    assert facts() == before
