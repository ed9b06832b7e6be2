"""Ploys: the calls that an attacker can make, for amounts by meaning, so that a chain fits wherever it is played.

Nothing in this list is an attack. It is what anybody can do to a pool, with the amounts at which roundings, limits and
positions turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from ...histories.action import CLOCK, Action, Argument
from ...reference import EVERYTHING, RAY
from .books import Scene
from .ground import ACCOMPLICE, ATTACKER, CULPRITS, SYMBOLS

DAY = 86_400
Size = Callable[[Scene, str, str], int]


def _share(scene: Scene, symbol: str, _: str) -> int:
    return scene.share(symbol)


def _credit(scene: Scene, symbol: str, who: str) -> int:
    """What somebody may borrow, less a millionth for what a new debt is rounded up by, as far as it is there."""
    credit = scene.credit(symbol, who)
    return min(credit - credit // 10**6 - 1, scene.liquidity(symbol))


def _loan(scene: Scene, symbol: str) -> int:
    """What a flash loan lends: what is there, but no more than all shares are worth."""
    worth = scene.a_tokens[symbol].scaled_supply * scene.pool.income_of(scene.assets[symbol]) // RAY
    return min(scene.liquidity(symbol), int(worth))


SIZES: dict[str, Size] = {
    "1 unit": lambda *_: 1,
    "1,000 units": lambda *_: 1_000,
    "1 token": lambda scene, symbol, _: scene.unit(symbol),
    "half a share, rounded up": lambda scene, symbol, _: (scene.share(symbol) + 1) // 2,
    "one share": _share,
    "nearly one and a half shares": lambda scene, symbol, _: max(1, scene.share(symbol) * 3 // 2 - 2),
    "half of the wallet": lambda scene, symbol, who: scene.wallet(symbol, who) // 2,
    "all that can be withdrawn": lambda scene, symbol, who: min(scene.supplied(symbol, who), scene.liquidity(symbol)),
    "half of the supply": lambda scene, symbol, who: scene.supplied(symbol, who) // 2,
    "all of the supply but one share": lambda scene, symbol, who: max(
        0, scene.supplied(symbol, who) - scene.share(symbol)
    ),
    "all the credit": _credit,
    "half of the credit": lambda scene, symbol, who: _credit(scene, symbol, who) // 2,
    "all of the debt": lambda scene, symbol, who: scene.owed(symbol, who),
    "everything": lambda *_: EVERYTHING,
    "all the liquidity": lambda scene, symbol, _: scene.liquidity(symbol),
    "all that is lent": lambda scene, symbol, _: _loan(scene, symbol),
    "half of what is lent": lambda scene, symbol, _: _loan(scene, symbol) // 2,
    "half of the liquidity": lambda scene, symbol, _: scene.liquidity(symbol) // 2,
}
"""Amounts by meaning, in the asset's smallest unit, for an asset and who deals in it."""

EDGES = ("half a share, rounded up", "one share", "nearly one and a half shares")
SUPPLIES = ("1,000 units", "1 token", *EDGES, "half of the wallet")
WITHDRAWALS = (*EDGES, "half of the supply", "all of the supply but one share", "all that can be withdrawn")
BORROWINGS = ("1 unit", "half of the credit", "all the credit")
GIFTS = ("1 token", "half of the liquidity", "all the liquidity")
LOANS = ("half of what is lent", "all that is lent")


@dataclass(frozen=True, slots=True)
class Ploy:
    """A call by its Solidity name, as "pool.supply", or a wait; with an amount by meaning."""

    who: str
    call: str
    symbol: str = ""
    size: str = ""
    other: str = ""
    """The borrower of a liquidation, the recipient of a transfer."""
    debt: str = ""
    """The asset that a liquidation repays."""
    flag: bool = False
    """Is the asset to be collateral, or does a liquidator take aTokens?"""
    number: int = 0
    """The e-mode category, or seconds that pass."""
    inside: tuple[Ploy, ...] = field(default=())

    def action(self, scene: Scene) -> Action | None:
        """Write the call down as things stand; None where it would be a call for nothing."""
        amount = SIZES[self.size](scene, self.symbol, self.who) if self.size else 0
        if self.size and not 0 < amount <= EVERYTHING:
            return None
        if self.call == CLOCK:
            return Action.wait(self.number)
        target, _, function = self.call.partition(".")
        inside = tuple(action for part in self.inside if (action := part.action(scene)) is not None)
        if len(inside) < len(self.inside):
            return None
        arguments = _ARGUMENTS[function](self, amount)
        target = {"asset": self.symbol, "aToken": f"a{self.symbol}"}.get(target, target)
        return Action(self.who, target, function, arguments, inside)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data, without what is empty."""
        names = ("who", "call", "symbol", "size", "other", "debt", "flag", "number")
        data = {name: value for name in names if (value := getattr(self, name))}
        if self.inside:
            data["inside"] = [part.to_json() for part in self.inside]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ploy:
        """Read it back."""
        inside = tuple(cls.from_json(part) for part in data.get("inside", ()))
        return cls(**{"who": "", **data, "inside": inside})


_ARGUMENTS: dict[str, Callable[[Ploy, int], tuple[Argument, ...]]] = {
    "supply": lambda ploy, amount: (ploy.symbol, amount, ploy.who, 0),
    "withdraw": lambda ploy, amount: (ploy.symbol, amount, ploy.who),
    "borrow": lambda ploy, amount: (ploy.symbol, amount, 2, 0, ploy.who),
    "repay": lambda ploy, amount: (ploy.symbol, amount, 2, ploy.who),
    "repayWithATokens": lambda ploy, amount: (ploy.symbol, amount, 2),
    "flashLoanSimple": lambda ploy, amount: (ATTACKER, ploy.symbol, amount, b"", 0),
    "transfer": lambda ploy, amount: (ploy.other, amount),
    "liquidationCall": lambda ploy, _: (ploy.symbol, ploy.debt, ploy.other, EVERYTHING, ploy.flag),
    "mintToTreasury": lambda *_: (SYMBOLS,),
    "setUserEMode": lambda ploy, _: (ploy.number,),
    "setUserUseReserveAsCollateral": lambda ploy, _: (ploy.symbol, ploy.flag),
}


def ploys_on(symbols: tuple[str, ...], *, waits: tuple[int, ...] = ()) -> list[Ploy]:
    """List everything that the attacker's accounts can do on a market of these assets."""
    found = [*_of_each(symbols), *_loans(symbols)]
    for who in CULPRITS:
        for borrower in CULPRITS:
            for collateral in symbols:
                found += [
                    Ploy(who, "pool.liquidationCall", collateral, other=borrower, debt=debt, flag=takes)
                    for debt in symbols
                    for takes in (False, True)
                ]
        found += [Ploy(who, "pool.setUserEMode", number=number) for number in (0, 1)]
    found.append(Ploy(ATTACKER, "pool.mintToTreasury"))
    return [*found, *(Ploy("", CLOCK, number=seconds) for seconds in waits)]


def _of_each(symbols: tuple[str, ...]) -> Iterator[Ploy]:
    for who in CULPRITS:
        other = ACCOMPLICE if who == ATTACKER else ATTACKER
        for symbol in symbols:
            for call, sizes in (
                ("pool.supply", SUPPLIES),
                ("pool.withdraw", WITHDRAWALS),
                ("pool.borrow", BORROWINGS),
                ("pool.repay", ("half a share, rounded up", "all of the debt")),
                ("pool.repayWithATokens", ("all of the debt",)),
            ):
                yield from (Ploy(who, call, symbol, size) for size in sizes)
            for size in (*EDGES, "all that can be withdrawn"):
                yield Ploy(who, "aToken.transfer", symbol, size, other)
            for flag in (False, True):
                yield Ploy(who, "pool.setUserUseReserveAsCollateral", symbol, flag=flag)


def _loans(symbols: tuple[str, ...]) -> Iterator[Ploy]:
    """Flash loans, with nothing, one thing or two things happening inside."""
    for symbol in symbols:
        for size in LOANS:
            yield Ploy(ATTACKER, "pool.flashLoanSimple", symbol, size)
        parts = (
            Ploy(ATTACKER, "asset.transfer", symbol, "all the liquidity", f"a{symbol}"),
            Ploy(ATTACKER, "pool.supply", symbol, "all the liquidity"),
            Ploy(ATTACKER, "pool.withdraw", symbol, "all that can be withdrawn"),
            Ploy(ATTACKER, "pool.withdraw", symbol, "all of the supply but one share"),
            Ploy(ATTACKER, "pool.borrow", symbol, "all the credit"),
        )
        yield from (Ploy(ATTACKER, "asset.transfer", symbol, size, f"a{symbol}") for size in GIFTS)
        for inside in (*((part,) for part in parts), *permutations(parts, 2)):
            yield Ploy(ATTACKER, "pool.flashLoanSimple", symbol, "all that is lent", inside=inside)


_AMOUNT_AT = {"flashLoanSimple": 2, "liquidationCall": -1, "mintToTreasury": -1, "setUserEMode": -1}


def amount_of(action: Action) -> int:
    """The amount that a call names; 0 where it names none, or all there is."""
    place = _AMOUNT_AT.get(action.function, 1)
    value = action.arguments[place] if action.function and 0 <= place < len(action.arguments) else 0
    return value if type(value) is int and value < EVERYTHING else 0
