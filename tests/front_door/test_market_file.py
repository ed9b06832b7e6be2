"""The page of a market's file says what the models say, and every field says something."""

import runpy
from collections.abc import Iterator
from typing import Any

from pooltwin.protocol.models import MarketConfig

from ..unit.source import ROOT


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every field of every model of a market's file."""
    schema = MarketConfig.model_json_schema()
    for name, model in {"MarketConfig": schema, **schema["$defs"]}.items():
        for field, said in model.get("properties", {}).items():
            yield name, field, said


def test_the_page_is_made_of_the_models() -> None:
    made: str = runpy.run_path(str(ROOT / "docs" / "_tools" / "market_file.py"))["page"]()
    assert (ROOT / "docs" / "reference" / "market-file.md").read_text(encoding="utf-8") == made
    assert all(f"| `{field}` |" in made for _, field, _ in fields())


def test_every_field_is_described_and_those_with_units_name_them() -> None:
    described = {f"{name}.{field}": said.get("description", "") for name, field, said in fields()}
    assert [place for place, words in described.items() if len(words) < 9] == []
    units = {"_bps": "basis points", "_ray": "ray", "_cap": "whole tokens", "ceiling": "cents", "_until": "seconds"}
    unnamed = [
        place
        for place, words in described.items()
        for ending, unit in units.items()
        if place.endswith(ending) and unit not in words
    ]
    assert unnamed == []
