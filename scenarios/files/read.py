"""Reads scenario files."""

from __future__ import annotations

import json
from pathlib import Path

from pooltwin.protocol.files import reason_of
from pooltwin.protocol.refusal import MalformedError, read_model

from .scenario import Scenario


class ScenarioError(ValueError):
    """A file that is no scenario, or one that cannot be built. `faults` are all that was found, one line each."""

    def __init__(self, source: str, faults: tuple[str, ...]) -> None:
        told = f" {faults[0]}" if len(faults) == 1 else "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"{source}:{told}")
        self.faults = faults


def read_scenario(path: Path) -> Scenario:
    """Read a scenario's file. Raises ScenarioError with every fault: its place, the value and what is wrong."""
    try:
        return read_model(Scenario, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), (reason_of(error),)) from None
    except MalformedError as error:
        raise ScenarioError(str(path), error.faults) from None


def changed_by(scenario: Scenario, changes: dict[str, object]) -> Scenario:
    """Give a scenario with other values of some fields, checked again. Raises ScenarioError with every fault."""
    if not changes:
        return scenario
    try:
        return read_model(Scenario, json.dumps(scenario.complete() | changes))
    except MalformedError as error:
        raise ScenarioError("the command line", error.faults) from None
