"""Telling: a history performed once more, on a fresh stage, and told as a story of lines that fit a terminal.

The story says first which law broke and what that is worth, then everything that happened, then the state before the
step that broke it, who gained and who lost in it, and what lenders are short of.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pooltwin.protocol.address import Address

from ..histories.action import CLOCK, PRICE, Action, Stage
from ..histories.unfit import ActionError
from ..law import Broken, Violation
from ..reading.census import Census
from ..reference import RAY, ceil, floor
from ..worth import Unit, in_dollars, in_tokens
from . import words
from .scene import Reserve, Scene
from .sentences import GLUE, Teller, glued

WIDTH = 80
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
CENT = 10**6
"""Of base currency, which has 8 decimals. What is less is not told."""


@dataclass(frozen=True)
class Break:
    """A law broken in a history."""

    violation: Violation
    action: int
    """The number of the action that broke it, from 0; of the last one where a probe did."""
    by_probe: bool = False
    """Was it broken by what a probe tried on the state that the history led to?"""


def tell(stage: Stage, actions: Sequence[Action], broken: Break | None = None, width: int = WIDTH) -> str:
    """Perform actions on a stage and tell them as a story, with the law that they break.

    What makes no sense on the stage is told as that.
    """
    return _Telling(stage, broken, width).tell(actions)


class _Telling:
    """A story in the making."""

    def __init__(self, stage: Stage, broken: Break | None, width: int) -> None:
        self.stage = stage
        self.broken = broken
        self.width = width
        self.census = Census(stage.market, stage.names)
        self.first = self.before = self.after = Scene(self.census)
        self.last: Action | None = None
        """The action that broke the law."""

    def tell(self, actions: Sequence[Action]) -> str:
        """Tell everything, the end first."""
        body: list[str] = []
        indent = " " * (len(str(len(actions))) + 2)
        for number, action in enumerate(actions, 1):
            breaking = self.broken is not None and number == self.broken.action + 1
            if breaking:
                self.before, self.last = self.after, action
            lines = list(self._event(action))
            body += self._wrapped(f"{number}. ".rjust(len(indent)), lines[0], indent + "  ")
            for line in lines[1:]:
                body += self._wrapped(indent, line, indent + "  ")
            if breaking:
                break
        if self.broken is None:
            return "\n".join(body)
        head = self._head(self.broken)
        tail = [line for text, inner in self._state() for line in self._wrapped(inner, text, inner + "  ")]
        return "\n".join([*head, *([""] if body else []), *body, *([""] if tail else []), *tail])

    def _wrapped(self, first: str, text: str, rest: str) -> list[str]:
        lines = textwrap.wrap(
            text,
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
        )
        return [line.replace(GLUE, " ") for line in lines]

    # --- what happens -----------------------------------------------------------------------------------------------

    def _event(self, action: Action) -> Iterator[str]:
        """Tell an action, perform it, and tell what came of it."""
        scene = self.after
        teller = Teller(self.stage, scene)
        yield from self._sentences(teller, action)
        people = dict.fromkeys((*teller.concerned(action), *self._victim()))
        for name in people:
            scene.position(self.stage.book.get(name, name))
        if self.last is action:
            scene.keep_fortunes()
        try:
            receipt = self.stage.perform(action)
        except ActionError as error:
            yield f"nothing: {error}"
            return
        yield from teller.outcome(action, receipt)
        self.census.names.update(self.stage.names)
        self.after = Scene(self.census)
        if self.last is action:
            self.after.keep_fortunes()
        for name in people:
            told = self._health(name, scene, self.after)
            if told:
                yield told

    def _sentences(self, teller: Teller, action: Action, depth: int = 0) -> Iterator[str]:
        yield f"{GLUE * 2 * depth}{'- ' if depth else ''}{teller.sentence(action)}"
        for part in teller.parts(action):
            yield from self._sentences(teller, part, depth + 1)

    def _victim(self) -> list[str]:
        """Name the account that the law was broken for, if it is one with a name."""
        where = self.broken.violation.where if self.broken is not None else ""
        return [where] if where in self.stage.book and where in self.stage.actors else []

    def _health(self, name: str, before: Scene, after: Scene) -> str:
        """Tell a health factor that changed."""
        where = self.stage.book.get(name, name)
        was, now = before.health(where), after.health(where)
        told = ["no debt" if health is None else words.health(health) for health in (was, now)]
        return f"health factor of {name}: {told[0]} before, {told[1]} after" if told[0] != told[1] else ""

    # --- the law ----------------------------------------------------------------------------------------------------

    def _head(self, broken: Break) -> list[str]:
        violation = broken.violation
        title = f"{violation.law.id} is broken {_moment(broken)}{self._money(violation)}."
        about = f" ({violation.where})" if violation.where else ""
        return [
            *self._wrapped("", title, "  "),
            *self._wrapped("  ", f"The law: {violation.law.statement}", "  "),
            *self._wrapped("  ", f"Compared{about}: {self._comparison(violation)}", "  "),
        ]

    def _money(self, violation: Violation) -> str:
        told = []
        lost = self.after.lost() - self.before.lost()
        if lost >= CENT and not (self.broken and self.broken.by_probe):
            short = [
                reserve.view.symbol
                for asset, reserve in self.after.reserves.items()
                if reserve.missing > _missing(self.before, asset)
            ]
            told.append(f"lenders{f' of {_listed(short)}' if short else ''} lose {glued(in_dollars(lost))}")
        if violation.worth is not None:
            told.append(f"it is worth {glued(str(violation.worth))}")
        return f": {'; '.join(told)}" if told else ""

    def _comparison(self, violation: Violation) -> str:
        broken = violation.verdict
        if type(broken.left) is not int or type(broken.right) is not int:
            return self._with_names(f"{broken.comparison}: {broken.left} against {broken.right}")
        left, right = (self._figure(figure, violation) for figure in (broken.left, broken.right))
        apart = str(abs(broken.left - broken.right))
        if violation.worth is not None and broken.amount is None:
            apart += f"{GLUE}({glued(str(violation.worth))})"
        told = f"{broken.comparison}: {left} against {right}, by {apart}"
        return self._with_names(told)

    def _with_names(self, text: str) -> str:
        """Put names in the place of addresses."""
        return ADDRESS.sub(lambda found: self.census.name_of(found.group()), text)

    def _figure(self, figure: int, violation: Violation) -> str:
        """Write a figure of a comparison, with tokens or dollars beside it where it is an amount."""
        human = in_words(figure, violation)
        return f"{figure}{GLUE}({glued(human)})" if human else str(figure)

    # --- the state --------------------------------------------------------------------------------------------------

    def _state(self) -> Iterator[tuple[str, str]]:
        """Tell the accounts and reserves concerned as they were before the step, and who gains and loses by it."""
        action, number = self.last, self.broken.action + 1 if self.broken else 0
        if action is None:
            return
        teller = Teller(self.stage, self.before)
        accounts = dict.fromkeys((*teller.concerned(action), *self._victim()))
        assets = [asset for asset in teller.assets_in(action) if asset in self.before.reserves]
        where = self.broken.violation.where if self.broken else ""
        assets += [asset for asset, r in self.before.reserves.items() if r.view.symbol == where and asset not in assets]
        if accounts or assets:
            yield f"Before step {number}:", ""
        for name in accounts:
            yield from self._account(teller, name)
        for asset in assets:
            yield self._reserve(self.before.reserves[asset]), "  "
        yield from self._changes(action, number)

    def _account(self, teller: Teller, name: str) -> Iterator[tuple[str, str]]:
        """Tell what an account has and owes, and its health factor."""
        position = self.before.position(self.stage.book.get(name, name))
        if not position.holdings:
            yield f"{name} has nothing in the pool.", "  "
            return
        health = self.before.health(position.user)
        yield f"{name}{'' if health is None else f', health factor {words.health(health)}'}:", "  "
        kinds: dict[str, list[str]] = {"collateral": [], "other supplies": [], "debts": []}
        for holding in position.holdings:
            view = self.before.reserves[holding.asset].view
            if holding.scaled_supply:
                kind = "collateral" if holding.collateral_bit else "other supplies"
                kinds[kind].append(teller.amount(holding.asset, floor(holding.scaled_supply, view.income, RAY)))
            if holding.scaled_debt:
                kinds["debts"].append(teller.amount(holding.asset, ceil(holding.scaled_debt, view.debt_index, RAY)))
            if holding.stable is not None:
                owed = holding.stable.owed(self.before.census, view.time)
                kinds["debts"].append(f"{teller.amount(holding.asset, owed)} at a stable rate")
        for kind, amounts in kinds.items():
            if amounts:
                yield f"{kind}: {'; '.join(amounts)}", "    "

    def _reserve(self, reserve: Reserve) -> str:
        view = reserve.view
        figures = [
            ("lenders and treasury are owed", view.claims),
            ("borrowers owe", view.debt),
            ("the pool holds", reserve.there),
            *([("bad debt written off", view.deficit)] if view.deficit else []),
        ]
        told = "; ".join(f"{name} {_plain(figure, reserve)}" for name, figure in figures)
        price = "no price" if reserve.price is None else f"price {words.price(reserve.price)}"
        return f"{view.symbol}: {glued(price)}; {told}."

    def _changes(self, action: Action, number: int) -> Iterator[tuple[str, str]]:
        """Tell who gains and who loses in the step, at the prices of the time, and what lenders are short of."""
        if action.target not in (CLOCK, PRICE):
            told = list(self._fortunes())
            if told:
                yield f"In step {number}: {'; '.join(told)}.", ""
        teller = Teller(self.stage, self.after)
        for asset, reserve in self.after.reserves.items():
            more = reserve.missing - _missing(self.first, asset)
            value = reserve.value(more)
            if more > 0 and (value is None or value >= CENT):
                view = reserve.view
                yield (
                    f"Since the history began, lenders of {view.symbol} have come to miss "
                    f"{teller.amount(asset, more)}: {_plain(view.claims, reserve)} is owed to them and the treasury, "
                    f"{_plain(view.claims - reserve.missing, reserve)} is there or owed by borrowers.",
                    "",
                )
        if self.after.uncovered - self.first.uncovered >= CENT:
            now, was = (glued(in_dollars(scene.uncovered)) for scene in (self.after, self.first))
            yield f"Debts exceed the collateral of those who owe them by {now}, before the history by {was}.", ""

    def _fortunes(self) -> Iterator[str]:
        before, after = self.before.fortunes, self.after.fortunes
        changes = {user: after[user] - before.get(user, 0) for user in after}
        for user, change in sorted(changes.items(), key=lambda pair: pair[1]):
            if abs(change) >= CENT:
                name, doing = self.census.name_of(user), "gains" if change > 0 else "loses"
                yield f"{glued(name)} {doing} {glued(in_dollars(abs(change)))}"


def _moment(broken: Break) -> str:
    """Say when a law broke: at a step, after one, or before there was any."""
    number = broken.action + 1
    if not number:
        return "in the market as it is prepared"
    return f"by what a probe tries after step {number}" if broken.by_probe else f"at step {number}"


def _missing(scene: Scene, asset: Address) -> int:
    return scene.reserves[asset].missing if asset in scene.reserves else 0


def _plain(figure: int, reserve: Reserve) -> str:
    """Write an amount in whole tokens, without their symbol."""
    return in_tokens(figure, reserve.decimals, "").strip().replace(" ", GLUE)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def in_words(figure: int, violation: Violation) -> str:
    """Write a compared figure in tokens or dollars; empty where it is no amount of them by itself."""
    broken, worth = violation.verdict, violation.worth
    if worth is None or broken.amount is not None:
        return ""
    if broken.unit is Unit.BASE:
        return in_dollars(_scaled(figure, broken))
    if broken.unit is Unit.HEALTH:
        return words.health(figure)
    if broken.unit in (Unit.LIQUIDITY_INDEX, Unit.DEBT_INDEX):
        return words.index(figure)
    return in_tokens(_scaled(figure, broken), worth.decimals, worth.symbol) if broken.unit is Unit.WEI else ""


def _scaled(figure: int, broken: Broken) -> int:
    return figure // broken.scale if figure >= 0 else -(-figure // broken.scale)
