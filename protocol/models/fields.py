"""The types of the fields: whole numbers with their widths, addresses with their checksums.

A number may be written as a decimal string, as JSON exports write those above 2^53.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..math.uint import MAX_UINT256

_DECIMAL = re.compile("-?[0-9]{1,80}")
_ADDRESS = re.compile("^0x[0-9a-fA-F]{40}$")


def _number_of(value: object) -> object:
    return int(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


@dataclass(frozen=True)
class OrDecimalString:
    """A marker for a whole number that may come as a decimal string."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_number_of, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string", "pattern": "^[0-9]+$"}]}


def looks_like_address(value: str) -> bool:
    """Is it `0x` and 40 hex digits?"""
    return _ADDRESS.fullmatch(value) is not None


def canonical_address(value: str) -> str:
    """The twin's spelling of an address. Raises ValueError for what is none, and for a wrong EIP-55 checksum.

    Capitals and small letters together are a checksum; one kind alone is none.
    """
    if not looks_like_address(value):
        raise ValueError(f"{value!r} is not an address of 20 bytes in hex with 0x in front")
    digits = value[2:]
    if digits not in (digits.lower(), digits.upper()) and value != to_checksum_address(value):
        raise ValueError(
            f"{value!r} has a wrong checksum (EIP-55): one of its digits is mistyped, or a letter's case; without a "
            "checksum it is written in small letters"
        )
    return value.lower()


AddressField = Annotated[str, AfterValidator(canonical_address), Field(json_schema_extra={"pattern": _ADDRESS.pattern})]
"""An address: `0x` and 40 hex digits, with a right checksum where capitals and small letters are mixed."""
Uint256 = Annotated[int, Field(ge=0, le=MAX_UINT256), OrDecimalString()]
"""A number that the contracts keep in 256 bits."""
Timestamp = Annotated[int, Field(ge=0, le=2**40 - 1), OrDecimalString()]
"""Seconds since 1970, in 40 bits."""
Bps = Annotated[int, Field(ge=0, le=65_535), OrDecimalString()]
"""Basis points (hundredths of a percent) in 16 bits."""
Share = Annotated[int, Field(ge=0, le=10_000), OrDecimalString()]
"""A part of a whole in basis points."""
PositiveShare = Annotated[int, Field(ge=1, le=10_000), OrDecimalString()]
"""The same, and not nothing."""
Cap = Annotated[int, Field(ge=0, le=68_719_476_735), OrDecimalString()]
"""Whole tokens, in 36 bits."""
ReserveId = Annotated[int, Field(ge=0, le=127), OrDecimalString()]
"""The number of a reserve in the pool's list."""
Name = Annotated[str, Field(min_length=1)]
"""A text that is not empty."""


class StrictModel(BaseModel):
    """A frozen model that refuses unknown keys and silent type conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DescribedModel(StrictModel):
    """A strict model whose fields are described by the docstrings below them."""

    model_config = ConfigDict(use_attribute_docstrings=True)
