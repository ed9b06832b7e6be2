"""Recorded histories of the real contracts: the format and how it is read.

A recording is a gzipped file of JSON lines: a header, then deployments, transactions, price changes and full read-outs
of the state, in the order in which they happened.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from .models import AddressField, StrictModel

FORMAT = 1


class RecordingError(ValueError):
    """The file is not a recording, or not a whole one. Names the file and the line."""


def _hex_bytes(text: str) -> str:
    if not text.startswith("0x") or len(text) % 2:
        raise ValueError(f"{text[:40]!r} is not bytes in hex with 0x in front")
    bytes.fromhex(text[2:])
    return text.lower()


def _decimal(text: str) -> str:
    if not text.isdecimal() or (text != "0" and text.startswith("0")):
        raise ValueError(f"{text!r} is not a decimal number")
    return text


HexBytes = Annotated[str, AfterValidator(_hex_bytes)]
Decimal = Annotated[str, AfterValidator(_decimal)]
SignedDecimal = Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]*)$")]
Natural = Annotated[int, Field(ge=0)]


class Header(StrictModel):
    """The first line: who and what is in the history."""

    format: Literal[1]
    revision: str
    seed: Natural
    steps: Natural
    chainId: Annotated[int, Field(ge=1)]  # noqa: N815 - the file's own spelling
    admin: AddressField
    treasury: AddressField
    umbrella: AddressField
    receiver: AddressField
    users: tuple[AddressField, ...] = Field(strict=False)
    reserves: tuple[str, ...] = Field(strict=False)
    addresses: dict[str, AddressField]


class Deployment(StrictModel):
    """A contract was created."""

    deploy: str
    kind: str
    address: AddressField
    args: list[Any]


class Call(StrictModel):
    """One transaction and everything that came out of it."""

    t: Natural
    n: Natural
    sender: AddressField = Field(alias="from")
    to: str
    fn: str
    data: HexBytes
    ok: bool
    ret: HexBytes
    logs: list[tuple[str, tuple[HexBytes, ...], HexBytes]] = Field(strict=False)


class PriceChange(StrictModel):
    """The feed of an asset now answers this."""

    t: Natural
    n: Natural
    price: str
    value: SignedDecimal


class ReserveState(StrictModel):
    """One reserve, read through the views."""

    configuration: Decimal
    liquidityIndex: Decimal  # noqa: N815
    currentLiquidityRate: Decimal  # noqa: N815
    variableBorrowIndex: Decimal  # noqa: N815
    currentVariableBorrowRate: Decimal  # noqa: N815
    lastUpdateTimestamp: Natural  # noqa: N815
    accruedToTreasury: Decimal  # noqa: N815
    isolationModeTotalDebt: Decimal  # noqa: N815
    virtualUnderlyingBalance: Decimal  # noqa: N815
    deficit: Decimal
    aTokenScaledTotalSupply: Decimal  # noqa: N815
    vTokenScaledTotalSupply: Decimal  # noqa: N815
    aTokenTotalSupply: Decimal  # noqa: N815
    vTokenTotalSupply: Decimal  # noqa: N815
    underlyingInAToken: Decimal  # noqa: N815
    normalizedIncome: Decimal  # noqa: N815
    normalizedDebt: Decimal  # noqa: N815


class UserState(StrictModel):
    """One user, read through the views; `account` is null where `getUserAccountData` reverts."""

    config: Decimal
    eMode: Natural  # noqa: N815
    account: list[Decimal] | None
    balances: dict[str, list[Decimal]]


class State(StrictModel):
    """A full read-out at a time."""

    t: Natural
    reserves: dict[str, ReserveState]
    users: dict[AddressField, UserState]


class StateReadOut(StrictModel):
    """A line with a full read-out."""

    state: State


Record = Deployment | Call | PriceChange | StateReadOut

_KINDS: tuple[tuple[str, TypeAdapter[Any]], ...] = (
    ("fn", TypeAdapter(Call)),
    ("price", TypeAdapter(PriceChange)),
    ("state", TypeAdapter(StateReadOut)),
    ("deploy", TypeAdapter(Deployment)),
)


class Recording:
    """A recording read from a file, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = self._read()
        first = next(self._lines, None)
        if first is None:
            raise RecordingError(f"{path}: the file is empty")
        self.header: Header = self._validate(TypeAdapter(Header), first[1], first[0])

    def __iter__(self) -> Iterator[tuple[int, Record]]:
        """Line number and record of every line behind the header."""
        for number, line in self._lines:
            for key, adapter in _KINDS:
                if f'"{key}":' in line[:400] or key in json.loads(line):
                    yield number, self._validate(adapter, line, number)
                    break
            else:
                raise RecordingError(f"{self.path}, line {number}: no record of a known kind")

    def _read(self) -> Iterator[tuple[int, str]]:
        opener = gzip.open if self.path.suffix == ".gz" else open
        try:
            with opener(self.path, "rt", encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if not line.endswith("\n"):
                        raise RecordingError(f"{self.path}, line {number}: the file ends inside a line")
                    yield number, line
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise RecordingError(f"{self.path}: cannot be read: {error}") from error

    def _validate(self, adapter: TypeAdapter[Any], line: str, number: int) -> Any:
        try:
            return adapter.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise RecordingError(f"{self.path}, line {number}: {place}: {first['msg']}") from None
