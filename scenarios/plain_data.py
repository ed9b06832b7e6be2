"""Plain data, as JSON holds them, read as settings: the way of a scenario file, from Python."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pooltwin.protocol.refusal import MalformedError, faults_in
from pydantic import TypeAdapter, ValidationError

Settings = TypeVar("Settings")


def read_settings(kind: TypeAdapter[Settings], data: Any) -> Settings:
    """Read plain data (dictionaries, lists, text, whole numbers) as settings of a kind.

    Raises MalformedError, which is a ValueError, with every fault: its place, the value and what is wrong.
    """
    try:
        text = json.dumps(data)
    except (TypeError, ValueError) as error:
        raise MalformedError([f"no plain data: {error}"]) from None
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        raise MalformedError(faults_in(error, data)) from None
