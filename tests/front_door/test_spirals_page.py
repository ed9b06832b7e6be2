"""The page about liquidation spirals has the boundaries of the markets that ship."""

import runpy

from ..unit.source import ROOT


def test_the_page_is_made_of_the_markets() -> None:
    made: str = runpy.run_path(str(ROOT / "docs" / "_tools" / "spirals.py"))["page"]()
    assert (ROOT / "docs" / "explanation" / "spirals.md").read_text(encoding="utf-8") == made
    assert "| WETH | 83% | 5% | 0.8715 | 12.85% | 17% |" in made
