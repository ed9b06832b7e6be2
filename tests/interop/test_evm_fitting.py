"""Compiled contracts held against a release: what lacks a contract or a function, or is of another, is refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from pooltwin.interop.evm.fitting import UnfitError, possible_stand_ins, refuse_unfit
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named


class Compiled(dict[str, Any]):
    """Contracts as a compiler could give them: what has functions by signature, and code."""

    libraries: frozenset[str] = frozenset()
    codeless: tuple[str, ...] = ("IPool",)

    @property
    def contracts(self) -> Compiled:
        return self


def signatures(release: Revision, kind: str) -> dict[str, Any]:
    return {function.signature: {} for function in release.contracts[kind].functions.values()}


def compiled(name: str, others: Mapping[str, Any] | None = None) -> Compiled:
    release = revision_named(name)
    kinds = {
        kind: SimpleNamespace(functions=signatures(release, kind), bytecode="00", abi=(1,))
        for kind in release.contracts
    }
    return Compiled({**kinds, **(others or {})})


@pytest.mark.parametrize("name", list(REVISIONS))
def test_each_release_fits_itself_and_no_other(name: str) -> None:
    artifacts = compiled(name)
    refuse_unfit(artifacts, {}, revision_named(name), "out")
    assert possible_stand_ins(artifacts, {}, revision_named(name)) == {}
    for other in REVISIONS:
        if other != name:
            with pytest.raises(UnfitError, match=rf"the contracts look like those of v{name}: --revision {name}"):
                refuse_unfit(artifacts, {}, revision_named(other), "out")


def test_a_contract_that_stands_in_is_asked_for_and_looked_at() -> None:
    release = revision_named("3.6")
    pool = SimpleNamespace(functions={**signatures(release, "PoolInstance"), "mine()": {}}, bytecode="01", abi=(1,))
    abstract = SimpleNamespace(functions=pool.functions, bytecode="", abi=(1,))
    artifacts = compiled("3.6", {"MyPool": pool, "APool": abstract, "MockPoolInherited": pool})
    refuse_unfit(artifacts, {"PoolInstance": "MyPool"}, release, "out")
    assert possible_stand_ins(artifacts, {}, release) == {"PoolInstance": ["MyPool"]}
    assert possible_stand_ins(artifacts, {"PoolInstance": "MyPool"}, release) == {}
    del artifacts["PoolInstance"]
    with pytest.raises(UnfitError) as refused:
        refuse_unfit(artifacts, {}, release, "out")
    assert str(refused.value) == (
        "out: has no PoolInstance, which a market of v3.6 needs; MyPool has all its functions: "
        "--contract PoolInstance=MyPool"
    )
    del pool.functions["getConfiguration(address)"]
    with pytest.raises(UnfitError, match=r"out: MyPool has no function getConfiguration\(address\), as v3.6 has$"):
        refuse_unfit(artifacts, {"PoolInstance": "MyPool"}, release, "out")


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        ({"PoolInstanc": "ACLManager"}, "PoolInstanc=ACLManager: v3.6 has no PoolInstanc; did you mean PoolInstance?"),
        ({"PoolInstance": "AclManager"}, "out: has no AclManager; did you mean ACLManager?"),
        ({"PoolInstance": "Unheard"}, "out: has no Unheard"),
        (
            {"PoolInstance": "IPool"},
            "out: has no IPool with code: it is abstract or an interface, or the compiler was not asked for "
            "evm.bytecode",
        ),
    ],
)
def test_what_is_not_there_stands_in_for_nothing(contracts: dict[str, str], told: str) -> None:
    with pytest.raises(UnfitError) as refused:
        refuse_unfit(compiled("3.6"), contracts, revision_named("3.6"), "out")
    assert str(refused.value) == told


def test_a_library_that_others_need_has_to_be_there() -> None:
    artifacts = compiled("3.6")
    artifacts.libraries = frozenset({"NoLogic"})
    with pytest.raises(UnfitError, match="out: has no NoLogic, a library that others are linked with"):
        refuse_unfit(artifacts, {}, revision_named("3.6"), "out")


def test_a_contract_without_its_abi_is_said_so() -> None:
    artifacts = compiled("3.6", {"PoolInstance": SimpleNamespace(functions={}, bytecode="00", abi=())})
    with pytest.raises(UnfitError, match=r"^out: PoolInstance comes without its ABI; ask the compiler for it"):
        refuse_unfit(artifacts, {}, revision_named("3.6"), "out")
