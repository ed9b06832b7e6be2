"""Lockstep of the real contracts and the twin: every call goes to both, and every answer must be the same.

`LockstepChain` stands wherever a chain of real contracts does, so whatever drives one drives both.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.errors import NotModelledError
from pooltwin.protocol.events import Log
from pooltwin.protocol.evm_storage.places import places_of
from pooltwin.protocol.evm_storage.raw import known_keys, storage_of
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.recordings.decoding import describe_call, describe_logs, describe_return
from pooltwin.protocol.revisions import Revision, revision_named

from .artifacts import ArtifactSet, cache_folder
from .calldata import Arguments, encoded, targets
from .directed import Mutator, has_compound
from .evm import CHAIN_ID, ZERO_ADDRESS, Outcome, RealChain
from .hits import Hits, count_hits, signature_of
from .market import ACCOUNTS, ADMIN
from .recorder import MakeChain, Recorder
from .releases import TREASURY
from .replay import Record, outcome_record

FAILURES = cache_folder() / "lockstep-failures"
"""Where histories with a difference are kept, unless a test says otherwise."""
MUTATIONS_EACH = 3
"""Directed mutations of each call that is about to be made."""
VIEWS_EACH = 12
"""Sets of arguments with which a view is asked at the end of a history."""


class DifferenceError(AssertionError):
    """The twin is not the contracts: what was asked, and both answers in words."""

    def __init__(self, place: str, real: str, twin: str, call: tuple[str, str, bytes, Outcome] | None = None) -> None:
        super().__init__(f"{place}\n--- contracts\n{real}\n--- twin\n{twin}")
        self.call = call
        """Sender, target, calldata and the contracts' answer, where a call made the difference."""


CODES_INSIDE = {"TransparentProxyFactory": ("TransparentUpgradeableProxy", "ProxyAdmin")}


class LockstepChain(RealChain):
    """Real contracts, with a twin that does the same. Raises DifferenceError at the first call that shows one."""

    def __init__(
        self,
        artifacts: ArtifactSet,
        timestamp: int,
        block_number: int,
        *,
        revision: str,
        engine: Revision | None = None,
        chain_id: int = CHAIN_ID,
    ) -> None:
        super().__init__(artifacts, timestamp, block_number, chain_id=chain_id)
        self.twin = Chain(engine or revision_named(revision), time=timestamp, number=block_number, chain_id=chain_id)
        self.compared = 0
        """Calls with equal answers so far, trials and views included."""
        self.constructed = 0
        """Contracts whose constructors emitted the same."""
        self.hits: Hits = Counter()
        self.mutator: Mutator | None = None
        """Breaks each recorded call with compound arguments in several ways, before it is made."""
        self.mutations: Counter[str] = Counter()
        """Directed mutations: how many were sent, how many of them took effect, how many the twin does not model."""

    def set_time(self, timestamp: int, block_number: int) -> None:
        super().set_time(timestamp, block_number)
        if (self.twin.time, self.twin.number) != (timestamp, block_number):
            self.twin.set_time(timestamp, block_number)

    def give_ether(self, address: str, amount: int) -> None:
        super().give_ether(address, amount)
        self.twin.balances[address] = amount

    def compare_ether(self) -> None:
        """The ether of every account that was ever touched. Raises DifferenceError."""
        for address in {*self.accounts(), *self.twin.balances}:
            if self.ether(address) != self.twin.balances[address]:
                real, ours = str(self.ether(address)), str(self.twin.balances[address])
                raise DifferenceError(f"ether of {address}", real, ours)

    def transact(self, sender: str, to: str, data: bytes, value: int = 0) -> Outcome:
        """Raises NotModelledError, the contracts not asked, for what the twin says it cannot do."""
        answer: Receipt | Exception
        try:
            answer = self.twin.transact(sender, to, data, value)
        except NotModelledError:
            raise
        except Exception as error:
            answer = error
        real = super().transact(sender, to, data, value)
        self._compare(sender, to, data, real, answer)
        return real

    def before_call(self, sender: str, to: str, data: bytes) -> None:
        contract = self.twin.contracts[to]
        signature = None if contract is None else signature_of(contract, data)
        if self.mutator is not None and signature is not None and has_compound(signature):
            for _ in range(MUTATIONS_EACH):
                self.mutate(self.mutator, sender, to, signature, data)

    def mutate(self, mutator: Mutator, sender: str, to: str, signature: str, data: bytes) -> None:
        """Make a call broken, and undo it. Raises DifferenceError."""
        with self.undone():
            try:
                outcome = self.transact(sender, to, mutator.mutated(signature, data))
            except NotModelledError:
                self.mutations["not modelled"] += 1
                return
        self.mutations["sent"] += 1
        self.mutations["took effect"] += outcome.ok

    def _compare(self, sender: str, to: str, data: bytes, real: Outcome, answer: Receipt | Exception) -> None:
        call = (sender, to, data, real)
        if isinstance(answer, Exception):
            shown = describe_return(real.ok, real.ret, None)
            raise DifferenceError(self._name(sender, to, data), shown, f"raises {answer!r}", call) from answer
        receipt = answer
        if (real.ok, real.ret) != (receipt.ok, receipt.return_data):
            theirs = describe_return(real.ok, real.ret, receipt.function)
            ours = describe_return(receipt.ok, receipt.return_data, receipt.function)
            raise DifferenceError(self._name(sender, to, data), theirs, ours, call)
        logs = shown_logs(receipt.logs)
        if logs != real.logs:
            raise DifferenceError(self._name(sender, to, data), _shown(real.logs), _shown(logs), call)
        self.compared += 1
        count_hits(self.hits, self.twin, to, data, receipt)

    def create(self, sender: str, kind: str, arguments: Sequence[object]) -> str:
        where = super().create(sender, kind, arguments)
        construct(kind, self.twin, where, [*arguments, *self._codes_inside(kind)], deployer=sender)
        real, ours = self.constructor_logs, shown_logs([Log(*entry) for entry in self.twin.logs])
        if ours != real:
            raise DifferenceError(f"what the constructor of {kind} emits", _shown(real), _shown(ours))
        self.constructed += 1
        return where

    def _codes_inside(self, kind: str) -> list[str]:
        """The creation code that a contract carries and the twin has to be given: addresses follow from it."""
        inside = CODES_INSIDE.get(kind, ())
        return [f"0x{self.artifacts[carried].creation_code({}).hex()}" for carried in inside]

    def place_receiver(self, address: str, kind: str) -> None:
        super().place_receiver(address, kind)
        construct(kind, self.twin, address, [])

    def set_price(self, aggregator: str, answer: int) -> None:
        super().set_price(aggregator, answer)
        self.twin.at(aggregator).set_answer(answer)

    def set_storage(self, address: str, slot: int, word: int) -> None:
        raise NotImplementedError("in lockstep, storage changes by calls only")

    @contextmanager
    def undone(self) -> Iterator[None]:
        with super().undone():
            mark = self.twin.snapshot()
            try:
                yield
            finally:
                self.twin.revert_to(mark)

    def compare_storage(self) -> int:
        """All raw storage of both sides. Returns how many words there are. Raises DifferenceError."""
        real, twin = self.all_storage(), storage_of(self.twin)
        for where in sorted(real.keys() | twin.keys()):
            ours, theirs = twin.get(where, {}), real.get(where, {})
            if ours != theirs:
                slots = sorted(slot for slot in ours.keys() | theirs.keys() if ours.get(slot) != theirs.get(slot))
                place = f"storage of {self.twin.contracts[where]!r} at {where}: {self._variable(where, slots[0])}"
                raise DifferenceError(place, f"{theirs.get(slots[0], 0):#066x}", f"{ours.get(slots[0], 0):#066x}")
        return sum(map(len, real.values()))

    def _variable(self, where: str, slot: int) -> str:
        contract = self.twin.contracts[where]
        near = "" if contract is None else places_of(contract).nearest(slot, known_keys(self.twin), contract)
        return f"slot {slot:#x} {near}"

    def _name(self, sender: str, to: str, data: bytes) -> str:
        contract = self.twin.contracts[to]
        kind = contract.KIND if contract is not None else "no contract"
        return f"{kind} at {to}: {describe_call(self.twin, to, data, 'call()')} from {sender}, data 0x{data.hex()}"


def shown_logs(logs: Sequence[Log]) -> tuple[Any, ...]:
    """The twin's events as the EVM shows them."""
    return tuple((log.address, tuple("0x" + topic.hex() for topic in log.topics), bytes(log.data)) for log in logs)


def _shown(logs: Sequence[Any]) -> str:
    return describe_logs([(where, topics, "0x" + data.hex()) for where, topics, data in logs]) or "no events"


def in_lockstep_with(revision: str, mutations: int | None = None, engine: Revision | None = None) -> MakeChain:
    """Makes chains of real contracts that have a twin of this revision beside them, or of a fork of it.

    With a seed of `mutations`, each recorded call is broken in several ways before it is made.
    """

    def make(artifacts: ArtifactSet, timestamp: int, block_number: int) -> RealChain:
        chain = LockstepChain(artifacts, timestamp, block_number, revision=revision, engine=engine)
        chain.mutator = None if mutations is None else Mutator(random.Random(f"mutations {mutations}"))
        return chain

    return make


def write_failure(recorder: Recorder, head: Record, folder: Path, difference: DifferenceError) -> Path:
    """The history up to and with the call that shows the difference, as a recording in a folder."""
    if difference.call is not None:
        recorder.records.append(_last_record(recorder, *difference.call))
        head = {**head, "addresses": {"caller": difference.call[0], **head["addresses"]}}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"difference-v{head['revision']}-{head['seed']}.jsonl.gz"
    recorder.write(path, head)
    return path


def _last_record(recorder: Recorder, sender: str, to: str, data: bytes, outcome: Outcome) -> Record:
    chain = recorder.chain
    assert isinstance(chain, LockstepChain)
    target = {
        "from": sender,
        "to": recorder.labels.get(to, to),
        "fn": signature_of(chain.twin.contracts[to], data) or "anything()",
    }
    answer = outcome_record(outcome, recorder.labels)
    return {"t": chain.timestamp, "n": chain.block_number, **target, "data": f"0x{data.hex()}", **answer}


def sweep_views(recorder: Recorder) -> None:
    """Ask every view of every contract, with arguments that mean something. Raises DifferenceError."""
    rng = random.Random(f"views {len(recorder.records)}")
    addresses = recorder.addresses
    assets = [addresses[label.removeprefix("agg_")] for label in addresses if label.startswith("agg_")]
    arguments = Arguments(rng, [*ACCOUNTS, ADMIN, TREASURY], assets, list(addresses.values()))
    for target in targets(recorder):
        for signature, entry in target.views():
            calls = {encoded(signature, arguments.of(entry)) for _ in range(VIEWS_EACH if entry["inputs"] else 1)}
            for data in sorted(calls):
                recorder.chain.transact(ZERO_ADDRESS, target.address, data)
