"""The layout of the twin's storage is the compiler's: every variable, and nothing but zeros besides."""

import pytest
from pooltwin.protocol.evm_storage.table import LAYOUTS
from pooltwin.protocol.releases.v3_0_2.stable_debt_token import StableDebtToken
from pooltwin.protocol.revisions import revision_named

from .harness.artifacts import ArtifactSet
from .harness.given import Release
from .harness.storage_layout import ALWAYS_ZERO, KINDS, check_layout, compiled, place_of


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != StableDebtToken.KIND])
def test_every_variable_is_where_the_compiler_puts_it(release: Release, kind: str) -> None:
    if kind not in release.artifacts or kind not in revision_named(release.revision).contracts:
        pytest.skip(f"v{release.revision} has no {kind}, or the twin does not have it there")
    left = check_layout(release.artifacts, release.revision, kind)
    assert left <= ALWAYS_ZERO
    assert ("_allowances" not in left) or kind == "VariableDebtTokenInstance"


def test_a_layout_of_another_revision_would_be_noticed(artifacts_v3_6: ArtifactSet) -> None:
    found = compiled(artifacts_v3_6, "TestnetERC20")
    misplaced = [v.name for v in LAYOUTS["3.7"]["TestnetERC20"] if place_of(v) not in found]
    assert misplaced
