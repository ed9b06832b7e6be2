"""Plots around contracts of one's own: any of their functions, amounts by meaning, gifts that nobody asked for.

What an amount can mean is read off the contract: the tokens that it keeps the addresses of, its views of one account
and of all, its ledgers.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.abi import split_types
from pooltwin.protocol.state.storage import Ledger

from ...reference import EVERYTHING
from ..action import Action, Argument, Stage
from ..amount import NUDGES, PARTS, Amount
from ..driver import VARIABLE, Driver, Making, Plot, Temperament
from ..methods import writing_functions
from ..own_contract import OwnContract

OFTEN = 8
"""How many moves of one plot use a contract of one's own, at most."""
SMALL = (1, 1, 2, 3, 10, 1_000)
SHARES = (*PARTS, Fraction(3, 2), Fraction(2))
"""Parts and multiples of what an amount can mean: also those at which a share is rounded away."""
KNOWN_NUMBERS = {"min": 0, "deadline": EVERYTHING, "mode": VARIABLE, "referral": 0, "code": 0}
"""Arguments that are no amounts, by a part of their name, and what they are."""
ASSETS = ("asset", "token", "collateral", "debt", "underlying", "reserve")
"""Parts of the names of arguments that are assets."""
PERSONS = ("user", "to", "receiver", "recipient", "owner", "account", "behalf", "who", "spender", "borrower")
"""Parts of the names of arguments that are people, now and then another address; what is named otherwise may be either.
"""


def use_contract(d: Driver) -> Plot:
    """Use a contract of one's own: one of its moves, or of its functions with amounts by meaning."""
    yield from _use(d, d.pick(_contracts(d)))


def give_to_contract(d: Driver) -> Plot:
    """Give a contract of one's own what it did not ask for: tokens, aTokens, or a supply in its name."""
    own, who = d.pick(_contracts(d)), d.person()
    symbol = d.pick(assets_of(d, own))
    yield _gift(d, own, who, symbol, amount_about(d, (d.wallet(symbol, who), d.unit(symbol))))


def inflate(d: Driver) -> Plot:
    """Use a contract of one's own for a few units, give it a lot, and have it used for about as much."""
    own, who = d.pick(_contracts(d)), d.person()
    symbol = d.pick(assets_of(d, own))
    for _ in range(d.between(1, 4)):
        yield from _use(d, own, ())
    amount = max(1, int(d.wallet(symbol, who) * d.pick(SHARES[1:7])))
    yield _gift(d, own, who, symbol, amount)
    for _ in range(d.between(2, 5)):
        yield from _use(d, own, (amount,))


def use_contract_often(d: Driver) -> Plot:
    """Use a contract of one's own several times in a row, with gifts between."""
    if d.happens(0.6):
        yield from inflate(d)
    for _ in range(d.between(2, OFTEN + 1)):
        yield from give_to_contract(d) if d.happens(0.3) else use_contract(d)


def _use(d: Driver, own: OwnContract, about: Sequence[int] | None = None) -> Plot:
    if own.moves is not None:
        yield from d.pick(own.moves)(d) if own.moves else ()
        return
    methods = writing_functions(type(d.chain.at(own.address)))
    drawn = [(method, function) for method, function in methods if function.name not in own.apart]
    if drawn:
        yield from _call(d, own, *d.pick(drawn), about)


def _gift(d: Driver, own: OwnContract, who: str, symbol: str, amount: int) -> Action:
    if d.supplied(symbol, who) and d.happens(0.3):
        return Action(who, f"a{symbol}", "transfer", (own.name, amount))
    if d.happens(0.2 if d.a_tokens[symbol].address in _kept(d.chain.at(own.address)) else 0.8):
        return Action(who, symbol, "transfer", (own.name, amount))
    return Action(who, "pool", "supply", (symbol, amount, own.name, 0))


def with_own(temperament: Temperament, stage: Stage) -> Temperament:
    """Have a third of what happens on a stage be about the contracts of one's own; the same where there are none."""
    if not stage.own:
        return temperament
    share = sum(temperament.weights.values()) / 8
    own: dict[Making, float] = {use_contract: share, give_to_contract: share, use_contract_often: 2 * share}
    return replace(temperament, weights={**temperament.weights, **own})


def _contracts(d: Driver) -> list[OwnContract]:
    return list(d.stage.own.values())


# --- calls ------------------------------------------------------------------------------------------------------------


def call_with(d: Driver, name: str, function: str, arguments: Sequence[Any]) -> Plot:
    """Call a function of a contract with these arguments, amounts by meaning among them, allowing what it needs."""
    own, who = d.stage.own[name], d.person()
    settled = tuple(_settled(d, own, who, value) for value in arguments)
    yield from _allowed(d, own, who, settled)
    yield Action(who, name, function, settled)


def _settled(d: Driver, own: OwnContract, who: str, value: Any) -> Any:
    if isinstance(value, OwnAmount):
        return value.of(d, own, who)
    return value.of(d, assets_of(d, own)[0], who) if isinstance(value, Amount) else value


def _call(d: Driver, own: OwnContract, method: Any, function: Any, about: Sequence[int] | None) -> Plot:
    """Call a function with arguments by their names and types; what it needs to be allowed is allowed before."""
    who = d.person()
    amounts = meanings_of(d, own, who) if about is None else about
    shares = claims_of(d, own, who) if about is None else about
    names = [name for name in inspect.signature(method).parameters if name not in ("self", "sender")]
    pairs = list(zip(names, function.kinds, strict=False))
    arguments = tuple(
        _argument(d, own, who, name, kind, shares if "share" in name and d.happens(0.8) else amounts)
        for name, kind in pairs
    )
    yield from _allowed(d, own, who, arguments)
    yield Action(who, own.name, function.name, arguments)


def _allowed(d: Driver, own: OwnContract, who: str, arguments: Sequence[Any]) -> Iterator[Action]:
    """Let a contract take the tokens that a call is about, mostly all of them, where it may take none."""
    pair = d.where(who), own.address
    named = [value for value in arguments if value in d.symbols]
    for symbol in named or _kept_assets(d, own)[:2]:
        if not d.token(symbol).allowances[pair] and d.happens(0.9):
            yield Action(who, symbol, "approve", (own.name, EVERYTHING))
        if not d.a_tokens[symbol].allowances[pair] and d.happens(0.1):
            yield Action(who, f"a{symbol}", "approve", (own.name, EVERYTHING))
        if len(named) > 1 and not d.debt_tokens[symbol].borrow_allowances[pair] and d.happens(0.5):
            yield Action(who, f"debt{symbol}", "approveDelegation", (own.name, EVERYTHING))


def _argument(d: Driver, own: OwnContract, who: str, name: str, kind: str, amounts: Sequence[int]) -> Argument:
    """Draw an argument of a type, by its name."""
    array = re.fullmatch(r"(.*)\[(\d*)\]", kind)
    if array is not None:
        count = int(array[2]) if array[2] else d.between(1, 3)
        return tuple(_argument(d, own, who, name, array[1], amounts) for _ in range(count))
    if kind.startswith("("):
        return tuple(_argument(d, own, who, name, part, amounts) for part in split_types(kind))
    if kind == "address":
        return _address(d, own, who, name)
    if kind == "bool":
        return d.happens(0.5)
    if kind.startswith("bytes"):
        return bytes(int(kind[5:] or 0))
    return "" if kind == "string" else _number(d, name, kind, amounts)


def _address(d: Driver, own: OwnContract, who: str, name: str) -> str:
    if any(part in name for part in ASSETS):
        return d.pick(assets_of(d, own))
    if "pool" in name:
        return "pool"
    if d.happens(0.1 if any(part in name for part in PERSONS) else 0.6):
        return d.pick((*assets_of(d, own), *d.people, own.name, "nobody"))
    return who if d.happens(0.7) else d.pick(d.people)


def _number(d: Driver, name: str, kind: str, amounts: Sequence[int]) -> int:
    bits = int(re.sub(r"\D", "", kind) or 256)
    known = next((value for part, value in KNOWN_NUMBERS.items() if part in name), None)
    if known is None:
        known = amount_about(d, amounts) if bits > 16 else d.between(0, 3)
    highest: int = 2 ** (bits - kind.startswith("int")) - 1
    return min(known, highest)


# --- amounts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnAmount:
    """A part of what an amount can mean to a contract of one's own, nudged by a few units."""

    place: int
    """Which of the meanings, by number; they are counted round and round."""
    part: Fraction = Fraction(1)
    nudge: int = 0

    def of(self, d: Driver, own: OwnContract, who: str) -> int:
        """Settle the amount as things stand. Never negative, never above 2**256 - 1."""
        known = [value for value in meanings_of(d, own, who) if value > 0]
        whole = known[self.place % len(known)] if known else 0
        return min(EVERYTHING, max(0, int(whole * self.part) + self.nudge))


def amount_about(d: Driver, meanings: Sequence[int]) -> int:
    """Draw an amount: a few units, or about one of its meanings, or a part or a multiple of it, or an edge."""
    known = [value for value in meanings if value > 0]
    roll = d.chance.share()
    if roll < 0.3 or not known:
        return d.pick(SMALL)
    whole = d.pick(known)
    if roll < 0.5:
        return min(EVERYTHING, max(0, whole + d.pick(NUDGES)))
    if roll < 0.9:
        return min(EVERYTHING, max(0, int(whole * d.pick(SHARES)) + d.pick(NUDGES)))
    return d.near(whole)


def meanings_of(d: Driver, own: OwnContract, who: str) -> list[int]:
    """List what an amount can be about: what somebody has and may spend, and what the contract says and holds.

    Of tokens: the wallet, the allowance, the balance of the contract, one whole token. Of the contract: the claims of
    the account, its views that give one number of everybody, and the ledgers' entries of nobody, where totals are kept.
    """
    contract, where = d.chain.at(own.address), d.where(who)
    found = claims_of(d, own, who)
    for symbol in assets_of(d, own)[:3]:
        token = d.token(symbol)
        found += [d.wallet(symbol, who), token.allowances[where, own.address], token.balances[own.address]]
        found += [d.unit(symbol), d.supplied(symbol, own.name)]
    return list(dict.fromkeys((*found, *_views(contract, ()), *_entries(contract, ZERO_ADDRESS))))


def claims_of(d: Driver, own: OwnContract, who: str) -> list[int]:
    """List what a contract says of an account: its views of one, and its ledgers' entries."""
    contract, where = d.chain.at(own.address), d.where(who)
    return list(dict.fromkeys((*_views(contract, (where,)), *_entries(contract, where))))


def _entries(contract: Any, key: Address) -> list[int]:
    ledgers = (value for value in _kept(contract) if isinstance(value, Ledger))
    return [ledger[key] for ledger in ledgers if isinstance(ledger.get(key), int)]


def _views(contract: Any, arguments: tuple[Any, ...]) -> list[int]:
    """Ask a contract its views that take these arguments and give a number; one that fails says nothing."""
    kinds, found = ["address"] * len(arguments), []
    for function in type(contract).functions.values():
        if function.view and list(function.kinds) == kinds and list(function.returns) == ["uint256"]:
            try:
                found.append(function.body(contract, *arguments))
            except (Revert, ArithmeticError):
                continue
    return found


def assets_of(d: Driver, own: OwnContract) -> list[str]:
    """List the assets that a contract keeps the address of, or of a token of theirs; all where it keeps none."""
    return _kept_assets(d, own) or d.symbols


def _kept_assets(d: Driver, own: OwnContract) -> list[str]:
    kept = {value for value in _kept(d.chain.at(own.address)) if isinstance(value, str)}
    return [
        symbol
        for symbol, asset in d.assets.items()
        if kept & {asset, d.a_tokens[symbol].address, d.debt_tokens[symbol].address}
    ]


def _kept(contract: Any) -> list[Any]:
    """Everything that a contract keeps, in storage, code or plain attributes."""
    stored = [getattr(contract, name) for name in contract.stored_names()]
    return [*stored, *getattr(contract, "__dict__", {}).values()]
