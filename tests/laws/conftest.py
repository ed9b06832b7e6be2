"""What tests of laws share: the vaults of the examples."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def vaults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The modules of the examples about vaults."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import vault
    import vault_machine

    yield vault_machine, vault
    for name in ("vault", "vault_machine"):
        del sys.modules[name]
