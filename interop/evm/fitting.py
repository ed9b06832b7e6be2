"""Compiled contracts held against the release that they are said to come from, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pooltwin.protocol.revisions import REVISIONS, Revision

ESSENTIAL = (
    *("PoolAddressesProvider", "ACLManager", "PoolInstance", "PoolConfiguratorInstance"),
    *("ATokenInstance", "VariableDebtTokenInstance", "AaveOracle", "AaveProtocolDataProvider"),
    *("TestnetERC20", "MockAggregator", "PriceOracle"),
)
"""Contracts without which there is no market, or no campaign on it: governance falls back on a PriceOracle."""
RATES = ("DefaultReserveInterestRateStrategy", "DefaultReserveInterestRateStrategyV2")
"""Rate strategies: every market needs the first of them that its release has."""
_KNOWN = ("MockPool", "MockL2Pool", "MockAToken", "MockVariableDebtToken", "VariableDebtTokenMainnetInstance")
"""How contracts of Aave's own begin that are derived from those of a market and stand in for none."""


class UnfitError(ValueError):
    """Compiled contracts of which no market of the release can be made. Names the contract, and what it lacks."""


def refuse_unfit(artifacts: Any, contracts: Mapping[str, str], release: Revision, where: str) -> None:
    """Check that compiled contracts can be a market of a release; `where` is what they are called.

    `contracts` tell which of them stand in for others. Raises UnfitError for a contract that is not among them, and for
    one without a function that the release has.
    """
    _refuse_strangers(artifacts, contracts, release, where)
    for kind in needed_kinds(release):
        name = contracts.get(kind, kind)
        if name not in artifacts:
            able = _able(artifacts, release, kind)
            hint = f"; {able[0]} has all its functions: --contract {kind}={able[0]}" if able else _why(name, artifacts)
            raise UnfitError(f"{where}: has no {name}, which a market of v{release.name} needs{hint}")
        if not artifacts[name].abi:
            raise UnfitError(f"{where}: {name} comes without its ABI; ask the compiler for it, and compile anew")
        lacking = _lacking(artifacts, release, kind, name)
        if lacking:
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            raise UnfitError(
                f"{where}: {name} has no function {lacking[0]}{more}, as v{release.name} has"
                f"{_release_meant(artifacts, contracts)}"
            )
    for library in sorted(artifacts.libraries):
        if library not in artifacts:
            raise UnfitError(f"{where}: has no {library}, a library that others are linked with")


def possible_stand_ins(artifacts: Any, contracts: Mapping[str, str], release: Revision) -> dict[str, list[str]]:
    """Find contracts that could stand in for one of a release and that nobody has named, perhaps by mistake."""
    found = {kind: _able(artifacts, release, kind) for kind in needed_kinds(release) if kind not in contracts}
    return {kind: names for kind, names in found.items() if names}


def needed_kinds(release: Revision) -> tuple[str, ...]:
    """The kinds of contracts without which there is no market of a release."""
    return (*ESSENTIAL, next(kind for kind in RATES if kind in release.contracts))


def _refuse_strangers(artifacts: Any, contracts: Mapping[str, str], release: Revision, where: str) -> None:
    for kind, name in contracts.items():
        if kind not in release.contracts:
            raise UnfitError(f"{kind}={name}: v{release.name} has no {kind}{_meant(kind, release.contracts)}")
        if name not in artifacts:
            raise UnfitError(f"{where}: has no {name}{_why(name, artifacts) or _meant(name, artifacts.contracts)}")


def _why(name: str, artifacts: Any) -> str:
    """Say why a contract is not there although its name is."""
    if name not in artifacts.codeless:
        return ""
    return " with code: it is abstract or an interface, or the compiler was not asked for evm.bytecode"


def _meant(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _signatures(release: Revision, kind: str) -> Iterator[str]:
    for function in release.contracts[kind].functions.values():
        yield function.signature


def _lacking(artifacts: Any, release: Revision, kind: str, name: str) -> list[str]:
    """List the functions of a kind that a compiled contract does not have."""
    return [signature for signature in _signatures(release, kind) if signature not in artifacts[name].functions]


def _able(artifacts: Any, release: Revision, kind: str) -> list[str]:
    """List compiled contracts that have all functions of a kind, and are none that releases have themselves."""
    known = {kind for each in REVISIONS.values() for kind in each.contracts}
    return [
        name
        for name, artifact in artifacts.contracts.items()
        if name not in known
        and not name.startswith(_KNOWN)
        and artifact.bytecode
        and not _lacking(artifacts, release, kind, name)
    ]


def _release_meant(artifacts: Any, contracts: Mapping[str, str]) -> str:
    """Name the release whose functions the contracts have, if there is one."""
    for name, release in reversed(REVISIONS.items()):
        if all(contracts.get(kind, kind) in artifacts for kind in needed_kinds(release)) and not any(
            _lacking(artifacts, release, kind, contracts.get(kind, kind)) for kind in needed_kinds(release)
        ):
            return f"; the contracts look like those of v{name}: --revision {name}"
    return ""
