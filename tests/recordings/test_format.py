"""Files that are no recordings are refused with the file, the line and what is wrong."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol.recordings.recording import Recording, RecordingError, known_recordings
from pooltwin.protocol.recordings.verification import verify

USER = "0x" + "11" * 20
HEADER = {
    "format": 1,
    "revision": "3.7",
    "seed": 1,
    "steps": 0,
    "chainId": 1,
    "admin": USER,
    "treasury": USER,
    "umbrella": USER,
    "receiver": USER,
    "users": [USER],
    "reserves": ["WETH"],
    "addresses": {"WETH": "0x" + "22" * 20, "agg_WETH": "0x" + "33" * 20},
}
TOKEN = {"deploy": "WETH", "kind": "TestnetERC20", "address": "0x" + "22" * 20, "args": ["WETH", "WETH", 18, USER]}
FEED = {"deploy": "agg_WETH", "kind": "MockAggregator", "address": "0x" + "33" * 20, "args": [5]}
CALL = {
    "t": 1,
    "n": 1,
    "from": USER,
    "to": "WETH",
    "fn": "decimals()",
    "data": "0x313ce567",
    "ok": True,
    "ret": "0x" + f"{18:064x}",
    "logs": [],
}
PRICE = {"t": 2, "n": 2, "price": "WETH", "value": "7"}


def _write(tmp_path: Path, *records: Any) -> Any:
    path = tmp_path / "made-up.jsonl"
    path.write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
    return path


def test_a_made_up_history_verifies(tmp_path: Path) -> None:
    result = verify(_write(tmp_path, HEADER, TOKEN, FEED, CALL, PRICE))
    assert result.ok
    assert (result.revision, result.calls, result.records) == ("3.7", 1, 4)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([HEADER | {"format": 2}], "line 1: format"),
        ([HEADER | {"revision": "9.9"}], "line 1: revision '9.9' is not known"),
        ([HEADER | {"seed": -1}], "line 1: seed"),
        ([HEADER | {"seed": "1"}], "line 1: seed"),
        ([HEADER | {"admin": "0x12"}], "line 1: admin"),
        ([HEADER | {"extra": 1}], "line 1: extra"),
        ([{key: value for key, value in HEADER.items() if key != "users"}], "line 1: users"),
        ([HEADER, {"unknown": 1}], "line 2: no record of a known kind"),
        ([HEADER, 5], "line 2: no record of a known kind"),
        ([HEADER, "fn"], "line 2: no record of a known kind"),
        ([HEADER, CALL | {"data": "0x1"}], "line 2: data"),
        ([HEADER, CALL | {"data": "0x 1"}], "line 2: data"),
        ([HEADER, CALL | {"data": "313ce567"}], "line 2: data"),
        ([HEADER, CALL | {"t": 1.5}], "line 2: t"),
        ([HEADER, CALL | {"ok": 1}], "line 2: ok"),
        ([HEADER, CALL | {"to": "nobody"}], "line 2: nothing is known by the label 'nobody'"),
        ([HEADER, PRICE | {"value": "07"}], "line 2: value"),
        ([HEADER, PRICE | {"price": "WBTC"}], "line 2: nothing is known by the label 'agg_WBTC'"),
        ([HEADER, PRICE], "line 2: there is no price feed of WETH"),
        ([HEADER, FEED, PRICE | {"value": str(2**255)}], "line 3: price:"),
        ([HEADER, FEED | {"kind": "Feed"}], "line 2: agg_WETH cannot be deployed: no contract of kind 'Feed'"),
        ([HEADER, FEED | {"args": [1, 2, 3]}], "line 2: agg_WETH cannot be deployed"),
        ([HEADER, FEED, FEED], "line 3: agg_WETH cannot be deployed: there is a contract at"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(tmp_path: Path, records: Any, message: str) -> None:
    path = _write(tmp_path, *records)
    with pytest.raises(RecordingError) as caught:
        verify(path)
    assert str(caught.value).startswith(f"{path}, {message}")


@pytest.mark.parametrize(
    ("records", "place", "recorded", "twin"),
    [
        ([TOKEN, CALL | {"ret": "0x" + f"{17:064x}"}], "outcome of WETH.decimals()", "returned [17]", "returned [18]"),
        ([TOKEN, CALL | {"ok": False, "ret": "0x"}], "outcome of WETH.decimals()", "reverted: empty", "returned [18]"),
        ([TOKEN, CALL | {"fn": "name()"}], "function of", "name()", "decimals()"),
        ([TOKEN, CALL | {"from": "0x" + "77" * 20}], "sender", "0x7777", "an account that the header names"),
        ([TOKEN, CALL | {"logs": [["WETH", ["0x" + "00" * 32], "0x"]]}], "logs of", "WETH: topics", "no further log"),
        ([TOKEN, CALL, CALL | {"t": 0}], "time", "block 1 at 0", "block 1 at 1 was the last"),
        ([TOKEN, CALL, CALL | {"n": 0}], "time", "block 0 at 1", "block 1 at 1 was the last"),
        ([TOKEN, CALL, CALL | {"t": 2}], "time", "block 1 at 2", "block 1 at 1 was the last"),
        ([FEED | {"address": USER}], "address of agg_WETH", USER, "0x3333"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_both_sides_of_a_difference_in_words(
    tmp_path: Path, records: Any, place: Any, recorded: Any, twin: Any
) -> None:
    path = _write(tmp_path, HEADER, *records)
    difference = verify(path).difference
    assert difference is not None
    assert difference.line == len(records) + 1
    assert place in difference.place
    assert recorded in difference.recorded
    assert twin in difference.twin


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"{", "inside a line"), (b"{\n", "line 1"), (b"\xff\n", "cannot be read"), (b"null\n", "line 1")],
)
def test_files_that_are_nothing(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "nothing.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=rf"nothing\.jsonl.*{message}"):
        verify(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"missing\.jsonl\.gz: cannot be read"):
        verify(tmp_path / "missing.jsonl.gz")
    with pytest.raises(RecordingError, match="cannot be read"):
        verify(tmp_path)
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b"{}\n")[:12])
    with pytest.raises(RecordingError, match=r"cut\.jsonl\.gz: cannot be read"):
        list(Recording(cut))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_whether_it_is_compressed_is_told_by_the_content(tmp_path: Path, name: str, pack: Any) -> None:
    path = tmp_path / name
    path.write_bytes(pack((json.dumps(HEADER) + "\n").encode()))
    assert Recording(path).header.revision == HEADER["revision"]


@given(line=st.one_of(st.text(max_size=80), st.recursive(st.none() | st.integers(), st.lists).map(json.dumps)))
def test_any_second_line(tmp_path_factory: pytest.TempPathFactory, line: Any) -> None:
    """Whatever stands there, reading it ends in a record or a clear refusal."""
    path = tmp_path_factory.mktemp("any") / "any.jsonl"
    path.write_text(json.dumps(HEADER) + "\n" + line.replace("\n", " ") + "\n")
    with pytest.raises(RecordingError, match=r"any\.jsonl, line 2"):
        list(Recording(path))


def test_checksums_are_validated() -> None:
    assert known_recordings("{}") == {}
    with pytest.raises(ValueError, match="no checksums of recordings"):
        known_recordings('{"3.7-1-2500": {"header": "12", "body": "34"}}')
    with pytest.raises(ValueError, match="no checksums of recordings"):
        known_recordings("[")
