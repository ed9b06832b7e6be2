"""Saving a chain to a file and loading it back.

The file is one JSON document with one contract a line, so that a large state is read and written line by line. It is
written whole or not at all, and refused when it is truncated, edited or of another version.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from .chain import Chain
from .contracts.addresses_provider import AddressesProvider
from .files import reason_of, written_whole
from .models import AddressField, StrictModel
from .refusal import faults_in
from .revisions import Revision, codes_of, revision_named
from .state.dump import canonical, digest_of, load_field

VERSION = 1


class SavedStateError(ValueError):
    """The file is not a state this version can load. Names the file and what is wrong."""


class Heading(StrictModel):
    """The facts about the whole chain."""

    revision: str
    chain_id: int = Field(ge=1)
    time: int = Field(ge=0)
    number: int = Field(ge=0)
    nonces: list[tuple[AddressField, int]]
    balances: list[tuple[AddressField, int]]
    libraries: dict[str, AddressField]


class SavedContract(StrictModel):
    """One contract: the kind of its code, its address, its immutables and storage."""

    kind: str
    address: AddressField
    fields: dict[str, Any]


class SavedMarket(StrictModel):
    """The place of a market on a chain, and the names of its reserves."""

    provider: AddressField
    keys: dict[AddressField, str]


class Envelope(StrictModel):
    """The first line, closed: what the file claims to be."""

    format: Literal["pooltwin-state"]
    version: int
    market: SavedMarket | None = None
    heading: Heading
    contracts: list[SavedContract]


class Trailer(StrictModel):
    """The last line, opened: what the state before it hashes to."""

    digest: str


_ENVELOPE = TypeAdapter(Envelope)
_CONTRACT = TypeAdapter(SavedContract)
_TRAILER = TypeAdapter(Trailer)


def save(chain: Chain, path: Path, market: SavedMarket | None = None) -> None:
    """Write the whole state to a file, atomically, and which market on it is meant.

    Raises ValueError for contracts that only exist in this process.
    """
    codes = codes_of(chain.revision)
    for where in sorted(chain.contracts):
        contract = chain.contracts[where]
        if contract is not None and contract.code() not in codes:
            raise ValueError(f"{contract!r} is Python code of yours and cannot be saved")
    path = Path(path)
    with written_whole(path) as file:
        hashed = _write(file, chain.state_lines(), market)
        file.write(f'\n],"digest":"{hashed}"}}\n')


def _write(file: Any, lines: Iterator[str], market: SavedMarket | None) -> str:
    heading = next(lines)
    named = f'"market":{canonical(market.model_dump())},' if market is not None else ""
    file.write(f'{{"format":"pooltwin-state","version":{VERSION},{named}"heading":{heading},"contracts":[')

    def passed_on() -> Iterator[str]:
        yield heading
        separator = "\n"
        for line in lines:
            file.write(separator + line)
            separator = ",\n"
            yield line

    return digest_of(passed_on())


def load(path: Path, revision: Revision | None = None) -> Chain:
    """Read a state back. `revision` is the record of a fork, if the state is one of a fork.

    Raises SavedStateError when the file is truncated, edited, of another version or no state, and for a state of a fork
    whose record is not given.
    """
    path = Path(path)
    try:
        with open(path, encoding="utf-8") as file:
            chain = _read_heading(path, file.readline(), revision)
            claimed = _read_contracts(path, chain, file)
    except (OSError, UnicodeDecodeError) as error:
        raise SavedStateError(f"{path}: cannot be read: {reason_of(error)}") from error
    try:
        actual = chain.digest()
    except TypeError as error:  # keys of different kinds in one mapping
        raise SavedStateError(f"{path}: the state has been edited: {error}") from None
    if claimed != actual:
        raise SavedStateError(f"{path}: the state has been edited: its digest is {actual}, the file says {claimed}")
    return chain


def _validated(adapter: TypeAdapter[Any], text: str, path: Path, line: int) -> Any:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise SavedStateError(f"{path}, line {line}: {faults_in(error)[0]}") from None


def revision_in(path: Path) -> str:
    """The name of the release or fork that a state was saved on. Raises SavedStateError for what is no state."""
    path = Path(path)
    try:
        with open(path, encoding="utf-8") as file:
            return _read_envelope(path, file.readline()).heading.revision
    except (OSError, UnicodeDecodeError) as error:
        raise SavedStateError(f"{path}: cannot be read: {reason_of(error)}") from error


def market_in(path: Path, chain: Chain) -> SavedMarket:
    """Tell which market was saved with a chain; where the file does not say, the only one that is on it.

    Raises SavedStateError where there is none there.
    """
    path = Path(path)
    with open(path, encoding="utf-8") as file:
        market = _read_envelope(path, file.readline()).market
    registries = [where for where, contract in chain.contracts.items() if isinstance(contract, AddressesProvider)]
    if market is None and len(registries) != 1:
        raise SavedStateError(f"{path}: has {len(registries)} registries of markets, and does not say which is meant")
    market = market or SavedMarket(provider=registries[0], keys={})
    if market.provider not in registries:
        raise SavedStateError(f"{path}, line 1: market.provider: {market.provider} is no registry of a market")
    return market


def _read_envelope(path: Path, first_line: str) -> Envelope:
    envelope: Envelope = _validated(_ENVELOPE, first_line.rstrip("\n") + "]}", path, 1)
    if envelope.version != VERSION:
        raise SavedStateError(f"{path}: the file has version {envelope.version}, this program reads version {VERSION}")
    return envelope


def _read_heading(path: Path, first_line: str, fork: Revision | None) -> Chain:
    heading = _read_envelope(path, first_line).heading
    try:
        revision = _record_of(heading.revision, fork)
        chain = Chain(revision, time=heading.time, number=heading.number, chain_id=heading.chain_id)
    except ValueError as error:
        raise SavedStateError(f"{path}, line 1: {error}") from None
    chain.nonces.load(dict(heading.nonces))
    chain.balances.load(dict(heading.balances))
    chain.libraries.update(heading.libraries)
    return chain


def _record_of(name: str, fork: Revision | None) -> Revision:
    """Find the record that a state was saved by. Raises ValueError for a fork that is not at hand."""
    if fork is not None and (fork.is_fork or fork.name == name):
        if fork.name != name:
            raise ValueError(f"the state is one of {name!r}, not of {fork.name!r}")
        return fork
    if not name[:1].isdigit():
        raise ValueError(f"the state is one of the fork {name!r}: give its record, as load(path, revision=FORK)")
    return revision_named(name)


def _read_contracts(path: Path, chain: Chain, lines: Iterator[str]) -> str:
    interned: dict[Any, Any] = {}
    codes = codes_of(chain.revision)

    def intern(value: Any) -> Any:
        return interned.setdefault(value, value) if isinstance(value, str) else value

    for number, line in enumerate(lines, 2):
        if line.startswith('],"digest"'):
            if not line.endswith("}\n"):
                break
            trailer = _validated(_TRAILER, "{" + line[2:], path, number)
            if next(lines, None) is not None:
                raise SavedStateError(f"{path}: the file has been edited: there is something behind its last line")
            return str(trailer.digest)
        saved = _validated(_CONTRACT, line.rstrip(",\n"), path, number)
        cls: Any = codes.get(saved.kind)
        if cls is None:
            raise SavedStateError(f"{path}, line {number}: kind: no contract of kind {saved.kind!r}")
        contract = cls.blank(chain, saved.address)
        names = set(contract.stored_names())
        if not names - set(contract.ASSUMED) <= saved.fields.keys() <= names:
            raise SavedStateError(f"{path}, line {number}: fields: not those of a {saved.kind}")
        try:
            for name, data in saved.fields.items():
                contract.initialise(**{name: load_field(getattr(contract, name, None), data, intern)})
            contract.assume(saved.fields)
            contract.after_load()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SavedStateError(f"{path}, line {number}: fields: malformed: {error}") from None
        chain.contracts.load({saved.address: contract})
    raise SavedStateError(f"{path}: the file ends early: it has been truncated")
