"""From a long history to a short one that still does what it did: fewer actions, shorter waits, rounder numbers.

What cannot matter is left out at once: calls without effect, then whatever has nothing to do with the last call. After
that, parts are left out, large ones first, waits are merged, actions simplified, two people made one, and all again
until nothing more goes.
The same history is shortened alike every time, as long as there is the patience to finish. Patience is counted in
seconds of the processor's work, so that a busy machine gives up no sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from time import thread_time

from pooltwin.protocol.errors import Revert
from pooltwin.protocol.revisions import Revision

from ..histories.action import CLOCK, PRICE, Action, Argument
from ..histories.unfit import ActionError
from ..history import History

PATIENCE_SECONDS = 60.0
ROUND_WAITS = (365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)

StillBroken = Callable[[Sequence[Action]], bool]
"""Tells whether some actions, performed in order, still break what the whole history broke."""


def shortest(
    history: History,
    still_broken: StillBroken,
    engine: Revision | None = None,
    patience: float = PATIENCE_SECONDS,
) -> list[Action]:
    """As few and as simple of a history's actions as still break something, as far as `patience` seconds allow."""
    deadline = thread_time() + patience
    actions, prices = list(history.actions), _prices_at_first(history, engine)
    errors = _is_error_of_a_feed(prices, actions)

    def broken(actions: Sequence[Action]) -> bool:
        news = errors or not _is_error_of_a_feed(prices, actions)
        return news and thread_time() <= deadline and still_broken(actions)

    effective = _with_effect(history, actions, engine)
    if broken(effective):
        actions = effective
    return _sensible(history, shorter(actions, history.actors, broken, deadline), engine)


def shorter(actions: list[Action], actors: Sequence[str], broken: StillBroken, deadline: float) -> list[Action]:
    """As few and as simple actions as still break something, of whatever they are performed on, until a deadline.

    The deadline is a reading of `thread_time`.
    """
    actions = next((fewer for fewer in _about_the_last(actions) if broken(fewer)), actions)
    while True:
        before = actions
        actions = _with_waits_merged(_leave_out(actions, broken), broken)
        actions = _with_fewer_people(_simplify(actions, broken), actors, broken)
        if actions == before or thread_time() > deadline:
            return actions


def _prices_at_first(history: History, engine: Revision | None) -> dict[str, int]:
    """The price of each asset when a history begins, of those that have one."""
    market, prices = history.stage(engine).market, {}
    for name, asset in market.assets.items():
        with suppress(Revert):
            prices[name] = market.oracle.price_of(asset)
    return prices


def _is_error_of_a_feed(prices: dict[str, int], actions: Sequence[Action]) -> bool:
    """Does a price move by a factor of a hundred or more at once, as none does in the news? ORA-5 would break."""
    prices = dict(prices)
    for action in actions:
        if action.target == PRICE and type(action.arguments[1]) is int:
            name, price = str(action.arguments[0]), action.arguments[1]
            before, prices[name] = prices.get(name, 0), price
            if min(before, price) > 0 and not before <= 100 * price <= 10_000 * before:
                return True
    return False


def _sensible(history: History, actions: Sequence[Action], engine: Revision | None) -> list[Action]:
    """The actions that make sense where they stand."""
    stage, kept = history.stage(engine), []
    for action in actions:
        with suppress(ActionError):
            stage.perform(action)
            kept.append(action)
    return kept


# --- what cannot matter -----------------------------------------------------------------------------------------------


def _with_effect(history: History, actions: Sequence[Action], engine: Revision | None) -> list[Action]:
    """The actions that changed something where they stand, and the last one, whatever came of it."""
    stage, kept = history.stage(engine), []
    for number, action in enumerate(actions, 1):
        with suppress(ActionError):
            receipt = stage.perform(action)
            is_call = action.target not in (CLOCK, PRICE)
            if not is_call or (receipt is not None and receipt.revert is None) or number == len(actions):
                kept.append(action)
    return kept


def _about_the_last(actions: Sequence[Action]) -> Iterator[list[Action]]:
    """Selections of a history by what its last call names, the strictest first: all names, any of them."""
    if not actions:
        return
    named = set(_names(actions[-1]))
    yield [action for action in actions if set(_names(action)) <= named or action.target == CLOCK]
    yield [action for action in actions if set(_names(action)) & named or action.target == CLOCK]


def _names(action: Action) -> Iterator[str]:
    """The people and assets that an action names, those inside it included; an asset's tokens count as the asset."""
    if action.sender:
        yield action.sender
    if action.target not in (CLOCK, PRICE, "pool", "configurator", "router"):
        yield _asset(action.target)
    yield from _texts(action.arguments)
    for part in action.inside:
        yield from _names(part)


def _texts(arguments: Iterable[Argument]) -> Iterator[str]:
    for value in arguments:
        if isinstance(value, str):
            yield _asset(value)
        elif isinstance(value, tuple):
            yield from _texts(value)


def _asset(name: str) -> str:
    """The symbol of an asset in the name of a token of it."""
    bare = name.removeprefix("debt").removeprefix("a")
    return bare if bare.isupper() else name


# --- what may not matter ----------------------------------------------------------------------------------------------


def _leave_out(actions: list[Action], broken: StillBroken) -> list[Action]:
    """Leave out parts of a history: halves, quarters, and at last single actions, until none can go."""
    size = max(1, len(actions) // 2)
    while actions:
        at, shorter = 0, False
        while at < len(actions):
            candidate = actions[:at] + actions[at + size :]
            if broken(candidate):
                actions, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, min(size, len(actions)) // 2) if not shorter or size > 1 else 1
    return actions


def _with_waits_merged(actions: list[Action], broken: StillBroken) -> list[Action]:
    """Let consecutive waits be one, all of them at once where that works, else pair by pair."""
    merged: list[Action] = []
    for action in actions:
        if merged and _are_waits(merged[-1], action):
            merged[-1] = _together(merged[-1], action)
        else:
            merged.append(action)
    if len(merged) == len(actions) or broken(merged):
        return merged
    at = 1
    while at < len(actions):
        if _are_waits(actions[at - 1], actions[at]):
            one = [*actions[: at - 1], _together(actions[at - 1], actions[at]), *actions[at + 1 :]]
            if broken(one):
                actions = one
                continue
        at += 1
    return actions


def _are_waits(first: Action, second: Action) -> bool:
    return all(action.target == CLOCK and type(action.arguments[0]) is int for action in (first, second))


def _together(first: Action, second: Action) -> Action:
    seconds = (first.arguments[0], second.arguments[0])
    return Action.wait(sum(value for value in seconds if isinstance(value, int)))


def _with_fewer_people(actions: list[Action], actors: Sequence[str], broken: StillBroken) -> list[Action]:
    """Let one person do and be what two did and were, where that works."""
    while True:
        cast = [name for name in dict.fromkeys(name for action in actions for name in _names(action)) if name in actors]
        pairs = ((gone, kept) for gone in cast for kept in cast if gone != kept)
        candidates = ([_renamed(action, gone, kept) for action in actions] for gone, kept in pairs)
        fewer = next((candidate for candidate in candidates if broken(candidate)), None)
        if fewer is None:
            return actions
        actions = fewer


def _renamed(action: Action, gone: str, kept: str) -> Action:
    """The same action with one person in another's place."""

    def named(value: Argument) -> Argument:
        if isinstance(value, tuple):
            return tuple(named(member) for member in value)
        return kept if value == gone and isinstance(value, str) else value

    sender = kept if action.sender == gone else action.sender
    inside = tuple(_renamed(part, gone, kept) for part in action.inside)
    return replace(action, sender=sender, arguments=tuple(map(named, action.arguments)), inside=inside)


def _simplify(actions: list[Action], broken: StillBroken) -> list[Action]:
    """Replace each action by the simplest that will do."""
    at = 0
    while at < len(actions):
        for simpler in _simpler(actions[at]):
            candidate = [*actions[:at], *simpler, *actions[at + 1 :]]
            if broken(candidate):
                actions = candidate
                break
        at += 1
    return actions


def _simpler(action: Action) -> Iterator[tuple[Action, ...]]:
    """The same action with less inside, as calls one after the other, or with a rounder number."""
    if action.inside:
        yield action.inside
        yield (replace(action, inside=()),)
        if len(action.inside) > 1:
            for place in range(len(action.inside)):
                yield (replace(action, inside=action.inside[:place] + action.inside[place + 1 :]),)
    for place, value in enumerate(action.arguments):
        if type(value) is int and 10 < value < 2**200:
            for rounder in _round_waits(value) if action.target == CLOCK else _rounder(value):
                arguments = (*action.arguments[:place], rounder, *action.arguments[place + 1 :])
                yield (replace(action, arguments=arguments),)


def _rounder(value: int) -> list[int]:
    """Numbers near a number with fewer digits, the roundest first."""
    digits = len(str(value)) - 1
    half = 10 ** (digits // 2)
    found = (10**digits, value // 10**digits * 10**digits, value // half * half)
    return [kept for kept in dict.fromkeys(found) if kept != value]


def _round_waits(seconds: int) -> list[int]:
    """Durations no longer than one, the roundest first: a year, a month, a day, and so on, once and many times."""
    spans = [span for span in ROUND_WAITS if span <= seconds]
    found = [span for span in spans[:2] if span < seconds] + [seconds // span * span for span in spans]
    return [kept for kept in dict.fromkeys(found) if kept != seconds]
