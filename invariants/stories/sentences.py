"""Sentences of a story: one action with its amounts in tokens and dollars, what it came to, and whom it concerned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events import DeficitCreated, FlashLoan, LiquidationCall
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.receipt import Receipt

from ..call_names import NAMES_OF_KINDS
from ..histories.action import CLOCK, PRICE, Action, Argument, Stage
from ..histories.unfit import ActionError
from ..reference import EVERYTHING, floor
from ..worth import in_dollars, in_tokens
from . import words
from .meanings import CONCERNED, SELF, Meaning, meanings_of
from .scene import Scene

GLUE = "\u00a0"
"""A space at which no line is broken."""


MINUTE = 60
LONG = 16
"""Bytes of data beyond which only the first are shown."""


class Teller:
    """Tells actions of a stage in words, as the state before each of them explains them."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self.stage = stage
        self.scene = scene

    # --- what is done -----------------------------------------------------------------------------------------------

    def sentence(self, action: Action) -> str:
        """Tell an action that is about to happen."""
        if action.target == CLOCK:
            return self._wait(action)
        if action.target == PRICE:
            return self._price(action)
        own = getattr(type(self._contract(action)), "MEANINGS", {}).get(action.function, "")
        meanings = meanings_of(self.called(action), len(action.arguments), own)
        shown = [self._argument(action, place, meaning) for place, meaning in enumerate(meanings)]
        return f"{action.sender}: {action.target}.{action.function}({', '.join(shown)})"

    def called(self, action: Action) -> str:
        """Name what is called as laws do, by the kind of its contract: "aToken.transfer"."""
        contract = self._contract(action)
        kind = NAMES_OF_KINDS.get(contract.KIND, contract.KIND) if contract is not None else action.target
        return f"{kind}.{action.function}"

    def _contract(self, action: Action) -> Contract | None:
        """Find the contract that an action calls; None where nobody has the name."""
        try:
            where = self.stage.address_of(action.target)
        except ActionError:
            return None
        contract: Contract | None = self.stage.chain.contracts[where]
        return contract

    def _wait(self, action: Action) -> str:
        seconds = action.arguments[0]
        if type(seconds) is not int:
            return str(action)
        told = words.duration(seconds)
        told = f"{told} passes" if told.startswith("1 ") and told.count(" ") == 1 else f"{told} pass"
        return told if seconds < MINUTE else f"{told} ({seconds} seconds)"

    def _price(self, action: Action) -> str:
        symbol, price = action.arguments
        if not isinstance(symbol, str) or not isinstance(price, int):
            return str(action)
        was = self._price_of(symbol)
        told = f"the price of {symbol} becomes {price}{_beside(words.price(price))}"
        if not was:
            return told
        percent = words.percent(abs(price - was) * 10_000 // was)
        change = "as it was" if price == was else f"{percent} {'less' if price < was else 'more'} than before"
        return f"{told}, {change}"

    def _argument(self, action: Action, place: int, meaning: Meaning) -> str:
        value = action.arguments[place]
        if meaning.word == "_":
            return shown(value)
        if isinstance(value, tuple):
            named = action.arguments[meaning.asset_at] if meaning.asset_at is not None else ()
            assets = named if isinstance(named, tuple) and len(named) == len(value) else (None,) * len(value)
            parts = (self._number(one, meaning, self._asset(asset)) for one, asset in zip(value, assets, strict=True))
            return f"[{', '.join(parts)}]"
        named = action.target if meaning.asset_at is None else action.arguments[meaning.asset_at]
        return self._number(value, meaning, self._asset(named))

    def _number(self, value: Argument, meaning: Meaning, asset: Address | None) -> str:
        text = shown(value)
        if not isinstance(value, int) or value in (0, EVERYTHING):
            return text
        return text + _beside(self._in_words(value, meaning.word, asset))

    def _in_words(self, value: int, word: str, asset: Address | None) -> str:
        plain = {
            "bps": words.percent,
            "cents": lambda cents: in_dollars(cents * 10**6),
            "price": words.price,
            "seconds": lambda seconds: words.duration(seconds) if seconds >= MINUTE else "",
            "time": words.moment,
        }
        if word in plain:
            return plain[word](value)
        if asset is None:
            return ""
        view = self.scene.reserves[asset].view
        if word == "tokens":
            return in_tokens(value, 0, view.symbol)
        if word == "shares":
            return f"shares, {self.amount(asset, floor(value, view.income, 10**27))}"
        return self.amount(asset, value) if word == "amount" else ""

    # --- what it came to --------------------------------------------------------------------------------------------

    def outcome(self, action: Action, receipt: Receipt | None) -> Iterator[str]:
        """Tell what came of a call: an error in words, or what it paid, repaid, seized and wrote off."""
        if receipt is None:
            if action.target not in (CLOCK, PRICE):
                yield "nothing: the release has no such function"
            return
        if receipt.revert is not None:
            yield f"reverted: {words.error(receipt.revert)}"
            return
        yield from self._all_of(action, receipt)
        for _, event in receipt.emitted:
            if type(event) is LiquidationCall:
                repaid = self.amount(event.debt_asset, event.debt_to_cover)
                seized = self.amount(event.collateral_asset, event.liquidated_collateral_amount)
                yield f"repays {repaid}; takes {seized}"
            elif type(event) is DeficitCreated:
                yield f"writes off {self.amount(event.debt_asset, event.amount_created)}"
            elif type(event) is FlashLoan and event.interest_rate_mode == 0:
                yield f"lent for a premium of {self.amount(event.asset, event.premium)}"

    def _all_of(self, action: Action, receipt: Receipt) -> Iterator[str]:
        """Tell how much "everything" was."""
        doing = {"withdraw": "withdraws", "repay": "repays", "repayWithATokens": "repays"}.get(action.function)
        if doing is not None and action.target == "pool" and EVERYTHING in action.arguments[1:2]:
            asset = self._asset(action.arguments[0])
            if asset is not None and isinstance(receipt.value, int):
                yield f"{doing} {self.amount(asset, receipt.value)}"

    # --- whom and what it concerns ----------------------------------------------------------------------------------

    def concerned(self, action: Action) -> list[str]:
        """Name the accounts whose positions an action changes, those inside it included."""
        found: dict[str, None] = {}
        if action.target not in (CLOCK, PRICE):
            called = self.called(action)
            place = CONCERNED.get(called)
            if place is not None and place < len(action.arguments):
                found[str(action.arguments[place])] = None
            elif called in SELF:
                found[action.sender] = None
        for part in self.parts(action):
            found.update(dict.fromkeys(self.concerned(part)))
        return list(found)

    def parts(self, action: Action) -> tuple[Action, ...]:
        """List the actions inside an action: those of a loan's receiver or a router, and those of a multicall."""
        if action.function != "multicall" or not action.arguments:
            return action.inside
        calls = action.arguments[0]
        read = [self._read(action, data) for data in calls] if isinstance(calls, tuple) else []
        return tuple(part for part in read if part is not None)

    def _read(self, action: Action, data: Argument) -> Action | None:
        """Read calldata as an action by the same sender; None for what is no call of the contract."""
        contract = self._contract(action)
        if contract is None or not isinstance(data, bytes) or data[:4] not in contract.functions:
            return None
        function = contract.functions[data[:4]]
        try:
            arguments = function.decode(data[4:])
        except (Revert, ValueError):
            return None
        named = tuple(self._named(value) for value in arguments)
        return Action(action.sender, action.target, function.name, named)

    def _named(self, value: Any) -> Argument:
        if isinstance(value, list | tuple):
            return tuple(self._named(member) for member in value)
        known = isinstance(value, str) and value in self.stage.names
        named: Argument = self.stage.names[value] if known else value
        return named

    def assets_in(self, action: Action) -> list[Address]:
        """List the listed assets that an action names, itself or through one of their tokens."""
        named = [action.target, *_texts(action.arguments)]
        found = [asset for name in named if (asset := self._asset(name)) is not None]
        for part in self.parts(action):
            found += self.assets_in(part)
        return list(dict.fromkeys(found))

    def amount(self, asset: Address, amount: int) -> str:
        """Write an amount of a listed asset in tokens and dollars, unbroken."""
        reserve = self.scene.reserves[asset]
        value = reserve.value(amount)
        tokens = in_tokens(amount, reserve.decimals, reserve.view.symbol)
        money = "no price" if value is None else in_dollars(value)
        return glued(f"{tokens}, {money}")

    def _asset(self, name: Any) -> Address | None:
        """Find the listed asset that a name means: its own, its aToken's or its debt token's; None for others.

        A contract of one's own may say what it is about, as its `asset`.
        """
        where = self.stage.book.get(name, name) if isinstance(name, str) else None
        contract = self.stage.chain.contracts[where] if where is not None else None
        if isinstance(contract, ForeignContract):
            where = getattr(contract, "asset", None)
        for asset, home in self.scene.census.homes.items():
            if where in (asset, home.a_token.address, home.debt_token.address):
                return asset
        return None

    def _price_of(self, symbol: str) -> int | None:
        asset = self._asset(symbol)
        return self.scene.reserves[asset].price if asset is not None else None


def _texts(arguments: tuple[Argument, ...]) -> Iterator[str]:
    for value in arguments:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _texts(value)


def shown(value: Argument) -> str:
    """Write an argument as it is: lists in brackets, data in hex, the highest number as "everything"."""
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(member) for member in value) + "]"
    if isinstance(value, bytes):
        return "0x" + value.hex() if len(value) <= LONG else f"0x{value[:LONG].hex()}... ({len(value)} bytes)"
    return "everything" if value == EVERYTHING else str(value)


def glued(text: str) -> str:
    """Keep a text on one line."""
    return text.replace(" ", GLUE)


def _beside(text: str) -> str:
    return f"{GLUE}({glued(text)})" if text else ""
