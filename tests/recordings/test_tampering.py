"""A recording of which one digit was changed does not verify."""

import gzip
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.fixtures import recording_checksums, recording_paths
from pooltwin.protocol.recordings.recording import Recording, RecordingError
from pooltwin.protocol.recordings.verification import verify

NUMBERS = re.compile(r"0x[0-9a-f]+|(?<![\w.])\d+(?![\w.])")
LINES = 600
"""How much of each recording is tampered with: its set-up, several read-outs of the state, and calls of every kind."""


@pytest.fixture(scope="module", params=["v3.6-1", "v3.7-2"])
def history(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The first lines of a recording, the file to write changed ones to, and the checksums of the unchanged."""
    path = next(path for path in recording_paths() if path.name.startswith(request.param))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [line for line, _ in zip(file, range(LINES), strict=False)]
    scratch = tmp_path_factory.mktemp("tampered") / "history.jsonl"
    scratch.write_text("".join(lines))
    recording = Recording(scratch)
    assert len(list(recording)) == LINES - 1
    return lines, scratch, {"history": recording.checksums()}


def _is_accepted(scratch: Any, lines: Any, known: Any) -> Any:
    """Does a changed recording verify? A refusal names the file and the place."""
    scratch.write_text("".join(lines))
    try:
        difference = verify(scratch, known=known).difference
    except RecordingError as error:
        assert scratch.name in str(error)  # noqa: PT017 - either of two outcomes is right
        return False
    if difference is not None:
        assert difference.line > 0
        assert difference.place
        assert difference.recorded != difference.twin
    return difference is None


def _with_other_digit(draw: Any, line: Any, spans: Any) -> Any:
    start, end = draw(st.sampled_from(spans))
    is_hex = line.startswith("0x", start)
    where = draw(st.integers(start + 2 if is_hex else start, end - 1))
    digits = "0123456789abcdef" if is_hex else "0123456789"
    other = draw(st.sampled_from([digit for digit in digits if digit != line[where]]))
    return line[:where] + other + line[where + 1 :]


def _spans(line: Any) -> Any:
    return [found.span() for found in NUMBERS.finditer(line) if found.group() != "0x"]


@settings(max_examples=60)
@given(data=st.data())
def test_any_digit_anywhere(history: Any, data: st.DataObject) -> None:
    lines, scratch, known = history
    where = data.draw(st.integers(0, len(lines) - 1))
    changed = _with_other_digit(data.draw, lines[where], _spans(lines[where]))
    assert not _is_accepted(scratch, [*lines[:where], changed, *lines[where + 1 :]], known)


@settings(max_examples=60)
@given(data=st.data())
def test_any_digit_of_what_came_out_is_noticed_by_replaying_alone(history: Any, data: st.DataObject) -> None:
    """Return data, revert data, logs and read-outs: no checksum is needed to see that they are not the twin's."""
    lines, scratch, _ = history
    outputs = [index for index, line in enumerate(lines) if '"ret":"0x' in line or line.startswith('{"state"')]
    where = data.draw(st.sampled_from(outputs))
    line = lines[where]
    begin = line.index('"ok":') if '"ok":' in line else line.index('"reserves":')
    spans = [(start, end) for start, end in _spans(line) if start > begin]
    if not spans:
        return
    changed = _with_other_digit(data.draw, line, spans)
    assert not _is_accepted(scratch, [*lines[:where], changed, *lines[where + 1 :]], {})


@settings(max_examples=20)
@given(data=st.data())
def test_a_turned_outcome_is_noticed_by_replaying_alone(history: Any, data: st.DataObject) -> None:
    lines, scratch, _ = history
    where = data.draw(st.sampled_from([index for index, line in enumerate(lines) if '"ok":' in line]))
    turned = lines[where].replace('"ok":true', '"ok":TRUE').replace('"ok":false', '"ok":true').replace("TRUE", "false")
    assert turned != lines[where]
    assert not _is_accepted(scratch, [*lines[:where], turned, *lines[where + 1 :]], {})


@settings(max_examples=20)
@given(data=st.data())
def test_lines_left_out_doubled_or_exchanged(history: Any, data: st.DataObject) -> None:
    lines, scratch, known = history
    where = data.draw(st.integers(1, len(lines) - 2))
    first, second = lines[where], lines[where + 1]
    change = data.draw(st.sampled_from(["left out", "doubled", "exchanged"]))
    middle = {"left out": [second], "doubled": [first, first, second], "exchanged": [second, first]}[change]
    if middle == [first, second]:
        return
    assert not _is_accepted(scratch, [*lines[:where], *middle, *lines[where + 2 :]], known)


def test_what_replaying_cannot_see(history: Any) -> None:
    """The seed in the header, and an argument of a call that reverts before it is looked at."""
    lines, scratch, known = history
    seed = json.loads(lines[0])["seed"]
    header = lines[0].replace(f'"seed": {seed}', f'"seed": {seed + 10}')
    assert header != lines[0]
    assert _is_accepted(scratch, [header, *lines[1:]], {})
    assert not _is_accepted(scratch, [header, *lines[1:]], known)
    assert _is_accepted(scratch, lines, known)


def test_an_edit_is_called_an_edit(history: Any) -> None:
    lines, scratch, known = history
    header = lines[0].replace('"steps": 2500', '"steps": 2501')
    scratch.write_text("".join([header, *lines[1:]]))
    difference = verify(scratch, known=known).difference
    assert difference is not None
    assert "the recording has been edited" in difference.place
    assert difference.twin == known["history"].header


def test_the_beginning_of_a_known_recording_is_not_that_recording(history: Any) -> None:
    lines, scratch, _ = history
    scratch.write_text("".join(lines))
    difference = verify(scratch, known=recording_checksums()).difference
    assert difference is not None
    assert "has been edited" in difference.place


def test_unknown_recordings_are_judged_by_their_replay(history: Any) -> None:
    lines, scratch, known = history
    header = lines[0].replace('"seed": ', '"seed": 99')
    unknown = [header, *lines[1:-1]]
    assert _is_accepted(scratch, unknown, known)
    assert _is_accepted(scratch, unknown, recording_checksums())


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_archive(history: Any, data: st.DataObject) -> None:
    """Any byte of the compressed file: refused, or it holds the same text all the same (there is a date in it)."""
    lines, scratch, _ = history
    packed = gzip.compress("".join(lines[:120]).encode(), mtime=0)
    where = data.draw(st.integers(0, len(packed) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != packed[where]))
    archive = scratch.with_name("history.jsonl.gz")
    archive.write_bytes(packed[:where] + bytes([other]) + packed[where + 1 :])
    try:
        text = _text_of(archive)
    except RecordingError as error:
        assert archive.name in str(error)  # noqa: PT017 - either of two outcomes is right
    else:
        assert text == lines[:120]


def test_an_archive_that_ends_early(history: Any) -> None:
    lines, scratch, _ = history
    packed = gzip.compress("".join(lines[:120]).encode(), mtime=0)
    archive = scratch.with_name("history.jsonl.gz")
    archive.write_bytes(packed)
    assert _text_of(archive) == lines[:120]
    for length in range(0, len(packed), 997):
        archive.write_bytes(packed[:length])
        with pytest.raises(RecordingError, match=r"history\.jsonl\.gz"):
            _text_of(archive)


def _text_of(archive: Any) -> Any:
    """The lines of a recording, read the way `verify` reads it and once more by other means."""
    recording = Recording(archive)
    list(recording)
    with gzip.open(archive, "rt", encoding="utf-8") as file:
        return list(file)
