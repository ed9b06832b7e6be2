"""Recorded histories of the real contracts: the format and how it is read.

A recording is a gzipped file of JSON lines: a header, then deployments, transactions, price changes and full read-outs
of the state, in the order in which they happened.

Replaying cannot notice every change: a digit of an amount in a call that reverts anyway, the seed in the header. So a
recording can also be compared with the checksums of the recordings one knows.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from ..file_kinds import FileKind, is_gzipped, kind_of
from ..files import reason_of
from ..models import AddressField, StrictModel
from ..refusal import faults_in

FORMAT = 1
LIKELY = (FileKind.RECORDING, FileKind.JSON, FileKind.TEXT, FileKind.GZIP, FileKind.BINARY)
"""What is read as a recording; it may be a broken one."""


class RecordingError(ValueError):
    """The file is not a recording, or not a whole one. Names the file and the line."""


_HEX_BYTES = re.compile("0x([0-9a-fA-F]{2})*")
_DECIMAL = re.compile("0|[1-9][0-9]*")


def _hex_bytes(text: str) -> str:
    if not _HEX_BYTES.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not bytes in hex with 0x in front")
    return text.lower()


def _decimal(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is not a decimal number")
    return text


HexBytes = Annotated[str, AfterValidator(_hex_bytes)]
Decimal = Annotated[str, AfterValidator(_decimal)]
Shown = Decimal | None
"""A number as a view gives it, null where the view reverts."""
SignedDecimal = Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]*)$")]
Natural = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


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
    """One reserve, read through the views; null is what a view says that reverts."""

    configuration: Shown
    liquidityIndex: Shown  # noqa: N815
    currentLiquidityRate: Shown  # noqa: N815
    variableBorrowIndex: Shown  # noqa: N815
    currentVariableBorrowRate: Shown  # noqa: N815
    lastUpdateTimestamp: Natural  # noqa: N815
    accruedToTreasury: Shown  # noqa: N815
    isolationModeTotalDebt: Shown  # noqa: N815
    virtualUnderlyingBalance: Shown  # noqa: N815
    deficit: Shown
    aTokenScaledTotalSupply: Shown  # noqa: N815
    vTokenScaledTotalSupply: Shown  # noqa: N815
    aTokenTotalSupply: Shown  # noqa: N815
    vTokenTotalSupply: Shown  # noqa: N815
    underlyingInAToken: Shown  # noqa: N815
    normalizedIncome: Shown  # noqa: N815
    normalizedDebt: Shown  # noqa: N815


class UserState(StrictModel):
    """One user, read through the views; null is what a view says that reverts."""

    config: Shown
    eMode: Natural | None  # noqa: N815
    account: list[Decimal] | None
    balances: dict[str, list[Shown]]


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


class Checksums(StrictModel):
    """SHA-256 of a recording's uncompressed text: of its first line, and of everything behind that."""

    header: Sha256
    body: Sha256


_KNOWN = TypeAdapter(dict[str, Checksums])


def known_recordings(text: str) -> dict[str, Checksums]:
    """The checksums of known recordings by name, out of JSON. Raises ValueError, naming the place."""
    try:
        return _KNOWN.validate_json(text)
    except ValidationError as error:
        raise ValueError(f"these are no checksums of recordings: {'; '.join(faults_in(error))}") from None


class Recording:
    """A recording read from a file, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header_hash = hashlib.sha256()
        self._body_hash = hashlib.sha256()
        self._lines = self._read()
        self._require_one()
        first = next(self._lines, None)
        if first is None:
            raise RecordingError(f"{path}: the file is empty")
        self.header: Header = self._validate(TypeAdapter(Header), first[1], first[0])

    def __iter__(self) -> Iterator[tuple[int, Record]]:
        """Line number and record of every line behind the header."""
        for number, line in self._lines:
            yield number, self._validate(self._kind_of(line, number), line, number)

    def _require_one(self) -> None:
        """Check that the file is no other kind of file. Raises RecordingError, telling what it is."""
        try:
            kind = kind_of(self.path)
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be read: {reason_of(error)}") from None
        if kind not in LIKELY:
            raise RecordingError(
                f"{self.path}: is {kind.value}, not a recording, which has a header in its first line and a record in "
                "each line behind it"
            )

    def checksums(self) -> Checksums:
        """What the text read so far hashes to; of the whole recording once it has been read to the end."""
        return Checksums(header=self._header_hash.hexdigest(), body=self._body_hash.hexdigest())

    def _kind_of(self, line: str, number: int) -> TypeAdapter[Any]:
        start = line[:400]
        for key, adapter in _KINDS:
            if f'"{key}":' in start:
                return adapter
        try:
            keys = json.loads(line)
        except (ValueError, RecursionError):
            raise RecordingError(f"{self.path}, line {number}: not JSON") from None
        for key, adapter in _KINDS:
            if isinstance(keys, dict) and key in keys:
                return adapter
        raise RecordingError(f"{self.path}, line {number}: no record of a known kind")

    def _read(self) -> Iterator[tuple[int, str]]:
        try:
            with gzip.open(self.path, "rb") if is_gzipped(self.path) else open(self.path, "rb") as file:
                for number, line in enumerate(file, 1):
                    if not line.endswith(b"\n"):
                        what = "" if number > 1 else "; a recording begins with a header"
                        raise RecordingError(f"{self.path}, line {number}: the file ends inside a line{what}")
                    (self._header_hash if number == 1 else self._body_hash).update(line)
                    yield number, line.decode("utf-8")
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            raise RecordingError(f"{self.path}: cannot be read: {reason_of(error)}") from error

    def _validate(self, adapter: TypeAdapter[Any], line: str, number: int) -> Any:
        try:
            return adapter.validate_json(line)
        except ValidationError as error:
            fault = faults_in(error)[0]
            what = "" if number > 1 else "; a recording begins with a header"
            raise RecordingError(f"{self.path}, line {number}: {fault}{what}") from None
