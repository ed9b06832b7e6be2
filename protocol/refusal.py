"""Refusals of data from files, in words: what is wrong, a line each, with the place and the value.

A place names what it passes: "reserves[3] USDC: rates.slope1_bps" is a field of the fourth reserve, whose symbol is
USDC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Place = Sequence[int | str]
"""The way to a value: keys, and numbers of members."""

NAMES = ("key", "symbol", "label", "name", "id", "address")
"""What a member of a list is called by, the first that it has."""
SHOWN = 60
"""How much of a value is shown."""
_SHOULD = re.compile(r"^(Input|\w+) should ")


class MalformedError(ValueError):
    """Data that are not what they should be. `faults` tells each in one line; the message is all of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def read_model(model: type[Model], text: str) -> Model:
    """Read JSON as a model. Raises MalformedError with every fault: its place, the value and what is wrong."""
    data = json_in(text)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise MalformedError(faults_in(error, data, model)) from None


def json_in(text: str) -> Any:
    """Read JSON. Raises MalformedError, naming line and column, for what is none, and for a key that is there twice."""
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise MalformedError([f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"]) from None
    except RecursionError:
        raise MalformedError(["not JSON that can be read: it is nested too deeply"]) from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MalformedError([f"{_shown(key)} is there twice in one object: {_shown(found[key])}, {_shown(value)}"])
        found[key] = value
    return found


def faults_in(error: ValidationError, data: Any = None, model: type[BaseModel] | None = None) -> list[str]:
    """Tell what pydantic found wrong with data, each fault once. The model, if given, knows which keys were meant."""
    found = error.errors(include_url=False)
    places = [each["loc"] for each in found]
    told = []
    for each in found:
        loc = each["loc"]
        if each["type"] == "too_short" and any(len(other) > len(loc) and other[: len(loc)] == loc for other in places):
            continue  # members that are faulty themselves are not counted as missing
        place, what = place_in_words(loc, data), _what(each, model)
        told.append(f"{place}: {what.removeprefix(f'{_last_name(place)}: ')}" if place else what)
    return list(dict.fromkeys(told))


def place_in_words(loc: Place, data: Any = None) -> str:
    """Tell a place in data, with the names of the members of lists that it passes."""
    text, between = "", ""
    for number, part in enumerate(loc, 1):
        if isinstance(part, str) and _is_a_kind(part, data, is_last=number == len(loc)):
            continue
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and 0 <= part < len(data) else None
            name = _name_of(data)
            text, between = f"{text}[{part}]{name and f' {name}'}", ": " if name else "."
        else:
            data = data.get(part) if isinstance(data, dict) else None
            text, between = f"{text}{between}{part}", "."
    return text


def _is_a_kind(part: str, data: Any, *, is_last: bool) -> bool:
    """Tell a kind, by which a member of a union is checked, from a key: there is none such in the data."""
    if isinstance(data, dict):
        return part not in data and not is_last
    return not is_last or isinstance(data, str | int | float)


def _name_of(member: Any) -> str:
    if not isinstance(member, dict):
        return ""
    return next((str(member[key]) for key in NAMES if isinstance(member.get(key), str | int)), "")


def _last_name(place: str) -> str:
    return place.partition("] ")[2].rpartition(": ")[0] or place.partition("] ")[2]


def _what(found: Any, model: type[BaseModel] | None) -> str:
    kind, text, value = found["type"], str(found["msg"]), found.get("input")
    if kind == "json_invalid":
        return "not JSON"
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(str(found["loc"][-1]), list(_keys_at(model, found["loc"][:-1])), 1)
        return f"there is no such field{f'; did you mean {near[0]}?' if near else ''}"
    if kind in ("value_error", "assertion_error"):
        return text.partition(", ")[2]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _no_such_kind(found.get("ctx", {}))
    if _SHOULD.match(text):
        return _SHOULD.sub(f"{_shown(value)} should ", text, count=1)
    return f"{_shown(value)}: {text}"


def _no_such_kind(told: dict[str, Any]) -> str:
    """Say that a member is of a kind that there is not, or of none."""
    key, tag = str(told.get("discriminator", "")).strip("'"), told.get("tag")
    known = re.findall(r"'([^']*)'", str(told.get("expected_tags", "")))
    if tag is None:
        return f"{key} is missing"
    near = get_close_matches(str(tag), known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"there is no {key} {_shown(tag)}; {hint}"


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _keys_at(model: Any, loc: Place) -> Iterator[str]:
    """Give the keys that a model knows at a place."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        if not loc:
            yield from model.model_fields
        elif loc[0] in model.model_fields:
            yield from _keys_at(model.model_fields[str(loc[0])].annotation, loc[1:])
        return
    rest = loc[1:] if loc and (isinstance(loc[0], int) or get_origin(model) is dict) else loc
    for inner in get_args(model):
        yield from _keys_at(inner, rest[1:] if rest and rest[0] in _tags_of(inner) else rest)


def _tags_of(model: Any) -> tuple[Any, ...]:
    """Give the kinds by which a member of a union is told."""
    if not isinstance(model, type) or not issubclass(model, BaseModel) or "kind" not in model.model_fields:
        return ()
    return get_args(model.model_fields["kind"].annotation)
