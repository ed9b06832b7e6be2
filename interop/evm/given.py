"""A market taken from a chain that somebody else has run: its storage and its own code, found in a state file.

The contracts are told from each other by asking them (`identifying`), their storage is lifted into records, and the
market goes on in an EVM that runs the code which was there. Nothing is compiled.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address, address
from pooltwin.protocol.bytecode_name import BytecodeName
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.erc20 import WETH9, TestnetERC20
from pooltwin.protocol.contracts.oracle import MockAggregator
from pooltwin.protocol.evm_storage.raw import Identity, KnownKeys, StorageError, lift, load_contract
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.market import START_TIME, Market
from pooltwin.protocol.revisions import Revision, codes_of, revision_named

from .accounts import put_account
from .artifacts import ArtifactSet
from .chain import EvmChain
from .comparing_code import told_of
from .engine import Bytecode, mark_of, shown
from .genesis import WORD, Account, AllocError, Genesis, addresses_listed, genesis_of, read_genesis
from .given_token import ALLOWANCE, BALANCE_OF, TOTAL_SUPPLY, GivenToken, number_told, read_token
from .identifying import Found, Identifying, Questions, addresses_in
from .keys import NAMES_IN_CODE
from .plain_tokens import given_tokens, moves_plainly, put_test_tokens
from .planting import plant, plant_libraries
from .revm import Revm
from .standins import FEED_CODE
from .token_shares import NOBODY
from .token_words import bring_up, words_of

NOTHING_COMPILED = ArtifactSet(compiler="", evm_version="", contracts={})


KEPT = (GivenToken.KIND, TestnetERC20.KIND, WETH9.KIND, MockAggregator.KIND)
"""Kinds that are no part of the protocol, so that a fork of it does not renew them."""


class AllocWarning(UserWarning):
    """Something of the state is not as it was: names the address, and what stands there instead."""


@dataclass(frozen=True, repr=False)
class GivenCode(Bytecode):
    """Runs a market on the code that its chain has; what comes new is compiled, where compiled contracts are given."""

    accounts: Mapping[Address, Account] = field(default_factory=dict, repr=False)
    """The chain's accounts as they were found."""
    state: Path | None = None
    """The file of the state, where the engine is named by a string that names it too."""
    identified: frozenset[Address] = frozenset()
    """Those that are contracts of the market."""
    market: Market | None = field(default=None, compare=False, repr=False)
    """The market of that state, on a twin whose records are what the storage says."""
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """What of the state is not as it was."""
    peculiar: tuple[str, ...] = ()
    """Tokens of unknown code that do other things than move what they are told to."""
    renewed: bool = False
    """Do compiled contracts stand in the place of the protocol's own in the state?"""
    _words: dict[Address, Any] = field(init=False, compare=False, repr=False, default_factory=dict)

    def take_over(self, chain: Chain) -> EvmChain:
        """Make a chain in an EVM with the state of a twin's, on the code that was given, and the accounts beside it."""

        def code_of(contract: Contract) -> bytes:
            account = self.accounts.get(contract.address)
            if self.renewed and contract.KIND not in KEPT:
                return self.codes.code_of(contract)
            return account.code if account is not None and account.code else self.codes.code_of(contract)

        taken = self._like(chain)
        plant(chain, taken, code_of)
        if self.renewed:
            plant_libraries(taken, self.codes)
        for where, account in self.accounts.items():
            if where not in self.identified:
                taken.take_in_stranger(where, account)
        taken.given.find()
        taken.given.words = self._words
        for where in taken.given.tokens:
            bring_up(taken, where)
        return taken

    def record(self) -> Revision:
        """Give the record of the engine: that of other bytecode, and tokens of unknown code are known on it."""
        record = super().record()
        return replace(record, contracts={**record.contracts, GivenToken.KIND: GivenToken})

    @property
    def running(self) -> GivenCode:
        """The state that markets go on from."""
        return self

    def market_in(self, path: Path) -> Market | None:
        """Give the market of the state that the engine is named with, if that is the file."""
        return self.market if self.state is not None and path.resolve() == self.state.resolve() else None

    def with_code_of(self, other: Bytecode) -> GivenCode:
        """Give the engine of the same state on which other compiled contracts stand in the place of the protocol's.

        Tokens, feeds and strangers are the state's. Raises ValueError for contracts of another release.
        """
        if other.release != self.release:
            raise ValueError(f"{self.state}: the state is of release {self.release}, {other.label} of {other.release}")
        own = {"artifacts": other.artifacts, "layouts": other.layouts, "contracts": other.contracts, "name": other.name}
        return replace(self, **own, renewed=True)

    def refuse_twin(self) -> None:
        """Raise AllocError where no twin can play the market, because of a token that does what only its code knows."""
        if self.peculiar:
            raise AllocError(
                f"{', '.join(self.peculiar)}: a token of unknown code whose transfers do not move just what they are "
                "told to, which no release without its code can play"
            )

    def on_twin(self, release: Revision) -> Market:
        """Copy the market of the state to a twin of a release, its tokens of unknown code as test tokens.

        Raises AllocError as `refuse_twin`, and ValueError for another release.
        """
        market = self.market
        if market is None or release.release != self.release:
            raise ValueError(f"{self.state}: the state is of release {self.release}, not of {release.release}")
        self.refuse_twin()
        before = market.chain
        chain = before.copy_into(Chain(release, time=before.time, number=before.number, chain_id=before.chain_id), {})
        put_test_tokens(chain, market.admin)
        return Market(chain, market.provider.address, market.keys)

    def told(self) -> list[str]:
        """Say which contracts these are, in which state, and which of the market's are other code than was compiled."""
        return [*super().told(), *(told_of(self) if self.market is not None else ()), *self.notes]

    def marks(self) -> dict[str, str]:
        """Give for each account with code a mark that changes with it, and for what was compiled."""
        found = {where: mark_of(account.code) for where, account in self.accounts.items() if account.code}
        return {**super().marks(), **found}

    def __reduce__(self) -> tuple[Any, ...]:
        if self.name:
            return super().__reduce__()
        given = (self.release, self.artifacts, self.layouts, self.contracts, self.name)
        return GivenCode, (*given, self.accounts, self.state, self.identified)


def market_of_alloc(
    state: Path | str | Mapping[str, Any],
    *,
    revision: str,
    provider: str | None = None,
    layouts: Mapping[str, Any] | None = None,
    accounts: Iterable[str] = (),
    artifacts: Any = None,
    time: int | None = None,
    number: int | None = None,
    chain_id: int | None = None,
) -> Market:
    """Take a market from the state of a chain: a genesis file, `vm.dumpState`, an anvil dump, or such a mapping.

    `revision` is the release that its contracts are, or were forked from; `provider` its registry, where there are
    several, or its pool. `layouts` say where a fork's own variables are. Storage shows only hashes of the accounts that
    it is about: those in the state and in its words are known, others are given as `accounts`. `artifacts` are wanted
    for contracts that come later. `time` (seconds), `number` and `chain_id` are the file's, where it says them; a state
    that says no time begins when a reserve was last updated.

    Price feeds of unknown kinds are replaced by ones that answer the same until they are told otherwise, with an
    AllocWarning. A token of an unknown kind runs on, and its balances and allowances are read by asking it. Raises
    AllocError, naming the address, for a market that is not all there, for assets that are no tokens, and for words of
    storage that nothing explains.
    """
    genesis = genesis_of(state) if isinstance(state, Mapping) else read_genesis(state)
    compiled = NOTHING_COMPILED if artifacts is None else artifacts
    machine = GivenCode(revision_named(revision).name, compiled, layouts or {})
    said = _Said(_first(time, genesis.time), _first(number, genesis.number), _first(chain_id, genesis.chain_id))
    machine, twin, registry = _taken(machine, genesis, provider, accounts, said)
    return Market(machine.take_over(twin), registry)


def engine_of_state(named: BytecodeName, compiled: Bytecode) -> Revision:
    """Make the engine of the market in a state: its code is the state's, and what comes new is the compiled contracts'.

    `named` tells the files, `compiled` are the contracts of it, held against their release. Raises AllocError, naming
    the file and the address, as `market_of_alloc`.
    """
    path = named.state or Path()
    genesis = read_genesis(path)
    accounts = addresses_listed(named.accounts) if named.accounts is not None else ()
    machine = GivenCode(compiled.release, compiled.artifacts, compiled.layouts, compiled.contracts, compiled.name)
    said = _Said(genesis.time, genesis.number, genesis.chain_id)
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always", AllocWarning)
        try:
            machine, twin, registry = _taken(machine, genesis, named.provider or None, accounts, said)
        except AllocError as error:
            raise AllocError(f"{shown(path)}: {error}") from None
    notes = tuple(str(each.message) for each in raised)
    return replace(machine, state=path, market=Market(twin, registry), notes=notes).record()


class _Said(NamedTuple):
    """The moment of a state, as far as anybody says it."""

    time: int | None
    number: int | None
    chain_id: int | None

    def moment(self) -> _Moment:
        """Give the moment, with what is assumed where nobody says anything."""
        return _Moment(_first(self.time, START_TIME), _first(self.number, 1), _first(self.chain_id, 1))


class _Moment(NamedTuple):
    time: int
    number: int
    chain_id: int


def _taken(
    machine: GivenCode, genesis: Genesis, provider: str | None, accounts: Iterable[str], said: _Said
) -> tuple[GivenCode, Chain, Address]:
    """Take the market out of a state: the engine with its accounts, a twin with its records, and its registry."""
    release = replace(machine.record(), machine=None)
    twin, found, held = _lifted(genesis, release, provider, accounts, said)
    machine = replace(machine, accounts=held, identified=frozenset(found.identities), peculiar=_peculiar(twin, held))
    return machine, twin, next(iter(found.identities))


def _peculiar(twin: Chain, held: Mapping[Address, Account]) -> tuple[str, ...]:
    """Name the tokens of unknown code that do not move just what they are told to, tried in an EVM of its own."""
    tokens = given_tokens(twin)
    evm = _filled(held, _Moment(twin.time, twin.number, twin.chain_id)) if tokens else None
    return tuple(
        f"{token.symbol()} at {token.address}" for token in tokens if evm is not None and not moves_plainly(evm, token)
    )


def _lifted(
    genesis: Genesis, release: Revision, provider: str | None, accounts: Iterable[str], said: _Said
) -> tuple[Chain, Found, dict[Address, Account]]:
    """Lift the state into a twin. Returns it, the contracts of the market, and all accounts as they go on."""
    held, moment = dict(genesis.accounts), said.moment()
    evm = _filled(held, moment)
    questions = Questions(lambda to, data: _answer(evm, to, data))
    search = Identifying(held, questions, release)
    found = search.market(address(provider) if provider is not None else search.registry())
    if said.time is None and found.updated > moment.time:
        moment = moment._replace(time=found.updated)
        evm = _filled(held, moment)
    for feed in found.feeds:
        held[feed] = _feed(feed, held[feed], evm, questions)
        found.identities[feed] = Identity(MockAggregator.KIND, {})
    everybody = frozenset({ZERO_ADDRESS, *addresses_in(held), *map(address, accounts)})
    known = KnownKeys(everybody, frozenset(NAMES_IN_CODE))
    own: list[Address] = []
    for asset in found.assets:
        kind = _kind_of_token(asset, held, known, release, questions)
        if kind:
            found.identities[asset] = Identity(kind, {})
        else:
            own.append(asset)
    twin = _twin(found, held, known, release, moment)
    for asset in own:
        twin.contracts.load({asset: _given_token(twin, asset, evm, questions, everybody, found.pool)})
    return twin, found, held


def _twin(found: Found, held: Mapping[Address, Account], known: KnownKeys, release: Revision, moment: _Moment) -> Chain:
    """Lift what was identified. Raises AllocError for words that nothing explains."""
    try:
        return lift(
            release,
            found.identities,
            {where: held[where].storage for where in found.identities},
            known,
            time=moment.time,
            number=moment.number,
            chain_id=moment.chain_id,
            nonces={where: account.nonce for where, account in held.items() if account.nonce > bool(account.code)},
            balances={where: account.balance for where, account in held.items() if account.balance},
        )
    except StorageError as error:
        raise AllocError(
            f"{error}; if it is about an account that the state does not name, give it as one of `accounts` "
            "(--accounts); if it is a variable of a fork's own, say where it is in `layouts` (--layout)"
        ) from None


def _filled(accounts: Mapping[Address, Account], moment: _Moment) -> Revm:
    evm = Revm(time=moment.time, number=moment.number, chain_id=moment.chain_id)
    for where, account in accounts.items():
        put_account(evm, where, account)
    return evm


def _answer(evm: Revm, to: Address, data: bytes) -> bytes | None:
    outcome = evm.ask(to, data)
    return outcome.data if outcome.ok else None


def _feed(where: Address, account: Account, evm: Revm, questions: Questions) -> Account:
    """A price feed that can be told what to answer: itself, if it keeps nothing but the answer, or one in its place.

    Raises AllocError for what answers no price.
    """
    answer = questions.ask(where, "latestAnswer()", "int256")
    if answer is None:
        raise AllocError(f"{where}: the price feed answers no `latestAnswer()`")
    if account.storage.keys() <= {0}:
        evm.set_word(where, 0, answer + 1)
        told = questions.ask(where, "latestAnswer()", "int256")
        evm.set_word(where, 0, account.storage.get(0, 0))
        if told == answer + 1:
            return account
    warnings.warn(
        f"{where}: a price feed of an unknown kind; in its place stands one that answers {answer} until it is told "
        "otherwise",
        AllocWarning,
        stacklevel=4,
    )
    return Account(FEED_CODE, {0: answer % WORD} if answer else {}, account.nonce, account.balance)


def _kind_of_token(
    where: Address, held: Mapping[Address, Account], known: KnownKeys, release: Revision, questions: Questions
) -> str:
    """Find the kind of token that explains all words of an asset, and answers what it does. Empty for none of ours.

    Raises AllocError where there is no code.
    """
    account = held.get(where)
    if account is None or not account.code:
        raise AllocError(f"{where}: there is no code of the listed asset")
    own = release.contracts[TestnetERC20.KIND].code()
    codes = codes_of(release)
    kinds = [code for code, cls in codes.items() if cls.KIND in (TestnetERC20.KIND, WETH9.KIND)]
    for code in sorted(kinds, key=lambda code: (code != own, code)):
        token: Any = codes[code].blank(Chain(release, time=0), where)
        try:
            load_contract(token, account.storage, known)
        except StorageError:
            continue
        views = (("totalSupply()", "uint256", token.total_supply()), ("symbol()", "string", token.symbol()))
        if all(questions.ask(where, name, kind) == value for name, kind, value in views):
            return code
    return ""


def _given_token(
    twin: Chain, where: Address, evm: Revm, questions: Questions, everybody: Iterable[Address], pool: Address
) -> GivenToken:
    """Read the records of a token of unknown code from its views. Raises AllocError for what is no token."""
    decimals = questions.ask(where, "decimals()", "uint8")
    told = [number_told(evm, where, selector) for selector in (TOTAL_SUPPLY,)]
    told += [number_told(evm, where, BALANCE_OF, NOBODY), number_told(evm, where, ALLOWANCE, NOBODY, pool)]
    if decimals is None or None in told or any(told[1:]):
        raise AllocError(
            f"{where}: the listed asset is no token: it wants decimals, totalSupply, and balanceOf and allowance that "
            "answer 0 for an account that nobody knows"
        )
    token: GivenToken = GivenToken.blank(twin, where)
    texts = {name: _text(where, f"{name}()", questions) for name in ("name", "symbol")}
    token.initialise(token_decimals=decimals, token_name=texts["name"], token_symbol=texts["symbol"] or where)
    read_token(evm, token, sorted(everybody), ((account, pool) for account in sorted(everybody)))
    words = words_of(evm, where, {})
    if words.balance is None:
        said = "keeps its balances is not found, so nobody can be given any; whoever has some may send them"
        if words.shares is not None:
            said = (
                "keeps shares is found, from which balances are reckoned: whoever is given some has it to a few units"
            )
        warnings.warn(f"{where}: where {token.symbol()} {said}", AllocWarning, stacklevel=5)
    return token


def _text(where: Address, view: str, questions: Questions) -> str:
    """Ask for a text, which some tokens tell as 32 bytes; empty where there is none."""
    text = questions.ask(where, view, "string")
    if text is None:
        word = questions.ask(where, view, "bytes32") or b""
        text = word.rstrip(b"\0").decode("ascii", "replace")
    return str(text)


def _first(*values: Any) -> Any:
    """The first value that is known, if any is."""
    return next((value for value in values if value is not None), None)
