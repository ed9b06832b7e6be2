"""What the pages of the documentation show works, and every public name is told in the reference."""

import re
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from ..unit.source import ROOT, name_of
from .faces import FACES

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """Python of a page, and what the page says it prints, if it says so."""

    code: str
    printed: str | None


def shown_blocks(text: str) -> list[Block]:
    """The Python of a page in order, each block with the text that stands right behind it."""
    found: list[Block] = []
    end = -1
    for fence in FENCE.finditer(text):
        language, content = fence.groups()
        if language == "python":
            found.append(Block(content, None))
        elif language == "text" and found and not text[end : fence.start()].strip():
            found[-1] = found[-1]._replace(printed=content)
        end = fence.end() if language == "python" else -1
        if end == -1:
            end = len(text)
    return found


def run_page(text: str, name: str) -> int:
    """Run the Python of a page from top to bottom and compare what it prints. Returns how much was compared."""
    scope: dict[str, object] = {"__name__": "page"}
    compared = 0
    for block in shown_blocks(text):
        printed = StringIO()
        with redirect_stdout(printed):
            exec(compile(block.code, name, "exec"), scope)
        if block.printed is not None:
            assert printed.getvalue() == block.printed
            compared += 1
    return compared


WITH_PYTHON = sorted(page for page in DOCS.rglob("*.md") if shown_blocks(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_the_python_of_a_page_runs_and_prints_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # where Python looks when it is started there
    text = page.read_text(encoding="utf-8")
    assert run_page(text, name_of(page)) == len([block for block in shown_blocks(text) if block.printed is not None])


def test_the_guides_are_among_them() -> None:
    assert DOCS / "tutorial.md" in WITH_PYTHON
    guides = set((DOCS / "how-to").glob("*.md")) - {DOCS / "how-to" / "index.md"}
    assert len(guides) >= 7
    assert guides <= set(WITH_PYTHON)


def test_that_check_can_fail() -> None:
    assert run_page("```python\nprint(1)\n```\n\n```text\n1\n```\n", "page") == 1
    assert run_page("```python\nprint(1)\n```\nThen:\n```text\n2\n```\n", "page") == 0
    with pytest.raises(AssertionError):
        run_page("```python\nprint(1)\n```\n\n```text\n2\n```\n", "page")
    with pytest.raises(ZeroDivisionError):
        run_page("```python\n1 // 0\n```\n", "page")


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_is_told_in_the_reference(face: str) -> None:
    told = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md"))
    missing = [name for name in import_module(face).__all__ if not re.search(rf"{face}\.{name}\b", told)]
    assert missing == []


def test_every_guide_is_listed() -> None:
    listed = (DOCS / "how-to" / "index.md").read_text(encoding="utf-8")
    for guide in (DOCS / "how-to").glob("*.md"):
        assert guide.stem == "index" or f"[]({guide.name})" in listed, guide.name


def test_the_tree_of_exceptions_is_the_tree() -> None:
    """Every name of the picture is an exception below the one that it hangs from."""
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    picture = page[page.index("```text\nException\n") + len("```text\nException\n") :].partition("```")[0]
    above: list[type[BaseException]] = [Exception]
    seen = 0
    for line in picture.splitlines():
        found = re.match(r"((?:│   |    )*)[├└]── (\w+)", line)
        assert found, line
        depth, name = len(found.group(1)) // 4, found.group(2)
        cls = _exception(name)
        assert above[depth] in cls.__bases__, f"{name} does not hang from {above[depth].__name__}"
        above[depth + 1 :] = [cls]
        seen += 1
    assert seen >= 15


def _exception(name: str) -> type[BaseException]:
    import builtins

    for place in (builtins, *(import_module(face) for face in FACES), import_module("pooltwin.protocol.errors")):
        cls = getattr(place, name, None)
        if isinstance(cls, type) and issubclass(cls, BaseException):
            return cls
    raise AssertionError(f"no exception is called {name}")
