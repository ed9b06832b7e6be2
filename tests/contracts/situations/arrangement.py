"""Arrangement of situations by hand, and what calls come to in them: outcomes that chance does not lead to.

An `Arrangement` is data: what is done first, then calls with the outcome each must have. What is done first are calls,
prices, times and, where no call leads there, values planted in the storage of both sides. Everything runs in lockstep
with the real contracts and is undone; the next arrangement starts from the same market.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.state.storage import Ledger, RecordMap

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import encoded
from ..harness.evm import ZERO_ADDRESS, argument_types
from ..harness.hits import Hits, outcomes, summed_up
from ..harness.market import ACCOUNTS, ADMIN, MAX_UINT, REFUSING_RECEIVER, SIGNERS, SUPPLY, UMBRELLA, Asset, list_asset
from ..harness.planting import edit, planted
from ..harness.recorder import Recorder
from ..harness.releases import has
from ..harness.signing import permit_digest
from ..harness.world import Call
from ..histories.assault import Assault
from ..histories.user_calls import BORROW

PEOPLE = dict(zip(("alice", "bob", "carol", "dave", "erin", "frank"), ACCOUNTS, strict=False))
"""The first four supply everything; frank is the first who can sign."""
CALLERS = (*PEOPLE, "umbrella", "admin")
"""Who has a key."""
ISOLATED = Asset("ISO", 18, 10**10, (9000, 0, 100, 1000), (7000, 7500, 10500), 1000, 1000, True, 0)
PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
YEAR = 31_536_000
USE = "setUserUseReserveAsCollateral(address,bool)"


class Price(NamedTuple):
    """Price that a feed answers from here on."""

    symbol: str
    answer: int


class At(NamedTuple):
    """Time that it is from here on; a number of up to a year is added to the present."""

    time: int


class Plant(NamedTuple):
    """Value written into storage: contract, variable, then keys and members. Functions are given the old value."""

    where: tuple[Any, ...]
    value: Any


class Permit(NamedTuple):
    """Calldata of a token's `permit` with frank's good signature."""

    token: str
    spender: str
    value: int


Step = Call | Price | At | Plant
Expected = tuple[str, Sequence[Call | Permit]]
"""An outcome, and the calls that come to it."""


class Arrangement(NamedTuple):
    """A situation, the steps that lead to it, and what calls come to in it."""

    about: str
    given: Sequence[Step]
    then: Sequence[Expected]
    silenced: tuple[str, ...] = ()
    """Contracts that lose their code, so that they can be callers as if they had a key."""

    @property
    def planted(self) -> bool:
        """Tell whether it needs values that no call writes, or a caller that has no key."""
        calls = [step for step in self.given if isinstance(step, Call)]
        calls += [one for _, asked in self.then for one in asked if isinstance(one, Call)]
        return any(isinstance(step, Plant) for step in self.given) or any(c.sender not in CALLERS for c in calls)


def call(sender: str, to: str, signature: str, *arguments: Any) -> Call:
    """A call; accounts and contracts go by name."""
    return Call(sender, to, signature, arguments)


def plant(*where: Any, value: Any) -> Plant:
    """A value in storage."""
    return Plant(where, value)


class Cast:
    """Cast of a situation: the addresses that names stand for, and calls that use names as calldata."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        for name, account in {**PEOPLE, "umbrella": UMBRELLA, "admin": ADMIN, "nobody": ZERO_ADDRESS}.items():
            recorder.alias(name, account)

    def at(self, name: str) -> str:
        """Address that a name stands for."""
        return self.recorder.address(name)

    def key(self, part: Any) -> Any:
        """A storage key or value with names replaced by addresses."""
        if isinstance(part, tuple):
            return tuple(map(self.key, part))
        return self.at(part) if isinstance(part, str) else part

    def data(self, made: Call) -> bytes:
        """Encode a call that uses names."""
        kinds = argument_types(made.signature)
        values = [self._value(kind, value) for kind, value in zip(kinds, made.arguments, strict=True)]
        return encoded(made.signature, values)

    def permit(self, asked: Permit, domain: bytes) -> Call:
        """The call that a signed permit is, for a token with this domain."""
        signer = SIGNERS[0]
        parties = (signer.address, self.at(asked.spender))
        signature = signer.sign(permit_digest(domain, parties, asked.value, 0, MAX_UINT))
        return call("frank", asked.token, PERMIT, *parties, asked.value, MAX_UINT, *signature)

    def _value(self, kind: str, value: Any) -> Any:
        """An argument with names replaced by addresses."""
        if kind == "address":
            return self.at(value)
        if kind.endswith("[]"):
            return [self._value(kind[:-2], item) for item in value]
        if kind.startswith("("):
            return tuple(self._value(k, v) for k, v in zip(argument_types(f"f{kind}"), value, strict=True))
        return value


class Stage(Assault):
    """A market with positions of every kind, on which arrangements are played."""

    def __init__(self, artifacts: ArtifactSet, silenced: Sequence[str] = (), revision: str = "3.6") -> None:
        super().__init__(artifacts, revision, seed=0)
        recorder = self.recorder
        self.cast = Cast(recorder)
        recorder.place_receiver("refusing", "AlwaysFalseReceiver", REFUSING_RECEIVER)
        list_asset(recorder, ISOLATED)
        for step in SCENERY:
            if step.to == "configurator" and not has(artifacts, "PoolConfiguratorInstance", step.signature):
                continue  # a release without isolation mode
            outcome = recorder.transact_raw(self.cast.at(step.sender), step.to, step.signature, self.cast.data(step))
            assert outcome.ok, step
        recorder.chain = planted(self.chain.twin, self.chain, silenced=[self.cast.at(label) for label in silenced])

    def play(self, arrangement: Arrangement) -> Hits:
        """Play the steps and ask. Returns what was seen. Raises DifferenceError; AssertionError for other outcomes."""
        with self.chain.undone():
            for kind, steps in groupby(arrangement.given, type):
                if kind is Plant:
                    self._plant_all(list(steps))
                else:
                    for step in steps:
                        self.do(step, arrangement.about)
            before, self.chain.hits = self.chain.hits, Hits()
            for outcome, calls in arrangement.then:
                for asked in calls:
                    self._ask(asked, outcome, arrangement.about)
            seen, self.chain.hits = self.chain.hits, before
            self.chain.compare_storage()
        return seen

    def do(self, step: Step, about: str) -> None:
        """Take one step. Raises AssertionError, which says what it was about, where a call reverts."""
        if isinstance(step, Plant):
            self._plant_all([step])
        elif isinstance(step, Price):
            self.chain.set_price(self.cast.at(f"agg_{step.symbol}"), step.answer)
        elif isinstance(step, At):
            time = step.time if step.time > YEAR else self.chain.timestamp + step.time
            self.chain.set_time(time, self.chain.block_number + 1)
        elif isinstance(step, Call):
            done = self.chain.transact(self.cast.at(step.sender), self.cast.at(step.to), self.cast.data(step))
            if not done.ok:
                raise AssertionError(f"{about}: {step} reverts: {self._answer()}")

    def _ask(self, asked: Call | Permit, outcome: str, about: str) -> None:
        with self.chain.undone():
            made = self._signed(asked) if isinstance(asked, Permit) else asked
            to = self.cast.at(made.to)
            self.chain.transact(self.cast.at(made.sender), to, self.cast.data(made))
            seen = self._answer()
        contract = self.chain.twin.contracts[to]
        if outcome not in {summed_up(contract.KIND, made.signature, one) for one in seen}:
            raise AssertionError(f"{about}: {made} comes to {sorted(seen)}, not {outcome}")

    def _signed(self, asked: Permit) -> Call:
        return self.cast.permit(asked, self.chain.twin.at(self.cast.at(asked.token)).domain_separator())

    def _answer(self) -> set[str]:
        receipt = self.chain.twin.receipt
        assert receipt is not None
        return outcomes(receipt)

    def _plant_all(self, steps: Sequence[Step]) -> None:
        def change(twin: Chain) -> None:
            for step in steps:
                if isinstance(step, Plant):
                    self._plant(twin, step)

        edit(self.chain, change)

    def _plant(self, twin: Chain, step: Plant) -> None:
        """Write one value of the twin's."""
        label, name, *path = (self.cast.key(part) for part in step.where)
        holder: Any = twin.contracts[label]
        while path and isinstance(getattr(holder, name), RecordMap):
            holder, name, path = getattr(holder, name)[path[0]], path[1], path[2:]
        stored = getattr(holder, name)
        ledger = isinstance(stored, Ledger)
        old = stored[path[0]] if ledger else stored
        value = step.value(old) if callable(step.value) else self.cast.key(step.value)
        if ledger:
            stored[path[0]] = value
        else:
            setattr(holder, name, value)


SCENERY = (
    call("admin", "provider", "setPoolDataProvider(address)", "data_provider"),
    call("admin", "ISO", "mint(address,uint256)", "erin", 10**24),
    call("erin", "ISO", "approve(address,uint256)", "pool", MAX_UINT),
    call("admin", "configurator", "setDebtCeiling(address,uint256)", "ISO", 10**7),
    call("admin", "configurator", "setBorrowableInIsolation(address,bool)", "USDC", True),
    call("erin", "pool", SUPPLY, "ISO", 10**21, "erin", 0),
    call("erin", "pool", USE, "ISO", True),
    call("erin", "pool", BORROW, "USDC", 10**10, 2, 0, "erin"),
    call("alice", "pool", BORROW, "USDC", 10**12, 2, 0, "alice"),
    call("bob", "pool", BORROW, "WETH", 10**20, 2, 0, "bob"),
    call("umbrella", "pool", SUPPLY, "USDC", 10**12, "umbrella", 0),
    call("frank", "pool", SUPPLY, "WETH", 10**18, "frank", 0),
)
"""What everybody has done before an arrangement begins: erin is in isolation mode, alice and bob have debts."""
