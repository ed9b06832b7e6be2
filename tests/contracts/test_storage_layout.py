"""The layout of the twin's storage is the compiler's: every variable, and nothing but zeros besides."""

import re

import pytest
from pooltwin.interop.evm.compiled_layout import leaves_of, place_of
from pooltwin.interop.evm.own_variables import layout_difference
from pooltwin.interop.evm.source_names import alike, called
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.releases.v3_0_2.stable_debt_token import StableDebtToken
from pooltwin.protocol.revisions import revision_named

from .harness.artifacts import ArtifactSet
from .harness.given import Release
from .harness.storage_layout import KINDS

DEBT_TOKENS = {"VariableDebtTokenInstance", "StableDebtToken"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != StableDebtToken.KIND])
def test_every_variable_is_where_the_compiler_puts_it(release: Release, kind: str) -> None:
    if kind not in release.artifacts:
        pytest.skip(f"v{release.revision} has no {kind} any more")
    revision = revision_named(release.revision)
    assert layout_difference(release.artifacts[kind], kind, revision) == ((), (), ())
    unused = [leaf.label for leaf in leaves_of(release.artifacts[kind], kind) if leaf.label == "_allowances"]
    stored = {variable.partition(".")[0] for variable in revision.contracts[kind].STORAGE}
    assert not unused or "allowances" in stored or kind in DEBT_TOKENS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != StableDebtToken.KIND])
def test_what_the_sources_call_a_variable_is_known(release: Release, kind: str) -> None:
    if kind not in release.artifacts:
        pytest.skip(f"v{release.revision} has no {kind} any more")
    revision = revision_named(release.revision)
    labels = {leaf.place: leaf.label for leaf in leaves_of(release.artifacts[kind], kind)}
    for variable in layout_of(revision.contracts[kind].code(), revision):
        label = labels.get(place_of(variable))
        assert label is None or alike(re.split(r"[.\[]", label)[0]) in called(variable.name.partition(".")[0])


def test_a_layout_of_another_revision_would_be_noticed(artifacts_v3_6: ArtifactSet) -> None:
    found = layout_difference(artifacts_v3_6["TestnetERC20"], "TestnetERC20", revision_named("3.7"))
    assert found.moved == (
        "owner_address: slot 5 holds _decimals (uint8)",
        "token_decimals: slot 7 holds DOMAIN_SEPARATOR (bytes32); _decimals is at slot 5",
        "domain: slot 8 holds nothing; DOMAIN_SEPARATOR is at slot 7",
    )
