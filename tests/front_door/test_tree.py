"""ARCHITECTURE.md, CONTRIBUTING.md and their like name what exists, and leave nothing out."""

import re
import tomllib

import pytest

from ..unit.source import ROOT
from .tree import missing_paths, named_paths, picture, rooms_and_modules

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
GUIDES = (
    *(
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "docs/pages/which-command.md",
        "docs/explanation/exactness.md",
    ),
    *("docs/explanation/laws.md", "docs/explanation/releases.md", "docs/reference/formats.md", "tests/README.md"),
)


@pytest.mark.parametrize("guide", GUIDES[:-1])
def test_every_path_that_a_guide_names_exists(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    assert named_paths(text)
    assert missing_paths(text) == []


def test_that_check_can_fail() -> None:
    assert missing_paths("See `protocol/logic/liquidation.py` and `close_factor.py`.") == ["close_factor.py"]
    assert missing_paths("```sh\npython docs/_tools/nothing.py\n```") == ["docs/_tools/nothing.py"]
    assert missing_paths("In `tests/laws/example_project`.") == ["tests/laws/example_project"]


def test_the_picture_shows_every_room_and_module_and_nothing_else() -> None:
    shown = picture(ARCHITECTURE)
    for path in shown:
        assert (ROOT / path).exists(), path
    inside = {path for path in shown if path.rstrip("/").count("/")}
    assert inside == rooms_and_modules()


def test_a_picture_of_something_else_is_noticed() -> None:
    drawn = "```text\nprotocol/   the twin\n  logic/    rules\n  chain.py market.py   two\n```"
    assert picture(drawn) == ["protocol/", "protocol/logic/", "protocol/chain.py", "protocol/market.py"]
    with pytest.raises(ValueError, match="not a line of the picture"):
        picture("```text\nprotocol/\n```")


RECIPES = (
    *("A release", "A parameter of a reserve", "A field of a reserve's struct", "A law", "A fault", "An agent"),
    *("A command", "Release notes", "One command checks everything"),
)


def test_there_is_a_recipe_for_each_kind_of_change() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(RECIPES) <= set(headings)


def test_the_words_are_in_order_and_each_is_explained_in_a_sentence() -> None:
    glossary = ARCHITECTURE.partition("<!-- glossary -->")[2].partition("<!-- end of the glossary -->")[0]
    rows = re.findall(r"^\| \*\*(.+?)\*\*.* \| (.+) \|$", glossary, re.MULTILINE)
    words = [word for word, _ in rows]
    assert words == sorted(words)
    assert len(words) >= 35
    for word, meaning in rows:
        assert 20 <= len(meaning) <= 180, word
        assert not meaning.endswith("."), word


def test_the_hooks_before_a_commit_are_tools_of_the_extra() -> None:
    hooks = re.findall(r"entry: (\S+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    tools = {re.split(r"[><=\[]", requirement)[0] for some in extras.values() for requirement in some}
    assert hooks == ["ruff", "ruff", "mypy"]
    assert {*hooks, "pre-commit", "sphinx"} <= tools
    assert "https:" not in (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
