"""A scenario: one document that says everything a run depends on, checked as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pooltwin.protocol.models import MarketConfig
from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag

from ..books.config import BookConfig
from ..engine.phase import SECONDS_A_BLOCK
from ..oracles.config import OracleConfig
from ..paths.config import PathConfig
from ..venues.config import VenueConfig
from .cast import Cast, entry_schemas

FORMAT = "pooltwin scenario 1"
Laws = Literal["every step", "end", "off"]
MarketName = Annotated[str, Field(min_length=1)]
_FORM = Discriminator(lambda data: "as it is" if isinstance(data, dict | MarketConfig) else "by name")
LONGEST_S = 10 * 366 * 86_400


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class PriceSettings(_Part):
    """How one asset's price moves."""

    path: PathConfig
    """The price outside, in dollars for a whole token."""
    oracle: OracleConfig = ()
    """The stages between the price outside and the pool, in order; without any, the pool is told it at once."""


class Measuring(_Part):
    """When the market is measured."""

    every_s: Annotated[int, Field(ge=SECONDS_A_BLOCK)] | None = None
    """A row of measurements so often, in seconds, rounded to blocks of 12 s; unless given, one at every print. There is
    always one of the first block and one of the last, and what stood at prints in between is kept."""


class Scenario(_Part):
    """A run: a market, how prices move, where is sold, who acts, and for how long."""

    format: Literal["pooltwin scenario 1"]
    """What this file is."""
    title: Annotated[str, Field(min_length=1, max_length=200)]
    """What the run is called."""
    market: Annotated[Annotated[MarketName, Tag("by name")] | Annotated[MarketConfig, Tag("as it is")], _FORM]
    """The market: one that ships by its name, a file by its path as seen from this one, or a market as it stands."""
    revision: str = ""
    """The release to run on; the market's own unless given. What it lacks of the market is left out, and said."""
    reserves: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """The reserves to keep, by key; all unless given."""
    start: Annotated[AwareDatetime, Field(strict=False)] | None = None
    """The time of the first block, with its time zone, as 2026-02-01T00:00:00Z; unless given, that of the market's
    state, or 2026-02-02T02:40:00Z where it has none."""
    duration_s: Annotated[int, Field(ge=0, le=LONGEST_S)]
    """How long it takes, in seconds. A block comes every 12 seconds."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """What everything that is drawn follows from: paths, books and the draws of agents, each by its name."""
    prices: dict[str, PriceSettings] = {}
    """By key of the reserve, how its price moves; the price of the others stays as the market has it."""
    venues: dict[str, VenueConfig] = {}
    """By key of the reserve, where it is sold; the others are sold at the price outside without limit."""
    book: BookConfig | None = None
    """Accounts that are there from the beginning, beside those of the market's state: who may be liquidated enters the
    market by itself, for all others one account stands. Needs NumPy: `pip install "pooltwin[bulk]"`."""
    agents: Annotated[tuple[Cast, ...], Field(strict=False)] = ()
    """Who acts, each by its kind with its settings."""
    measure: Measuring = Measuring()
    """How often the market is measured."""
    laws: Laws = "off"
    """Whether the lender-protection laws are asked: of every step, of the state at the end, or not."""

    @property
    def blocks(self) -> int:
        """How many blocks follow the first."""
        return self.duration_s // SECONDS_A_BLOCK

    def complete(self) -> dict[str, Any]:
        """Write it as data with every default."""
        return self.model_dump(mode="json")


def schema() -> dict[str, Any]:
    """Describe a scenario's file as JSON Schema."""
    made = Scenario.model_json_schema()
    entries, definitions = entry_schemas()
    made["properties"]["agents"]["items"] = {"anyOf": entries}
    made["$defs"] |= definitions
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
