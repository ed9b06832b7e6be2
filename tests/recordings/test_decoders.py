"""What the real contracts answered and logged, read and written again: the same bytes, and nothing that stays raw."""

from collections import defaultdict
from pathlib import Path

import pytest
from pooltwin.protocol.errors import ErrorString, ErrorStyle, RawRevert, revert_of
from pooltwin.protocol.events import data_of, read_event, topics_of
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.machine.results import AnswerError
from pooltwin.protocol.recordings.recording import Call, Recording
from pooltwin.protocol.revisions import REVISIONS

HISTORIES = Path(__file__).with_name("histories")


def functions_of(revision: str) -> dict[bytes, list[Function]]:
    found: dict[bytes, list[Function]] = defaultdict(list)
    for cls in REVISIONS[revision].contracts.values():
        for selector, function in cls.functions.items():
            found[selector].append(function)
    return found


def is_result_of(function: Function, data: bytes) -> bool:
    try:
        return function.encode_result(function.decode_result(data)) == data
    except AnswerError:
        return False


@pytest.mark.parametrize(
    "name", ["v3.2-corners", "v3.3-hostile-21", "v3.4-corners", "v3.5-hostile-21", "v3.7-provoked"]
)
def test_recorded_bytes_are_read_and_written_again(name: str) -> None:
    recording = Recording(HISTORIES / f"{name}.jsonl.gz")
    style = REVISIONS[recording.header.revision].error_style
    functions = functions_of(recording.header.revision)
    coded = 0
    for _, record in recording:
        if not isinstance(record, Call):
            continue
        for _, topics, data in record.logs:
            raw = [bytes.fromhex(topic[2:]) for topic in topics], bytes.fromhex(data[2:])
            event = read_event(*raw)
            assert event is not None, topics
            assert (topics_of(event), data_of(event)) == raw
        answer, selector = bytes.fromhex(record.ret[2:]), bytes.fromhex(record.data[2:10])
        if record.ok:
            assert not answer or any(is_result_of(function, answer) for function in functions[selector]), record.fn
            continue
        revert = revert_of(answer, style)
        assert revert.data(style) == answer
        assert not isinstance(revert, RawRevert)
        coded += not isinstance(revert, ErrorString)
    assert coded > 10


def test_a_code_is_the_error_only_where_errors_are_codes() -> None:
    data = ErrorString("35").data()
    assert revert_of(data, ErrorStyle.CODES).name == "HealthFactorLowerThanLiquidationThreshold"
    assert isinstance(revert_of(data), ErrorString)
