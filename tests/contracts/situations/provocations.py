"""Provocations: well-formed calls in situations that ordinary histories seldom get into.

Each mood bends the market; then everybody calls everything, each call undone. All of it in lockstep.
"""

from collections.abc import Callable, Mapping
from typing import Any

from eth_abi.abi import decode
from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import Arguments, Target, encoded, is_view
from ..harness.evm import ZERO_ADDRESS
from ..harness.market import ACCOUNTS, ADMIN, UMBRELLA
from ..histories.assault import Assault
from ..histories.usurped import CONFIGURATOR_ID, SET_ADDRESS

USURPER = ACCOUNTS[4]
ACTIVE, FROZEN, BORROWING, PAUSED = 56, 57, 58, 60
NUMBERS = (0, 1, 3, 70_000, 2**255)
BITS = {"inactive": (ACTIVE, 0), "frozen": (FROZEN, 1), "not borrowable": (BORROWING, 0), "paused": (PAUSED, 1)}


class Corner(Arguments):
    """Arguments of which each address is the same, but for users, and each number."""

    def __init__(self, usual: Arguments, address: str, number: int) -> None:
        super().__init__(usual.rng, usual.accounts, usual.assets, usual.others)
        self.address, self.number = address, number

    def value(self, parameter: Mapping[str, Any]) -> Any:
        kind, name = str(parameter["type"]), str(parameter["name"]).lower()
        if kind == "address":
            return (
                ADMIN
                if any(word in name for word in ("behalf", "user", "to")) and "token" not in name
                else self.address
            )
        if kind.startswith("uint") and not kind.endswith("]"):
            return 2 if name.endswith("mode") and kind == "uint256" else min(self.number, 2 ** int(kind[4:]) - 1)
        return super().value(parameter)


class Provocation(Assault):
    """A market, and calls that mean something in it."""

    def __init__(self, artifacts: ArtifactSet, revision: str, seed: int) -> None:
        super().__init__(artifacts, revision, seed)
        for _ in range(600):
            self.call()
        self.symbols = [label[4:] for label in self.recorder.addresses if label.startswith("agg_")]
        assets = [self.recorder.address(symbol) for symbol in self.symbols]
        accounts = [*ACCOUNTS, ADMIN, UMBRELLA, ZERO_ADDRESS]
        others = [self.recorder.address(label) for label in ("weth9", "receiver", "aWETH", "vWETH", "atoken_impl")]
        self.arguments = Arguments(self.rng, accounts, [*assets, ZERO_ADDRESS, others[0]], others)
        self.moods: list[Callable[[], None]] = [
            self.calm,
            self.dethrone,
            self.misplace_roles,
            self.ruin,
            self.disallow,
            self.expose,
            *(lambda bit=bit, value=value: self.switch(bit, value) for bit, value in BITS.values()),
        ]

    def send(self, sender: str, label: str, signature: str, *arguments: object) -> bytes:
        """One call that prepares something."""
        return self.chain.transact(sender, self.recorder.address(label), encoded(signature, arguments)).ret

    def run_moods(self, each: int) -> None:
        """Make so many calls in each mood. Raises DifferenceError."""
        for mood in self.moods:
            with self.chain.undone():
                mood()
                for _ in range(each):
                    self.undone_call()
                self.sweep_corners()
                self.chain.compare_storage()

    def undone_call(self) -> None:
        """One call of anything by anybody who might be entitled to it."""
        target: Target = self._target()
        signature, entry = self.rng.choice(target.functions)
        data = encoded(signature, self.arguments.of(entry))
        sender = self.rng.choice((ADMIN, ADMIN, USURPER, UMBRELLA, *self.senders))
        try:
            self.chain.call(sender, target.address, data)
        except NotModelledError:
            self.not_modelled += 1

    def sweep_corners(self) -> None:
        """Every function that changes something, by those who may, with the same odd value in all its places."""
        wanted = ("pool", "configurator", "irs", "acl", "sequencer", "WETH", "aWETH", "aUSDC", "vUSDC")
        asset = self.recorder.address("USDC")
        corners = [(a, n) for a in (ZERO_ADDRESS, self.arguments.others[0], asset, USURPER) for n in NUMBERS]
        for target in self.targets:
            for signature, entry in target.functions if target.label in wanted else ():
                for address, number in corners if not is_view(entry) else ():
                    data = encoded(signature, Corner(self.arguments, address, number).of(entry))
                    for sender in (ADMIN, USURPER):
                        self.chain.call(sender, target.address, data)

    def calm(self) -> None:
        """The market as it is."""

    def dethrone(self) -> None:
        """The pool obeys somebody else than its configurator."""
        self.send(ADMIN, "provider", SET_ADDRESS, CONFIGURATOR_ID, USURPER)

    def misplace_roles(self) -> None:
        """The roles are kept by a token of the market, whose proxy answers no configurator."""
        self.send(ADMIN, "provider", "setACLManager(address)", self.recorder.address("aUSDC"))

    def switch(self, bit: int, value: int) -> None:
        """One bit of every reserve, as only a usurper can set it."""
        self.dethrone()
        for symbol in self.symbols:
            asset = self.recorder.address(symbol)
            (word,) = decode(["uint256"], self.send(USURPER, "pool", "getConfiguration(address)", asset))
            changed = word | 1 << bit if value else word & ~(1 << bit)
            self.send(USURPER, "pool", "setConfiguration(address,(uint256))", asset, (changed,))

    def ruin(self) -> None:
        """Users have debts, and no tokens."""
        for symbol in self.symbols:
            for user in ACCOUNTS:
                balance = self.send(user, symbol, "balanceOf(address)", user)
                self.send(user, symbol, "transfer(address,uint256)", ADMIN, int.from_bytes(balance, "big"))

    def disallow(self) -> None:
        """Take back every allowance that lets the pool take tokens."""
        for symbol in self.symbols:
            for user in ACCOUNTS:
                self.send(user, symbol, "approve(address,uint256)", self.recorder.address("pool"), 0)

    def expose(self) -> None:
        """Everything that users borrowed against has lost nearly all its value."""
        borrow = "borrow(address,uint256,uint256,uint16,address)"
        for user in ACCOUNTS:
            for symbol in self.symbols:
                self.send(user, "pool", borrow, self.recorder.address(symbol), 10**6, 2, 0, user)
        for symbol in self.symbols[1:]:
            self.chain.set_price(self.recorder.address(f"agg_{symbol}"), 1)
