"""The sweep file: which study, where its parameters begin, and what is varied. It is checked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pooltwin.protocol.files import reason_of
from pooltwin.protocol.refusal import MalformedError, read_model
from pydantic import Field, JsonValue, model_validator

from ..units import Frozen
from .study import SweepError

FORMAT = "pooltwin sweep 1"
PlaceInside = Annotated[str, Field(min_length=1, pattern=r"^[^.\s]+(\.[^.\s]+)*$")]
"""A place inside the parameters: keys, names or numbers of members, with dots between."""


class Axis(Frozen):
    """One place inside the parameters, and the values that it takes."""

    path: PlaceInside
    values: Annotated[tuple[JsonValue, ...], Field(strict=False, min_length=1)]


class Seeds(Frozen):
    """So many seeds in a row."""

    first: int = 1
    count: Annotated[int, Field(ge=1, le=1_000_000)]


class SweepFile(Frozen):
    """A sweep as its file tells it."""

    format: Literal["pooltwin sweep 1"]
    title: str = ""
    scenario: Annotated[str, Field(min_length=1)]
    """`trend-research`, the path of a scenario file beside this one, or `module:NAME` of a study of one's own."""
    parameters: dict[str, JsonValue] = {}
    """What every run has otherwise than the default. For a scenario file: otherwise than the file, by place."""
    grid: Annotated[tuple[Axis, ...], Field(strict=False)] = ()
    """Axes: every value of each with every value of all others."""
    runs: Annotated[tuple[dict[PlaceInside, JsonValue], ...], Field(strict=False)] = ()
    """Single runs besides the grid: the places that each changes, with their values."""
    seeds: Annotated[tuple[int, ...], Field(strict=False)] | Seeds = ()
    """Each run once with each of these seeds."""

    @model_validator(mode="after")
    def _each_place_once(self) -> Self:
        paths = [axis.path for axis in self.grid]
        for path in paths:
            if paths.count(path) > 1:
                raise ValueError(f"two axes of the grid have the path {path}")
        return self

    def all_seeds(self) -> tuple[int, ...]:
        """List the seeds."""
        if isinstance(self.seeds, Seeds):
            return tuple(range(self.seeds.first, self.seeds.first + self.seeds.count))
        return self.seeds


def read_sweep(path: Path) -> SweepFile:
    """Read a sweep file. Raises SweepError, naming the file and every fault."""
    try:
        return read_model(SweepFile, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise SweepError(f"{path} is no sweep file: {reason_of(error)}") from error
