"""The machine under the contracts: time, addresses, transactions, snapshots.

Time and block number are arguments, set by whoever drives the chain. There is no gas and no mempool: a transaction runs
at once, alone, and either takes effect as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from .address import ZERO_ADDRESS, Address, address, created_address, named_address
from .clock import Clocked, checked_timestamp
from .errors import EmptyRevert, Revert
from .logic.precompiled import PrecompiledContract
from .machine.coercion import bytes_of
from .machine.contract import Contract
from .machine.function import Function
from .machine.precompiles import PRECOMPILES, answer_of
from .machine.watcher import left_out_of_tracebacks
from .receipt import Receipt, describe_call
from .state.dump import canonical, digest_of
from .state.storage import Ledger

if TYPE_CHECKING:
    from .logic.terms import Revision
    from .machine.scripts import ScriptedCall

MAX_CALL_DEPTH = 64
"""How deep contracts may call into each other. The EVM runs out of gas or hits its limit of 1024."""

_AS_EVER: AbstractContextManager[None] = nullcontext()

__tracebackhide__ = left_out_of_tracebacks


class Chain(Clocked):
    """Contracts at addresses, a clock and one undo journal for everything that is stored."""

    new_receipt: ClassVar[type[Receipt]] = Receipt
    foresees: ClassVar[bool] = False
    """Must it be told beforehand what happens inside a transaction? The twin lets other people's Python run then."""
    __slots__ = (
        "__weakref__",
        "_preset_addresses",
        "asked",
        "balances",
        "contracts",
        "deployer",
        "libraries",
        "logs",
        "nonces",
        "receipt",
        "recorders",
        "revision",
        "value",
    )

    def __init__(self, revision: Revision, *, time: int, number: int = 1, chain_id: int = 1) -> None:
        super().__init__()
        journal = self.journal
        self.revision = revision
        self.time = checked_timestamp(time)
        self.number = number
        self.chain_id = chain_id
        self.contracts: Ledger[Address, Any] = Ledger(journal, None)
        self.nonces: Ledger[Address, int] = Ledger(journal, 0)
        self.balances: Ledger[Address, int] = Ledger(journal, 0)
        self.libraries: dict[str, Address] = {}
        self.logs: list[tuple[Address, Any]] = []
        self.deployer: Address = ZERO_ADDRESS
        self.value = 0
        self.receipt: Receipt | None = None
        self.recorders: tuple[Any, ...] = ()
        """Those who keep the events (`reads.record.EventRecord`)."""
        self.asked: Callable[[Any, Function, list[Any]], Any] | None = None
        """Who answers views at present, given contract, function and arguments; None for the twin's own code."""
        self._preset_addresses: dict[tuple[Address, int], Address] = {}

    def like(self) -> Chain:
        """Make an empty chain of the same kind at the same moment, for a copy."""
        return new_chain(self.revision, time=self.time, number=self.number, chain_id=self.chain_id)

    def set_revision(self, revision: Revision) -> None:
        """Have all contracts decide by another revision from now on; `upgrades` does what else belongs to it."""
        self.begin_step()
        old = self.revision
        self.journal.entries.append((self, "revision", old))
        self.revision = revision
        for contract in list(self.contracts.values()):
            if contract is not None:
                contract.follow(old, revision)

    # --- addresses --------------------------------------------------------------------------------------------------

    def at(self, where: Address) -> Any:
        """The contract at an address. Raises an empty revert where there is no code of a contract.

        As Solidity does before a call that expects no answer; for others there is `answering`.
        """
        contract = self.contracts[where]
        if contract is None:
            raise EmptyRevert(f"no contract at {where}")
        return contract

    def answering(self, where: Address) -> Any:
        """The contract at an address, for a call that expects an answer: precompiled contracts give one too.

        Raises an empty revert where there is no code: no answer is none that can be read.
        """
        contract = self.contracts[where]
        if contract is not None:
            return contract
        if where in PRECOMPILES:
            return PrecompiledContract(where)
        raise EmptyRevert(f"no contract at {where}")

    def next_address(self, creator: Address) -> Address:
        """Where the next contract created by `creator` will live, counting it."""
        nonce = self.nonces[creator] or 1
        self.nonces[creator] = nonce + 1
        return self._preset_addresses.get((creator, nonce)) or created_address(creator, nonce)

    def preset_address(self, creator: Address, nonce: int, where: Address) -> None:
        """Say where contract number `nonce` of `creator` will live, instead of where CREATE would put it."""
        self._preset_addresses[creator, nonce] = address(where)

    def deploy(
        self, make: Callable[[Chain, Address], Contract], where: Address, *, deployer: Address = ZERO_ADDRESS
    ) -> Any:
        """Put a contract at an address. Returns it. Raises ValueError when the address is taken.

        What its constructor emits is in `logs` until the next transaction. Some constructors name the `deployer`.
        """
        self._refuse_inside_transaction("a contract cannot be put at an address")
        where = address(where)
        if self.contracts[where] is not None:
            raise ValueError(f"there is a contract at {where} already: {self.contracts[where]!r}")
        self.begin_step()
        self.logs = []  # what a constructor emits belongs to no receipt
        self.deployer = address(deployer)
        contract = self.contracts[where] = make(self, where)
        return contract

    def construct(
        self,
        kind: str,  # noqa: ARG002 - for other chains
        make: Callable[[Chain, Address], Contract],
        where: Address,
        arguments: Sequence[Any],  # noqa: ARG002
        *,
        deployer: Address = ZERO_ADDRESS,
    ) -> Any:
        """Put a contract at an address, told by its kind and the arguments of its constructor too.

        The twin needs only what `make` makes; a chain of bytecode needs kind and arguments. Raises as `deploy`.
        """
        return self.deploy(make, where, deployer=deployer)

    def deploy_artifact(self, *_: Any, **__: Any) -> Any:
        """Put a compiled contract of one's own beside a market of bytecode. Raises TypeError on the twin."""
        raise TypeError("the twin runs no bytecode: compiled contracts stand beside compiled contracts only")

    def replace(self, where: Address, contract: Contract) -> None:
        """Put another contract in the place of one, with the same storage and more."""
        self.contracts[where] = contract

    def foresee(self, call: ScriptedCall | None) -> None:
        """Hear which call comes next, and what others' contracts will do inside it; the twin lets them when they do."""

    def unexplained_words(self, *, at_once: bool = True) -> Sequence[Any]:  # noqa: ARG002 - for other chains
        """List what no variable explains of what is stored; if not `at_once`, only if some hundred calls were made."""
        return ()

    def copies_lacked_words(self) -> bool:
        """Did copies that the last law made lack words that no record tells of? No more do."""
        return False

    def will_ask(self, views: Sequence[Any], accounts: Collection[Address]) -> None:
        """Say that views of one account, methods of contracts, are asked next of each account, in case that helps."""

    def judging(self) -> AbstractContextManager[None]:
        """Open a context in which laws ask: views answer as the contracts do, wherever these run."""
        return _AS_EVER

    # --- transactions -----------------------------------------------------------------------------------------------

    def enter(self, contract: Any, function: Function, sender: Address, arguments: Sequence[Any]) -> Any:
        """Run a function in a call frame that is undone as a whole when it fails; outermost, as a transaction."""
        if self.depth:
            return self._frame(contract, function, sender, arguments)
        receipt = self._open(contract, function, sender, arguments)
        watcher = self.watcher
        if watcher is None:
            return self._run(receipt, contract, function, sender, arguments)
        try:
            value = self._run(receipt, contract, function, sender, arguments)
        except Revert:
            watcher.transaction_ended(receipt)
            raise
        except BaseException:  # a bug in somebody's code: undone, and nothing to judge
            watcher.state_reverted()
            raise
        watcher.transaction_ended(receipt)
        return value

    def transact(self, sender: Address, to: Address, data: bytes, value: int = 0) -> Receipt:
        """Send raw calldata. The receipt tells how it went; a revert is in it, not raised. ValueError for no bytes."""
        sender, to, data = address(sender), address(to), bytes_of(data)
        contract = self.contracts[to]
        receipt = self._open(contract, None, sender, ())
        mark = self.journal.position()
        try:
            self.value = value
            self._pay(sender, to, value)
            if contract is not None:
                receipt.function, receipt.arguments = contract.route(sender, data)
                self._run(receipt, contract, receipt.function, sender, receipt.arguments)
            else:
                receipt.value = answer_of(to, data) or None
        except Revert as revert:
            receipt.revert = revert
            receipt.emitted = []
            self.journal.unwind(mark)
        except BaseException:
            self.journal.unwind(mark)
            raise
        finally:
            self.value = 0
        if self.watcher is not None:
            self.watcher.transaction_ended(receipt)
        return receipt

    def call(self, sender: Address, to: Address, data: bytes) -> Receipt:
        """What a transaction would answer, without its effects: the counterpart of `eth_call`."""
        kept, mark = self.receipt, self.snapshot()
        watcher, self.watcher = self.watcher, None  # what is undone is not watched, nor recorded
        recorders, self.recorders = self.recorders, ()
        try:
            return self.transact(sender, to, data)
        finally:
            self.revert_to(mark)
            self.receipt, self.watcher, self.recorders = kept, watcher, recorders
            if watcher is not None:
                watcher.step_begun()

    def nested(self, sender: Address, to: Address, data: bytes, value: int = 0) -> bytes:
        """Raw calldata, and ether, from inside a transaction: returns the return data, raises the revert.

        As the EVM's own call: where there is no code it succeeds, and precompiled contracts answer.
        """
        outer, self.value, mark = self.value, value, self.journal.position()
        try:
            self._pay(sender, to, value)
            if (contract := self.contracts[to]) is None:
                return answer_of(to, data)
            function, arguments = contract.route(sender, data)
            return function.encode_result(self._frame(contract, function, sender, arguments))  # type: ignore[no-any-return]
        except Revert:
            self.journal.unwind(mark)
            raise
        finally:
            self.value = outer

    def library(self, name: str) -> Address:
        """Where a linked library is, or a stand-in: the twin needs none of them."""
        return self.libraries.get(name) or named_address(name)

    def _open(self, contract: Any, function: Function | None, sender: Address, arguments: Sequence[Any]) -> Receipt:
        self._refuse_inside_transaction("another cannot be opened; call the contract directly")
        self.begin_step()
        self.logs = []
        receipt = self.receipt = self.new_receipt(contract, function, sender, arguments, self.revision)
        for recorder in self.recorders:
            recorder.transaction_opened()
        return receipt

    def _run(
        self, receipt: Receipt, contract: Any, function: Function, sender: Address, arguments: Sequence[Any]
    ) -> Any:
        try:
            value = receipt.value = self._frame(contract, function, sender, arguments)
        except Revert as revert:
            receipt.revert = revert
            if not revert.call:
                revert.call = describe_call(contract, function, sender, arguments)
                revert.style = self.revision.error_style
            raise
        receipt.emitted = self.logs
        for recorder in self.recorders:
            recorder.keep(self.logs)
        return value

    def _frame(self, contract: Any, function: Function, sender: Address, arguments: Sequence[Any]) -> Any:
        if function.view:
            return function.body(contract, *arguments)
        if self.depth >= MAX_CALL_DEPTH:
            raise EmptyRevert("calls nested too deep")
        watcher = self.watcher
        begun = None if watcher is None else watcher.call_begun(contract, function, sender, arguments)
        entries, logs = self.journal.entries, self.logs
        mark, log_mark = len(entries), len(logs)
        self.depth += 1
        try:
            value = function.body(contract, *arguments, sender=sender)
        except BaseException as error:
            self.journal.unwind(mark)
            del logs[log_mark:]
            if watcher is not None:
                watcher.call_ended(begun, None, error)
            raise
        else:
            if watcher is not None:
                watcher.call_ended(begun, value, None)
            return value
        finally:
            self.depth -= 1

    def _pay(self, sender: Address, to: Address, value: int) -> None:
        if value:
            if (held := self.balances[sender]) < value:
                lacking = f"{sender} has {held} wei of ether, not {value}"
                raise EmptyRevert(lacking) if self.depth else ValueError(lacking)
            self.balances[sender] -= value
            self.balances[to] += value

    # --- copies and comparison ----------------------------------------------------------------------------------------

    def fork(self) -> Chain:
        """An independent copy of the whole state, without snapshots, the last receipt and whoever watches.

        Contracts of one's own are copied with what they hold; where that is the chain, or a market on it, it is the
        copy. Raises TypeError, naming contract and attribute, for what cannot be copied.
        """
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Chain:
        self._refuse_inside_transaction("the chain cannot be copied")
        return self.copy_into(self.like(), memo)

    def copy_into(self, copy: Chain, memo: dict[int, Any]) -> Chain:
        """Copy the whole state into an empty chain, which may decide by another revision. Returns it."""
        copy.nonces.load(self.nonces)
        copy.balances.load(self.balances)
        copy.libraries.update(self.libraries)
        copy._preset_addresses.update(self._preset_addresses)
        copy.contracts.load({where: contract and contract.copy_to(copy) for where, contract in self.contracts.items()})
        memo |= {id(self): copy, id(self.journal): copy.journal}
        for where, contract in self.contracts.items():
            if contract is not None:
                contract.hand_on(copy.contracts[where], memo)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        self._refuse_inside_transaction("the chain cannot be copied")
        clock = self.time, self.number, self.chain_id
        ledgers = self.contracts, self.nonces, self.balances
        return _blank_chain, (), (self.revision, clock, self.journal, ledgers, self.libraries, self._preset_addresses)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        revision, (time, number, chain_id), journal, ledgers, libraries, preset_addresses = state
        Chain.__init__(self, revision, time=time, number=number, chain_id=chain_id)
        self.journal = journal
        self.contracts, self.nonces, self.balances = ledgers
        self.libraries, self._preset_addresses = libraries, preset_addresses

    def state_lines(self) -> Iterator[str]:
        """The whole state as canonical lines: a heading, then each contract by address."""
        yield canonical(
            {
                "revision": self.revision.name,
                "chain_id": self.chain_id,
                "time": self.time,
                "number": self.number,
                "nonces": sorted(self.nonces.written().items()),
                "balances": sorted(self.balances.written().items()),
                "libraries": self.libraries,
            }
        )
        for where in sorted(self.contracts):
            contract = self.contracts[where]
            if contract is not None:
                yield canonical({"kind": contract.code(), "address": where, "fields": contract.dump()})

    def digest(self) -> str:
        """SHA-256 of the whole state: equal states have equal digests, on any machine."""
        return digest_of(self.state_lines())


def new_chain(revision: Revision, *, time: int, number: int = 1, chain_id: int = 1) -> Chain:
    """Make an empty chain on which a record's engine runs: the twin's, unless the record names another maker."""
    if revision.machine is None:
        return Chain(revision, time=time, number=number, chain_id=chain_id)
    chain: Chain = revision.machine.new(revision, time=time, number=number, chain_id=chain_id)
    return chain


def _blank_chain() -> Chain:
    return Chain.__new__(Chain)
