"""A chain whose contracts are bytecode, and whose records are what was last read back from it.

The handles are the twin's own. A transaction runs in the EVM; then the words that it wrote are read back into the
records through the undo journal, so that whoever reads records, or their past, notices no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import cache, partial
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address, address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.foreign import SameAnswerReceiver
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events import read_event
from pooltwin.protocol.logic.terms import Revision
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.machine.scripts import ScriptedCall
from pooltwin.protocol.receipt import Receipt, describe_call
from pooltwin.protocol.snapshots import Snapshot

from .accounts import accounts_of, put_account
from .answers import Answers, Judging, revert_told
from .comparing import HiddenWords, UnexplainedWord
from .copying import copy_contracts
from .creations import take_in_created
from .deploying import create
from .genesis import Account, alloc_of
from .given_token import TokensRead
from .guests import WithGuests
from .keys import ALL_SMALL_NUMBERS, Named
from .own_contracts import OwnCompiled, own_on
from .performing import is_taken, performed
from .pushing import Pushed
from .receipts import ReceiptOfLogs
from .revm import RawLog, Revm
from .standins import answering_one_byte
from .succeeding import succeed
from .sweeping import SeenWords
from .token_words import minting
from .wires import Wire

SETTERS = ("PoolConfiguratorInstance", "PoolAddressesProvider")
"""Kinds whose calls may write entries under any small number, and make contracts."""

GOVERNED = (*SETTERS, "ACLManager", "AaveOracle", "DefaultReserveInterestRateStrategyV2")
"""Kinds after whose calls words are looked at, too, that only governance writes."""


class EvmChain(WithGuests):
    """Contracts are bytecode; records are what was read back of their storage."""

    new_receipt = ReceiptOfLogs
    foresees = True
    __slots__ = (
        *("_checkpoints", "_pool_at", "answers", "evm", "foreseen", "given", "hidden", "machine", "own", "pushed"),
        *("relinked", "seen", "strangers", "wires"),
    )

    def __init__(self, revision: Revision, machine: Any, *, time: int, number: int = 1, chain_id: int = 1) -> None:
        super().__init__(revision, time=time, number=number, chain_id=chain_id)
        self.machine = machine
        self.evm = Revm(time=self.time, number=self.number, chain_id=chain_id)
        self.seen = SeenWords(self.journal)
        self.wires: dict[Address, Wire] = {}
        """By address, what ties the words of a contract to its records."""
        self.relinked: dict[str, Address] = {}
        """Libraries that stand elsewhere than the first of their name."""
        self.strangers: dict[Address, dict[int, int]] = {}
        """Contracts that stand here and belong to no market, with the words that they began with."""
        self.given = TokensRead(self)
        """Tokens whose code is somebody's own."""
        self.own: dict[Address, None] = {}
        """Where compiled contracts of one's own were put."""
        self.foreseen: ScriptedCall | None = None
        """The transaction that comes next, with what other people's contracts will do inside it."""
        self.hidden = HiddenWords(self)
        self.pushed = Pushed(self)
        self.answers = Answers(self)
        self._checkpoints: list[Any] = []
        self._pool_at: Address | None = None

    # --- clock ------------------------------------------------------------------------------------------------------

    def begin_step(self) -> None:
        self.pushed.bring()
        super().begin_step()
        self.pushed.forget_after()
        self.given.before()

    def set_chain_id(self, chain_id: int) -> None:
        raise NotImplementedError("a chain of bytecode keeps its chain id: deploy the market on the one that is meant")

    def set_revision(self, revision: Revision) -> None:
        """Go on with other compiled contracts (`succeeding`). Raises UpgradeError for a release of the twin's."""
        if revision is not self.revision:
            succeed(self, revision)

    def library(self, name: str) -> Address:
        return self.relinked.get(name) or super().library(name)

    # --- contracts --------------------------------------------------------------------------------------------------

    def construct(
        self,
        kind: str,
        make: Callable[[Chain, Address], Contract],
        where: Address,
        arguments: Sequence[Any],
        *,
        deployer: Address = ZERO_ADDRESS,
    ) -> Any:
        contract = super().deploy(make, where, deployer=deployer)
        if isinstance(contract, SameAnswerReceiver):
            self.evm.set_code(contract.address, answering_one_byte(contract.answer))
            return contract
        self._create(contract, kind, arguments, deployer)
        return contract

    def _create(self, contract: Contract, kind: str, arguments: Sequence[Any], deployer: Address) -> None:
        where = contract.address
        outcome = create(self, kind, where, arguments)
        named = Named(where, deployer)
        named.arguments(arguments)
        named.everything.add(where)
        named.logs(outcome.logs)
        self.logs = self._events(outcome.logs)
        self._tie(where)
        self._read_back(named, [where])

    def take_in(self, contract: Contract, named: Named) -> None:
        """Have a contract that stands in the EVM already be a contract of this chain."""
        self.contracts[contract.address] = contract
        self._tie(contract.address)
        self.wires[contract.address].look(named)

    def _tie(self, where: Address) -> None:
        self.wires[where] = Wire(self, where)

    def take_in_stranger(self, where: Address, account: Account) -> None:
        """Have an account stand here that no record knows, as it is: code, words, nonce and ether."""
        self.strangers[where] = dict(account.storage)
        put_account(self.evm, where, account)

    def bring_up_to_date(self) -> None:
        """Write into the EVM what Python has written into records and the EVM does not know yet."""
        self.pushed.bring()

    def alloc(self) -> dict[Address, dict[str, Any]]:
        """Write the whole state as a genesis allocation: code, storage, nonce and balance of each account, in hex.

        As `vm.loadAllocs` and geth read it. Accounts that have none of that are left out.
        """
        return alloc_of(accounts_of(self))

    def foresee(self, call: ScriptedCall | None) -> None:
        self.foreseen = call

    # --- transactions -----------------------------------------------------------------------------------------------

    def enter(self, contract: Any, function: Function, sender: Address, arguments: Sequence[Any]) -> Any:
        if self.depth:
            raise RuntimeError("Python code cannot act inside a transaction of bytecode")
        receipt: ReceiptOfLogs = self._open(contract, function, sender, arguments)  # type: ignore[assignment]  # its kind
        return self._transaction(receipt, contract.address, function.calldata(arguments), 0)

    def transact(self, sender: Address, to: Address, data: bytes, value: int = 0) -> Receipt:
        sender, to = address(sender), address(to)
        contract = self.contracts[to]
        if value > (held := self.balances[sender]):
            raise ValueError(f"{sender} has {held} wei of ether, not {value}")
        receipt: ReceiptOfLogs = self._open(contract, None, sender, ())  # type: ignore[assignment]  # its kind
        if contract is not None:
            try:
                self.value = value
                receipt.function, receipt.arguments = contract.route(sender, data)
            except Revert:
                pass  # the bytecode will say so itself
            finally:
                self.value = 0
        try:
            self._transaction(receipt, to, data, value)
        except Revert as revert:
            receipt.revert = revert
        return receipt

    def _transaction(self, receipt: ReceiptOfLogs, to: Address, data: bytes, value: int) -> Any:
        """Run calldata as a transaction, and tell the watcher as the twin does."""
        watcher, function = self.watcher, receipt.function
        told = watcher is not None and function is not None and not function.view
        begun = None
        if watcher is not None and told:
            begun = watcher.call_begun(receipt.contract, function, receipt.sender, receipt.arguments)
        self.depth += 1
        try:
            self._run_in_evm(receipt, to, data, value)
        except BaseException as error:
            if watcher is not None and told:
                watcher.call_ended(begun, None, error)
            self.depth -= 1
            if watcher is not None:
                if isinstance(error, Revert):
                    watcher.transaction_ended(receipt)
                else:
                    watcher.state_reverted()
            raise
        if watcher is not None and told:
            watcher.call_ended(begun, receipt.value, None)
        self.depth -= 1
        if watcher is not None:
            watcher.transaction_ended(receipt)
        return receipt.value

    def _run_in_evm(self, receipt: ReceiptOfLogs, to: Address, data: bytes, value: int) -> None:
        sender, function = receipt.sender, receipt.function
        foreseen, self.foreseen = self.foreseen, None
        script = () if foreseen is None else foreseen.inside
        performs = False
        if script or self.given.tokens or self.evm.code(sender):
            with minting(self, receipt), performed(self.evm, sender, to, data, script) as message:
                outcome = self.evm.message(*message, value)
                performs = bool(script) and is_taken(self.evm)
        else:
            outcome = self.evm.message(sender, to, data, value)
        multicall = function is not None and function.name == "multicall"
        receipt.calls_unwatched = performs or multicall or isinstance(receipt.contract, OwnCompiled)
        if not outcome.ok:
            revert = receipt.revert = self.revert_of(outcome.data)
            if function is not None and receipt.contract is not None:
                revert.call = describe_call(receipt.contract, function, sender, receipt.arguments)
                revert.style = self.revision.error_style
            raise revert
        receipt.read_when_asked(partial(self._events, outcome.logs))
        self.logs = [] if self._is_tried else receipt.emitted
        named = Named(sender)
        named.arguments(receipt.arguments if function is not None else (data,))
        inside = [part for call in script for part in call.everything()]
        for part in inside:
            named.arguments((part.sender, part.to, *part.arguments))
        named.logs(outcome.logs)
        touched = dict.fromkeys((to, *(log[0] for log in outcome.logs), *(part.to for part in inside)))
        self._after((receipt.contract, *(part.contract for part in inside)), named, touched)
        receipt.value = outcome.data or None if function is None else function.decode_result(outcome.data)
        for recorder in self.recorders:
            recorder.keep(receipt.emitted)

    def _after(self, called: Sequence[Any], named: Named, touched: dict[Address, None]) -> None:
        """Read back what a transaction may have written; `called` are the contracts, None for an unknown one."""
        pool = self._pool()
        unknown = any(contract is None or isinstance(contract, OwnCompiled) for contract in called)
        kinds = {contract.KIND for contract in called if contract is not None}
        governed = not kinds.isdisjoint(GOVERNED)
        named.settled = governed or unknown
        named.everything.update(touched if unknown else (contract.address for contract in called))
        named.arguments(own_on(self))
        if pool is not None:
            named.actors[pool] = None
            named.everything.add(pool)
            named.pool = pool
            if governed or not self._is_tried:
                touched[pool] = None
        if not kinds.isdisjoint(SETTERS):
            named.governs = True
            new = take_in_created(self, named)
            named.numbers.update(ALL_SMALL_NUMBERS if new or pool is None else self.wires[pool].numbers)
        self._read_back(named, touched, thorough=unknown, governed=governed)
        self.given.after(named, touched, others=not self._is_tried)
        if self.balances:
            for account in {**named.everybody(), **touched}:
                if (ether := self.evm.ether(account)) != self.balances[account]:
                    self.balances[account] = ether
        self._lock_bridged(touched)
        self.pushed.to_here()
        if not self._is_tried:
            self.hidden.transactions += 1

    def _read_back(self, named: Named, touched: Any, *, thorough: bool = False, governed: bool = False) -> None:
        self.answers.forget()
        seen, wires, others = self.seen, self.wires, not self._is_tried
        for words, place, word in seen.sweep(self.evm, touched, thorough=thorough, governed=governed, others=others):
            old = seen.note(words, place, word)
            if (wire := wires.get(words.where)) is not None:
                wire.take(words.places[place], old, word)
        for where in touched:
            if (wire := wires.get(where)) is not None:
                wire.look(named)
        self.pushed.to_here()

    def _lock_bridged(self, touched: Any) -> None:
        """Let the other end of a bridge lock what was minted at this one."""
        for where in touched:
            if _locks(self.contracts[where].__class__) and self.receipt is not None:
                for emitter, event in self.receipt.emitted:
                    if emitter == where and type(event).__name__ == "Transfer" and event[0] == ZERO_ADDRESS:
                        self.contracts[where].lock(event[2])

    @property
    def _is_tried(self) -> bool:
        """Is a law trying something that it will undo?"""
        return self.asked is not None

    def _pool(self) -> Address | None:
        if self._pool_at not in self.wires:
            self._pool_at = next((where for where, wire in self.wires.items() if wire.is_pool), None)
        return self._pool_at

    def _events(self, logs: list[RawLog]) -> list[tuple[Address, Any]]:
        events = [(where, read_event(topics, data)) for where, topics, data in logs]
        return [(where, event) for where, event in events if event is not None]

    def revert_of(self, data: bytes) -> Revert:
        """Give the revert that revert data mean on this chain's release."""
        return revert_told(data, self.revision.error_style, self.machine.errors)

    # --- views ------------------------------------------------------------------------------------------------------

    def judging(self) -> AbstractContextManager[None]:
        self.hidden.nothing_copied()
        return Judging(self, self.answers.ask)

    def ask(self, contract: Any, function: Function, arguments: Sequence[Any]) -> Any:
        """Have a view answered by the bytecode. Raises its revert; Python's own contracts answer themselves."""
        return self.answers.ask(contract, function, arguments)

    def will_ask(self, views: Sequence[Any], accounts: Collection[Address]) -> None:
        if self.asked is not None:
            self.answers.ask_together(views, accounts)

    def unexplained_words(self, *, at_once: bool = True) -> list[UnexplainedWord]:
        return self.hidden.unexplained(at_once=at_once)

    def copies_lacked_words(self) -> bool:
        return self.hidden.copies_lacked_words()

    # --- snapshots and copies ---------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        snapshot = super().snapshot()
        self._checkpoints.append(self.evm.snapshot())
        return snapshot

    @property
    def snapshots_are_kept(self) -> bool:
        """Is there a snapshot that somebody may come back to?"""
        return bool(self._checkpoints)

    def _forget_from(self, snapshot: Snapshot) -> None:
        super()._forget_from(snapshot)
        del self._checkpoints[len(self._snapshots) :]

    def revert_to(self, snapshot: Snapshot) -> None:
        self._refuse_inside_transaction("no snapshot can be reverted to")
        checkpoint = next(
            (mine for mine, known in zip(self._checkpoints, self._snapshots, strict=True) if known is snapshot), None
        )
        self.pushed.bring()
        self.hidden.forget()
        super().revert_to(snapshot)
        self.evm.revert(checkpoint)
        self.evm.set_block(self.time, self.number)
        self.answers.forget()
        self.pushed.forget_after()
        for where in [where for where in self.wires if self.contracts[where] is None]:
            del self.wires[where]

    def __deepcopy__(self, memo: dict[int, Any]) -> Chain:
        self.pushed.bring()
        copy: EvmChain = super().__deepcopy__(memo)  # type: ignore[assignment]  # `like` made one
        copy.own.update(self.own)
        copy_contracts(self, copy, self.hidden.to_copy(tried=self._is_tried), own=bool(own_on(self)))
        copy.given.find()
        copy.given.words, copy.relinked = self.given.words, dict(self.relinked)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a chain of bytecode stays in its process: send its history, or save its market as a state")


@cache
def _locks(kind: type) -> bool:
    """Is it a contract behind which tokens are locked at the other end of a bridge?"""
    return hasattr(kind, "lock")
