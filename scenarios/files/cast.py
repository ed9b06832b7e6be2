"""The agents of a scenario's file: each by its kind, with its settings, once or several times."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pooltwin.protocol.import_path import imported
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
)
from pydantic_core import CoreSchema, InitErrorDetails, core_schema

from ..agents.kinds import KINDS
from ..engine.agent import Agent

COUNT = Annotated[int, Field(ge=1, le=100_000)]
KIND_IN_WORDS = "A kind that ships, or the class of one's own: module:NAME, found from the current folder too."
COUNT_IN_WORDS = "How many of these there are; more than one are called by the name and a number from 1 up."


class _Head(BaseModel):
    """What every entry says beside the settings."""

    model_config = ConfigDict(strict=True)

    kind: Annotated[str, Field(min_length=1, description=KIND_IN_WORDS)]
    count: Annotated[COUNT, Field(description=COUNT_IN_WORDS)] = 1


@dataclass(frozen=True)
class Cast:
    """One entry: an agent, as many times as it is there."""

    kind: str
    count: int
    agent: Agent

    @classmethod
    def read(cls, data: Any) -> Cast:
        """Read an entry. Raises ValueError for what is none, ValidationError with every fault of its settings."""
        if isinstance(data, Cast):
            return data
        if not isinstance(data, dict):
            raise ValueError(f"{data!r} is no agent: an object with a kind, a name and settings")
        head = _Head.model_validate({key: data[key] for key in ("kind", "count") if key in data})
        made = class_of(head.kind)
        settings = {key: value for key, value in data.items() if key not in ("kind", "count")}
        try:
            agent = made.model_validate_json(json.dumps(settings))
        except ValidationError as error:
            raise _with_hints(error, made) from None
        return cls(head.kind, head.count, agent)

    def dump(self) -> dict[str, Any]:
        """Write it as data, with every default."""
        return {"kind": self.kind, "count": self.count, **self.agent.model_dump(mode="json")}

    def agents(self) -> list[Agent]:
        """Make the agents: the one, or copies that are called by number."""
        if self.count == 1:
            return [self.agent]
        name = self.agent.name
        return [
            self.agent.model_copy(update={"name": f"{name} {number}"}, deep=True) for number in range(1, self.count + 1)
        ]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(cls.dump)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "object", "title": "An agent", "required": ["kind", "name"]}


OWN_KIND = {
    "type": "object",
    "title": "An agent of one's own",
    "properties": {
        "kind": {"type": "string", "pattern": ":", "description": KIND_IN_WORDS},
        "name": {"type": "string"},
        "count": {"type": "integer", "minimum": 1, "default": 1, "description": COUNT_IN_WORDS},
    },
    "required": ["kind", "name"],
}


def class_of(kind: str) -> type[Agent]:
    """Find the class of a kind. Raises ValueError, with what was probably meant, for none."""
    if ":" not in kind:
        if kind in KINDS:
            return KINDS[kind]
        near = get_close_matches(kind, KINDS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(KINDS))}"
        raise ValueError(f"there is no kind of agent {kind!r}; {hint}; one of your own is module:Class")
    found = imported(kind)
    if not isinstance(found, type) or not issubclass(found, Agent):
        raise ValueError(f"{kind}: is no class of agents: derive it from pooltwin.scenarios.Agent")
    return found


def _with_hints(error: ValidationError, made: type[Agent]) -> ValidationError:
    """Say of unknown settings what was probably meant."""
    lines: list[InitErrorDetails] = []
    for each in error.errors(include_url=False):
        line = InitErrorDetails(type=each["type"], loc=each["loc"], input=each["input"], ctx=each.get("ctx", {}))
        if each["type"] == "extra_forbidden" and len(each["loc"]) == 1:
            near = get_close_matches(str(each["loc"][0]), made.model_fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(made.model_fields)}"
            line["type"] = "value_error"
            line["ctx"] = {"error": ValueError(f"there is no such setting; {hint}")}
        lines.append(line)
    return ValidationError.from_exception_data(error.title, lines)


def entry_schemas() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Describe the entries of each kind, as JSON Schema, and what they refer to."""
    entries = [_schema_of(kind) for kind in sorted(KINDS)]
    definitions: dict[str, Any] = {}
    for entry in entries:
        definitions |= entry.pop("$defs", {})
    return [*entries, OWN_KIND], definitions


def _schema_of(kind: str) -> dict[str, Any]:
    made = KINDS[kind]
    whole = create_model(
        made.__name__,
        __base__=made,
        kind=(str, Field(description=(made.__doc__ or kind).splitlines()[0], json_schema_extra={"const": kind})),
        count=(COUNT, Field(default=1, description=COUNT_IN_WORDS)),
    )
    return whole.model_json_schema()
