"""What tests of bytecode under the laws share."""

from __future__ import annotations

from pathlib import Path

import pytest
from pooltwin.scenarios.commands import record


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings are made in a checkout, wherever the package itself is installed."""
    monkeypatch.setattr(record, "__file__", str(Path(__file__).parents[3] / "scenarios" / "commands" / "record.py"))
