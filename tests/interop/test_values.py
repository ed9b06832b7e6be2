"""Values as other tools write them: which are taken, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.interop import ForeignFileError
from pooltwin.interop.formats import values

NUMBERS = st.integers(0, 2**256 - 1)
WRITTEN = (
    lambda number: number,
    str,
    lambda number: f"{number}n",
    hex,
    lambda number: {"type": "BigNumber", "hex": hex(number)},
    lambda number: {"_hex": hex(number), "_isBigNumber": True},
)
"""A whole number by Python, viem, superjson, ethers 6 and 5."""


@given(NUMBERS, st.sampled_from(WRITTEN))
def test_a_whole_number_is_read_however_it_is_written(number: int, write: Any) -> None:
    text = json.dumps({"value": write(number)})
    assert values.count(values.json_in(text, "")["value"], "value") == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1e+27", "value is 1e+27, a rounded number: its last digits are lost; write it in full"),
        ("1.0", "value is 1.0, a rounded number"),
        ("NaN", "value is NaN, a rounded number"),
        ('"1.5"', 'value is "1.5", no whole number'),
        ('""', 'value is "", no whole number'),
        ("true", "value is true, no whole number"),
        ("null", "value is null, no whole number"),
        ('"٣"', 'value is "٣", no whole number'),
        ('"1_000"', 'value is "1_000", no whole number'),
        ("-1", "value is -1, below 0"),
        ('{"hex": 5}', "value is 5, no whole number"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ForeignFileError, match="value is") as refused:
        values.count(values.json_in(f'{{"value": {text}}}', "")["value"], "value")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "wanted; this is no JSON: Expecting property name enclosed in double quotes, line 1, column 2"),
        ("[" * 100_000, "wanted; this is nested too deeply to be read"),
        ('{"a": 1, "a": 2}', "'a' is there twice in one object"),
        ("9" * 5_000, "wanted; Exceeds the limit"),
    ],
)
def test_what_is_no_json_is_refused_with_what_is_wanted(text: str, said: str) -> None:
    with pytest.raises(ForeignFileError) as refused:
        values.json_in(text, "wanted")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("value", [True, "true", "True", "TRUE", " true "])
def test_a_switch_is_read_however_it_is_written(value: Any) -> None:
    assert values.switch(value, "here")


@pytest.mark.parametrize("value", [1, 0, "yes", "1", None, []])
def test_what_is_no_switch_is_refused(value: Any) -> None:
    with pytest.raises(ForeignFileError, match=r"^here is .*, neither true nor false$"):
        values.switch(value, "here")


@pytest.mark.parametrize("value", ["0x12", "12" * 20, f"0x{'g' * 40}", 5, None, values.Rounded("1.5")])
def test_what_is_no_address_is_refused(value: Any) -> None:
    with pytest.raises(ForeignFileError, match=r"^here is .*, no (address|text)"):
        values.address(value, "here")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(ForeignFileError, match="there is no such file"):
        values.read_text(tmp_path / "none.json")
    with pytest.raises(ForeignFileError, match="is a folder"):
        values.read_text(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(ForeignFileError, match="UTF-8"):
        values.read_text(tmp_path / "bytes")


@given(st.integers(0, 10**29))
def test_rates_are_in_basis_points_where_they_are_whole_ones(ray: int) -> None:
    ((name, value),) = values.finest("slope1", ray).items()
    assert value * (10**23 if name == "slope1_bps" else 1) == ray
    assert values.finest("slope1", ray * 10**23) == {"slope1_bps": ray}
