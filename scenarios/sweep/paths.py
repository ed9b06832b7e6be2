"""Places inside parameters: "wallets.0.share_bps", "agents.liquidator.latency_blocks"."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from .study import SweepError


def value_at(data: Any, path: str) -> Any:
    """Give the value at a place. Raises SweepError, naming what there is, where there is none."""
    for part in path.split("."):
        data = data[_step(data, part, path)]
    return data


def with_value(data: Any, path: str, value: Any) -> Any:
    """Give the same parameters with another value at one place. Raises SweepError where there is no such place."""
    part, _, rest = path.partition(".")
    return _with_value(data, part, rest, value, path)


def _with_value(data: Any, part: str, rest: str, value: Any, path: str) -> Any:
    step = _step(data, part, path)
    following, _, further = rest.partition(".")
    inner = _with_value(data[step], following, further, value, path) if rest else value
    if isinstance(data, list):
        return [inner if number == step else each for number, each in enumerate(data)]
    return {**data, step: inner}


def _step(data: Any, part: str, path: str) -> Any:
    """Find what one part of a path stands for: a key, the number of a member, or its name."""
    if isinstance(data, dict):
        if part in data:
            return part
        raise SweepError(f"{path}: there is no {part!r}; {_known(part, list(data))}")
    if isinstance(data, list):
        named = [each.get("name") for each in data if isinstance(each, dict)]
        if part in named and len(named) == len(data):
            return named.index(part)
        if part.isdigit() and int(part) < len(data):
            return int(part)
        names = [str(name) for name in named if name is not None] or [str(number) for number in range(len(data))]
        raise SweepError(f"{path}: there is no {part!r}; {_known(part, names)}")
    raise SweepError(f"{path}: there is nothing inside {data!r}, so no {part!r}; give the whole of it a value")


def _known(part: str, names: list[str]) -> str:
    near = get_close_matches(part, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there is {', '.join(names) or 'nothing'}"
