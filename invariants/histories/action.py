"""Histories as data: who called what with which arguments, and what time and prices did in between.

An action names people and contracts instead of addresses (`alice`, `WETH`, `aWETH`, `pool`), so that a history reads as
a story, survives a change of addresses, and can be kept as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pooltwin.protocol.address import Address, address, named_address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.contract import NoSuchFunction
from pooltwin.protocol.machine.scripts import ScriptedCall
from pooltwin.protocol.machine.watcher import left_out_of_tracebacks
from pooltwin.protocol.market import Market
from pooltwin.protocol.receipt import Receipt

from .listing import parts_of_listings
from .outfit import CAPPED_FEED, SPARE, is_piece, provide, provide_inside
from .own_contract import OwnContract, checked_name, told_with_line
from .receiver import RECEIVER, ScriptedReceiver
from .resolving import arguments_of, call_of, resolved_call, shown
from .unfit import ActionError, OwnContractError

Argument = int | bool | str | bytes | tuple["Argument", ...]

CLOCK = "time"
PRINCIPALS = {
    "supply": 2,
    "deposit": 2,
    "borrow": 4,
    "repay": 3,
    "transferFrom": 0,
    "flashLoan": 4,
    "setUserUseReserveAsCollateralOnBehalfOf": 2,
    "setUserEModeOnBehalfOf": 1,
}
"""Which argument says in whose name a call is made."""
RELISTING = ("initReserves", "dropReserve", "setAssetSources")
PRICE = "price"

__tracebackhide__ = left_out_of_tracebacks


@dataclass(frozen=True, slots=True)
class Action:
    """One event of a history: a call, or the passing of time, or a move of a price.

    A call has a sender, a target and the Solidity name of a function. `inside` is what the receiver of a flash loan
    does before it pays back. Time passes in `target` "time" by one argument, seconds; a price is set with `target`
    "price", an asset and its price (8 decimals).
    """

    sender: str
    target: str
    function: str
    arguments: tuple[Argument, ...] = ()
    inside: tuple[Action, ...] = ()

    @classmethod
    def wait(cls, seconds: int) -> Action:
        """Let time pass."""
        return cls("", CLOCK, "", (seconds,))

    @classmethod
    def price(cls, symbol: str, price: int) -> Action:
        """Set an asset's price."""
        return cls("", PRICE, "", (symbol, price))

    @property
    def called(self) -> str:
        """What is called, as "pool.supply"; "time" or "price" for what no call is."""
        return f"{self.target}.{self.function}" if self.function else self.target

    @property
    def principal(self) -> str | None:
        """In whose name a call is made, where its function says so; None for other functions."""
        place = PRINCIPALS.get(self.function)
        return str(self.arguments[place]) if place is not None and place < len(self.arguments) else None

    def __str__(self) -> str:
        if self.target == CLOCK:
            return f"{shown(self.arguments[0])} seconds pass"
        if self.target == PRICE:
            return f"the price of {shown(self.arguments[0])} becomes {shown(self.arguments[1])}"
        text = f"{self.sender}: {self.target}.{self.function}({', '.join(map(shown, self.arguments))})"
        if self.inside:
            text += " { " + "; ".join(str(action) for action in self.inside) + " }"
        return text

    def to_json(self) -> dict[str, Any]:
        """As JSON data."""
        if self.target == CLOCK:
            return {"wait": self.arguments[0]}
        if self.target == PRICE:
            return {"price": list(self.arguments)}
        data: dict[str, Any] = {
            "who": self.sender,
            "call": f"{self.target}.{self.function}",
            "with": [_to_json(value) for value in self.arguments],
        }
        if self.inside:
            data["inside"] = [action.to_json() for action in self.inside]
        return data

    @classmethod
    def from_json(cls, data: Any) -> Action:
        """Back from JSON data. Raises ActionError, showing the data, for anything else."""
        if isinstance(data, dict):
            if data.keys() == {"wait"} and type(data["wait"]) is int and data["wait"] >= 0:
                return cls.wait(data["wait"])
            if data.keys() == {"price"} and isinstance(data["price"], list) and len(data["price"]) == 2:
                return cls.price(*data["price"])
            if {"who", "call", "with"} <= data.keys() <= {"who", "call", "with", "inside"}:
                target, _, function = str(data["call"]).rpartition(".")
                if target and function and isinstance(data["with"], list):
                    arguments = tuple(_from_json(value) for value in data["with"])
                    if not isinstance(data.get("inside", []), list):
                        raise ActionError(f"inside: {data['inside']!r} is not a list of actions")
                    inside = tuple(cls.from_json(part) for part in data.get("inside", ()))
                    return cls(str(data["who"]), target, function, arguments, inside)
        raise ActionError(f"{data!r} is not an action: expected who, call and with, or wait, or price")


def _to_json(value: Argument) -> Any:
    if isinstance(value, tuple):
        return [_to_json(member) for member in value]
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Argument:
    if isinstance(value, list):
        return tuple(_from_json(member) for member in value)
    if isinstance(value, dict) and value.keys() == {"hex"} and isinstance(value["hex"], str):
        try:
            return bytes.fromhex(value["hex"])
        except ValueError:
            raise ActionError(f"{value!r} is not bytes in hex") from None
    if isinstance(value, int | str):
        return value
    raise ActionError(f"{value!r} is not an argument: expected a number, a name, a list or hex bytes")


@dataclass
class Stage:
    """A market with names for everybody on it: where actions are performed."""

    market: Market
    actors: Sequence[str]
    """Names of people; a name that is an address stands for itself."""
    book: dict[str, Address] = field(default_factory=dict)
    own: dict[str, OwnContract] = field(default_factory=dict)
    """The contracts of one's own, by name."""

    def __post_init__(self) -> None:
        self.chain = self.market.chain
        for name in self.actors:
            self.book[name] = name if name.startswith("0x") else named_address(name)
        market = self.market
        self.book.update(
            admin=market.admin,
            umbrella=market.umbrella,
            pool=market.pool.address,
            configurator=market.configurator.address,
            oracle=market.oracle.address,
            acl=market.acl_manager.address,
            provider=market.provider.address,
            nobody="0x" + "00" * 20,
        )
        self.receiver = self._receiver()
        self.learn_assets()
        provide(self, SPARE)

    def _receiver(self) -> ScriptedReceiver:
        where = self.book[RECEIVER] = named_address(RECEIVER)
        present = self.chain.contracts[where]
        if isinstance(present, ScriptedReceiver):
            present.stage = self
            return present
        receiver: ScriptedReceiver = self.chain.deploy(lambda chain, at: ScriptedReceiver(chain, at, self), where)
        return receiver

    def fork(self) -> Stage:
        """Copy the stage with its market: an independent branch, on which everybody has the same name."""
        return Stage(self.market.fork(), self.actors, dict(self.book), dict(self.own))

    def add(self, name: str, contract: Any, moves: Sequence[Any] | None = None) -> None:
        """Name a contract of one's own; its calls are actions like any other, as `Action("bob", "vault", "close")`.

        Whoever draws histories uses it too: by `moves`, functions of a driver that yield actions, or, without them, by
        every function it has. Raises ValueError for a name that is taken or no word, and for what is not on the chain.
        """
        checked_name(name, contract.address, self.book.get(name))
        if self.chain.contracts[contract.address] is not contract:
            raise ValueError(f"{contract!r} is not on this chain: deploy it before it is called {name!r}")
        self.book[name] = contract.address
        self.own[name] = OwnContract(name, contract.address, None if moves is None else tuple(moves))

    def contract(self, name: str) -> Any:
        """The contract that goes by a name. Raises ActionError where there is none."""
        found = self.chain.contracts[self.address_of(name)]
        if found is None:
            raise ActionError(f"there is no contract {name!r}")
        return found

    def learn_assets(self) -> None:
        """Name the listed assets, their tokens and their feeds; again after a listing."""
        pool, oracle = self.market.pool, self.market.oracle
        for symbol, asset in self.market.assets.items():
            reserve = pool.reserves[asset]
            self.book[symbol] = asset
            self.book[f"a{symbol}"] = reserve.a_token
            self.book[f"debt{symbol}"] = reserve.variable_debt_token
            self.book[f"{symbol} feed"] = oracle.sources[asset]
            self.book.update(parts_of_listings(self.market, asset))

    @property
    def names(self) -> dict[Address, str]:
        """Names by address."""
        return {where: name for name, where in self.book.items()}

    def address_of(self, name: str) -> Address:
        """The address of a name; an address stands for itself. Raises ActionError for a name nobody has."""
        if not isinstance(name, str):
            raise ActionError(f"{name!r} is no name: expected a person, a contract or an address in quotes")
        if name not in self.book and is_piece(name):
            provide(self, name)
        if name in self.book:
            return self.book[name]
        try:
            return address(name)
        except ValueError:
            raise ActionError(f"nobody is called {name!r}") from None

    def perform(self, action: Action) -> Receipt | None:
        """Carry out an action as a step of its own. Returns the receipt of a call.

        None for time and prices, and for a function that the release does not have. Raises ActionError for what makes
        no sense on this market.
        """
        if action.target == CLOCK:
            try:
                self.chain.advance(_number(action, 0), 1)
            except ValueError as error:
                raise ActionError(f"the passing of time: {error}") from None
            return None
        if action.target == PRICE:
            self._set_price(action)
            return None
        provide_inside(self, action.inside)
        done = self.act(action)
        if action.function in RELISTING:
            self.learn_assets()
        return self.chain.receipt if done else None

    def _set_price(self, action: Action) -> None:
        try:
            self.market.set_price(str(action.arguments[0]), _number(action, 1))
        except KeyError as error:
            raise ActionError(f"{action}: {error.args[0] if error.args else error}") from None
        except (ValueError, Revert) as error:
            raise ActionError(f"{action}: {error}") from None

    def act(self, action: Action) -> bool:
        """Make a call, wherever in a transaction. Returns whether there is such a function; a revert is swallowed."""
        try:
            return self.call(action)
        except Revert:
            return True

    def call(self, action: Action) -> bool:
        """Make a call, wherever in a transaction. Returns whether there is such a function; a revert is raised.

        What happens inside it is left to whom it calls: the receiver of a loan, a token that calls back, the router.
        """
        found = call_of(self, action)
        if found is None:
            return False
        contract, method, arguments = found
        if action.inside and self.chain.foresees:
            self.chain.foresee(resolved_call(self, action))
        self.receiver.script = action.inside
        before = self.chain.receipt
        try:
            method(contract, *arguments, sender=self.address_of(action.sender))
        except NoSuchFunction:
            if self.chain.depth or self.chain.receipt is not before:
                raise  # it is there, and called what is not
            return False
        except (Revert, AssertionError, OwnContractError):
            raise
        except Exception as error:
            unfit = isinstance(error, TypeError | ValueError) and self.chain.receipt is before
            if unfit and not self.chain.depth:
                raise ActionError(f"{action}: {error}") from error
            if action.target in self.own:
                raise OwnContractError(f"{action}: {told_with_line(error)}") from error
            raise
        finally:
            self.receiver.script = ()
            if self.chain.foresees:
                self.chain.foresee(None)
        return True

    def resolved(self, action: Action) -> ScriptedCall | None:
        """Tell how a call and all that happens inside it goes to contracts: whose, to whom, with which calldata.

        None for a function that the release does not have. Raises ActionError for what makes no sense on this market.
        """
        return resolved_call(self, action)

    def offers(self, target: str, function: str) -> bool:
        """Tell whether a contract has a function of this name on its release, with whatever arguments."""
        contract = self.chain.contracts[self.address_of(target)]
        return contract is not None and any(known.name == function for known in type(contract).functions.values())

    def calldata(self, action: Action) -> bytes:
        """Encode a call. Raises ActionError for a function that the contract does not have."""
        for function in self.chain.at(self.address_of(action.target)).functions.values():
            if function.name == action.function and len(function.kinds) == len(action.arguments):
                data: bytes = function.calldata(arguments_of(self, function.kinds, action.arguments))
                return data
        raise ActionError(f"{action}: {action.target} has no such function")


def _number(action: Action, index: int) -> int:
    value = action.arguments[index] if index < len(action.arguments) else None
    if type(value) is not int:
        raise ActionError(f"{action}: {value!r} is not a number")
    return value


def replay(stage: Stage, actions: Iterable[Action]) -> list[Receipt | None]:
    """Perform actions in order. Returns their receipts."""
    return [stage.perform(action) for action in actions]


def capping(symbol: str, price: int) -> tuple[Action, Action]:
    """The source that caps a ratio becomes an asset's, at a price."""
    return Action("admin", "oracle", "setAssetSources", ((symbol,), (CAPPED_FEED,))), Action.price(symbol, price)
