"""Release notes: every fragment has its form, and gathering them keeps the newest first."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from ..unit.source import ROOT


@pytest.fixture(scope="module")
def changes() -> ModuleType:
    """The tool, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("changes", ROOT / "docs" / "_tools" / "changes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two fragments, the second one newer and breaking."""
    (tmp_path / "2026-01-02-a-thing.added.md").write_text("A thing.\n")
    (tmp_path / "2026-03-04-other-thing.breaking.md").write_text("Another thing\nis gone.\n")
    (tmp_path / "README.md").write_text("not a fragment")
    return tmp_path


def test_the_fragments_of_the_repository_have_their_form(changes: ModuleType) -> None:
    names = {path.name for path in (ROOT / "docs" / "changes").iterdir()} - {"README.md"}
    assert {fragment.name for fragment in changes.fragments()} == names


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a-thing.added.md", "A thing.", "expected YYYY-MM-DD"),
        ("2026-01-02-a-thing.feature.md", "A thing.", "KIND one of breaking"),
        ("2026-01-02-A_Thing.added.md", "A thing.", "expected YYYY-MM-DD"),
        ("2026-01-02-a-thing.added.md", "", "one or a few sentences"),
        ("2026-01-02-a-thing.added.md", "a thing.", "begins with a capital letter"),
        ("2026-01-02-a-thing.added.md", "A thing", "full stop"),
        ("2026-01-02-a-thing.added.md", "A thing.\n\nAnother.", "one paragraph"),
    ],
)
def test_a_fragment_of_another_form_is_refused(
    changes: ModuleType, tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=complaint):
        changes.fragments(tmp_path)


def test_the_newest_comes_first_and_what_breaks_says_so(changes: ModuleType, folder: Path) -> None:
    assert changes.entries(folder) == "- **Breaking:** Another thing\n  is gone.\n- A thing.\n"


def test_gathering_moves_fragments_into_the_changelog(changes: ModuleType, folder: Path, tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.txt"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- Old.\n")
    changes.gather("0.2.0", changelog, folder)
    told = "# Changelog\n\n## Unreleased\n\n## 0.2.0\n\n- **Breaking:** Another thing\n  is gone.\n- A thing.\n- Old.\n"
    assert changelog.read_text() == told
    assert [path.name for path in folder.glob("*.md")] == ["README.md"]
    changes.gather("", changelog, folder)
    assert changelog.read_text() == told


def test_a_changelog_without_the_section_is_refused(changes: ModuleType, folder: Path, tmp_path: Path) -> None:
    changelog = tmp_path / "CHANGELOG.txt"
    changelog.write_text("# Changelog\n")
    with pytest.raises(ValueError, match="has no section"):
        changes.page(changelog, folder)


def test_the_changelog_has_one_section_for_what_is_unreleased_at_the_top(changes: ModuleType) -> None:
    headings = re.findall(r"^## (.*)$", changes.page(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings.count("Unreleased") == 1
