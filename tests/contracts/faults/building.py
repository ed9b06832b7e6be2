"""Faulty bytecode: the sources edited in memory, and only those contracts compiled whose code changes.

Needs node and npm, as the faithful contracts do. What was compiled is kept in the cache by content: by the compiler
and the packages in the folder's name, by the edited sources in the file's.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..harness.artifacts import (
    FOLDER,
    INPUTS,
    SOURCES_V3_6,
    Artifact,
    ArtifactSet,
    cache_folder,
    load_v3_6,
    run_node,
)
from .edits import edited
from .fault import Fault
from .syntax import Sources

CORE = (
    "PoolAddressesProvider",
    "ACLManager",
    "PoolInstance",
    "PoolConfiguratorInstance",
    "ATokenInstance",
    "VariableDebtTokenInstance",
    "DefaultReserveInterestRateStrategyV2",
    "AaveOracle",
    "PriceOracleSentinel",
    "AaveProtocolDataProvider",
)
"""What a market is made of; contracts around it stay as they are."""

LIBRARIES = (
    "BorrowLogic",
    "ConfiguratorLogic",
    "FlashLoanLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)
"""The libraries that they are linked with."""

SCRIPT = Path(__file__).with_name("solidity.js")
OWN_UNIT = "faults/{}.sol"
OWN_CONTRACT = "Faulty"
JOBS_A_RUN = 8
"""Jobs that one process answers: loading the compiler takes as long as compiling a small contract."""
Job = dict[str, Any]


class CompileError(Exception):
    """The faulty sources do not compile; the message is the compiler's."""


@cache
def sources() -> Sources:
    """Syntax trees and texts of the contracts of a market. Raises ArtifactsMissingError."""
    (answer,) = _answers([{"trees": list(CORE)}])
    return Sources(answer["trees"], answer["texts"])


def faulty_artifacts(faults: Sequence[Fault]) -> list[ArtifactSet]:
    """The contracts of v3.6 with each of the faults: the compiler runs once for all that are not in the cache.

    Raises ArtifactsMissingError, PlaceError, CompileError.
    """
    answers = _answers([_job(fault) for fault in faults])
    faithful = load_v3_6()
    return [_merged(faithful, answer["artifacts"]) for answer in answers]


def seconds_to_compile(fault: Fault) -> float:
    """How long the compiler took for it, when it did."""
    (answer,) = _answers([_job(fault)])
    return float(answer["seconds"])


def changed_contracts(fault: Fault) -> list[str]:
    """The contracts whose code a fault changes."""
    places = [edit.place for edit in fault.edits]
    inherited = sources().touched_by(places, [*CORE, *LIBRARIES]) if places else []
    return list(dict.fromkeys([*inherited, *fault.contracts]))


def _merged(faithful: ArtifactSet, changed: dict[str, Any]) -> ArtifactSet:
    contracts = {name: Artifact.model_validate(artifact) for name, artifact in changed.items()}
    return faithful.model_copy(update={"contracts": {**faithful.contracts, **contracts}})


def _job(fault: Fault) -> Job:
    """What the compiler is asked for; a contract of our own takes the place of the one that it inherits from."""
    known = sources()
    units = edited(known, fault.edits)
    wanted = {name: known.contracts[name][0] for name in changed_contracts(fault)}
    for name, text in fault.contracts.items():
        head = f"pragma solidity ^0.8.10;\nimport '{known.contracts[name][0]}';\n"
        units[OWN_UNIT.format(name)] = head + text
    own = {name: OWN_UNIT.format(name) for name in fault.contracts}
    return {"units": units, "wanted": {**wanted, **own}, "called": dict.fromkeys(own, OWN_CONTRACT)}


def _answers(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The answers to jobs: from the cache, else from runs of the script."""
    kept = cache_folder() / f"faults-{_compiler()}"
    targets = [kept / f"{_digest(json.dumps(job, sort_keys=True).encode())}.json" for job in jobs]
    missing = [number for number, target in enumerate(targets) if not target.exists()]
    kept.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(missing), JOBS_A_RUN):
        some = missing[start : start + JOBS_A_RUN]
        _run([jobs[number] for number in some], [targets[number] for number in some])
    return [json.loads(target.read_bytes()) for target in targets]


def _run(jobs: Sequence[Job], targets: Sequence[Path]) -> None:
    """Answer jobs into files, whole or not at all. Raises CompileError after all the others have been answered."""
    errors = []
    with tempfile.TemporaryDirectory(dir=targets[0].parent) as folder_name:
        folder = Path(folder_name)
        run_node(SCRIPT, [SOURCES_V3_6, folder], json.dumps(jobs))
        for number, target in enumerate(targets):
            answered = folder / f"{number}.json"
            error = json.loads(answered.read_bytes()).get("error")
            if error is None:
                os.replace(answered, target)
            else:
                errors.append(str(error))
    if errors:
        raise CompileError("\n".join(errors))


def _compiler() -> str:
    """Sixteen hex digits of what every compilation depends on."""
    return _digest(*(path.read_bytes() for path in (*(FOLDER / name for name in INPUTS), SCRIPT)))


def _digest(*parts: bytes) -> str:
    """Sixteen hex digits of some data."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part + b"\0")
    return digest.hexdigest()[:16]
