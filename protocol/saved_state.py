"""Saving a chain to a file and loading it back.

The file is one JSON document with one contract a line, so that a large state is read and written line by line. It is
written whole or not at all, and refused when it is truncated, edited or of another version. The line of a contract of
one's own names its class and tells what it holds (`own_code`); those lines have a digest of their own, because
`Chain.digest` does not see what such contracts hold beside their declared storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from .chain import Chain
from .contracts.addresses_provider import AddressesProvider
from .contracts.foreign import ForeignContract
from .files import reason_of, written_whole
from .models import AddressField, StrictModel
from .own_code import OwnCode, Teller, class_of, give_back
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
    own: OwnCode | None = None


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
    """The last line, opened: what the state before it hashes to, and what contracts of one's own hold, if any."""

    digest: str
    own_digest: str | None = None


OwnLine = tuple[int, SavedContract, OwnCode]
"""A contract of one's own, with the number of its line."""

_ENVELOPE = TypeAdapter(Envelope)
_CONTRACT = TypeAdapter(SavedContract)
_TRAILER = TypeAdapter(Trailer)


def save(chain: Chain, path: Path, market: SavedMarket | None = None) -> None:
    """Write the whole state to a file, atomically, and which market on it is meant.

    Contracts of one's own go along where others can import their class: with what they hold, as far as that is numbers,
    texts, bytes, truth values, None, addresses, lists, tuples, dicts and ledgers of these, functions and classes that
    can be imported, and the chain, markets and contracts on it. Raises ValueError, naming contract and attribute, for
    anything else, before anything is written.
    """
    own = _own_contracts(chain)
    path = Path(path)
    with written_whole(path) as file:
        hashed = _write(file, chain, own, market)
        mine = f',"own_digest":"{_digest_of_own(own)}"' if own else ""
        file.write(f'\n],"digest":"{hashed}"{mine}}}\n')


def _own_contracts(chain: Chain) -> dict[str, OwnCode]:
    codes, teller = codes_of(chain.revision), Teller(chain)
    present = ((where, chain.contracts[where]) for where in sorted(chain.contracts))
    return {
        where: teller.tell(contract)
        for where, contract in present
        if contract is not None and (contract.code() not in codes or isinstance(contract, ForeignContract))
    }


def _digest_of_own(own: dict[str, OwnCode]) -> str:
    return digest_of(canonical([where, own[where].model_dump()]) for where in sorted(own))


def _write(file: Any, chain: Chain, own: dict[str, OwnCode], market: SavedMarket | None) -> str:
    lines = chain.state_lines()
    heading = next(lines)
    named = f'"market":{canonical(market.model_dump())},' if market is not None else ""
    file.write(f'{{"format":"pooltwin-state","version":{VERSION},{named}"heading":{heading},"contracts":[')
    addresses = (where for where in sorted(chain.contracts) if chain.contracts[where] is not None)

    def passed_on() -> Iterator[str]:
        yield heading
        separator = "\n"
        for where, line in zip(addresses, lines, strict=True):
            mine = f'{line[:-1]},"own":{canonical(own[where].model_dump())}}}' if where in own else line
            file.write(separator + mine)
            separator = ",\n"
            yield line

    return digest_of(passed_on())


def load(path: Path, revision: Revision | None = None, *, own_code: bool = False) -> Chain:
    """Read a state back. `revision` is the record of a fork, if the state is one of a fork.

    A state with contracts of one's own is read with `own_code=True` only, because that imports the modules that the
    file names and so runs their code: do it with files that you trust. Constructors are not run.

    Raises SavedStateError when the file is truncated, edited, of another version or no state, for a state of a fork
    whose record is not given, and for code of one's own that is not asked for or not found.
    """
    path = Path(path)
    try:
        with open(path, encoding="utf-8") as file:
            chain = _read_heading(path, file.readline(), revision)
            claimed = _read_contracts(path, chain, file, own_code)
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


def _read_contracts(path: Path, chain: Chain, lines: Iterator[str], own_code: bool) -> str:
    interned: dict[Any, Any] = {}
    codes = codes_of(chain.revision)
    own: list[OwnLine] = []

    def intern(value: Any) -> Any:
        return interned.setdefault(value, value) if isinstance(value, str) else value

    for number, line in enumerate(lines, 2):
        if line.startswith('],"digest"'):
            if not line.endswith("}\n"):
                break
            trailer = _validated(_TRAILER, "{" + line[2:], path, number)
            if next(lines, None) is not None:
                raise SavedStateError(f"{path}: the file has been edited: there is something behind its last line")
            _require_genuine(path, own, trailer)
            _add_own(path, chain, own, own_code)
            return str(trailer.digest)
        saved = _validated(_CONTRACT, line.rstrip(",\n"), path, number)
        if saved.own is not None:
            own.append((number, saved, saved.own))
            continue
        cls = codes.get(saved.kind)
        if cls is None:
            raise SavedStateError(f"{path}, line {number}: kind: no contract of kind {saved.kind!r}")
        _add(path, number, chain, cls, saved, intern)
    raise SavedStateError(f"{path}: the file ends early: it has been truncated")


def _add(path: Path, number: int, chain: Chain, cls: Any, saved: SavedContract, intern: Callable[[Any], Any]) -> None:
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


def _require_genuine(path: Path, own: list[OwnLine], trailer: Trailer) -> None:
    """Refuse contracts of one's own that were edited, before anything that they name is imported."""
    told = {saved.address: code for _, saved, code in own}
    actual = _digest_of_own(told) if told else None
    if actual != trailer.own_digest:
        raise SavedStateError(
            f"{path}: the contracts of one's own have been edited: their digest is {actual}, "
            f"the file says {trailer.own_digest}"
        )


def _add_own(path: Path, chain: Chain, own: list[OwnLine], own_code: bool) -> None:
    if own and not own_code:
        named = dict.fromkeys(name for *_, code in own for name in code.imports())
        raise SavedStateError(
            f"{path}: there are contracts of one's own in it, and loading them runs code of {', '.join(named)}; "
            "if you trust the file, load it in Python with own_code=True"
        )
    for number, saved, code in own:
        try:
            cls = class_of(code, saved.kind)
        except ValueError as error:
            raise SavedStateError(f"{path}, line {number}: own.code: {error}") from None
        _add(path, number, chain, cls, saved, lambda value: value)
    for number, saved, code in own:
        try:
            give_back(chain.contracts[saved.address], code)
        except ValueError as error:
            raise SavedStateError(f"{path}, line {number}: {error}") from None
