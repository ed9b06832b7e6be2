"""Points in boxes: accounts of one kind, sorted so that a plane leaves most of them on its safe side at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import mul

from ..address import Address

Point = tuple[int, ...]
"""Shares in each collateral, shares in each debt, and 1 for what is the same for all; all times anything above zero."""

Row = tuple[Point, Address, Point]
"""The shape of an account, the account, and its point."""

BOX = 16
"""How many accounts share a box at most."""

_FINE = 2**192
"""One debt: the points in a box are shares for so much of it. It only has to be large."""

_SHAPE = 2**20
"""One debt, where accounts are told apart by shape."""


class Group:
    """Accounts of one kind, in boxes; those that came or changed since are loose."""

    def __init__(self, sides: Sequence[tuple[int, bool]]) -> None:
        self.sides = sides
        self.boxes: list[tuple[Point, dict[Address, Point]]] = []
        self.loose: dict[Address, Point] = {}
        self.home: dict[Address, dict[Address, Point]] = {}

    def put(self, account: Address, point: Point) -> None:
        """Take an account in."""
        self.loose[account] = point
        self.home[account] = self.loose

    def drop(self, account: Address) -> None:
        """Let an account go."""
        self.home.pop(account).pop(account)

    def perhaps_below(self, plane: Point | None) -> Iterator[Address]:
        """List the accounts that a plane does not show to be safe; all, where there is no plane."""
        if plane is None:
            yield from self.home
            return
        if len(self.loose) > BOX + len(self.home) // 8:
            self._sort(plane)
        for corner, members in self.boxes:
            if sum(map(mul, corner, plane)) < 0:
                yield from _below(members, plane)
        yield from _below(self.loose, plane)

    def _sort(self, plane: Point) -> None:
        """Put all accounts into boxes, together with those that are like them at present prices."""
        owed = [is_debt for _, is_debt in self.sides]
        rows = [_row(account, members[account], plane, owed) for account, members in self.home.items()]
        self.boxes, self.loose, self.home = [], {}, {}
        for part in _parts(rows):
            members = {account: point for _, account, point in part}
            sides = zip((*owed, True), zip(*members.values(), strict=True), strict=True)
            self.boxes.append((tuple(max(column) if is_cost else min(column) for is_cost, column in sides), members))
            self.home.update(dict.fromkeys(members, members))


def _below(members: dict[Address, Point], plane: Point) -> Iterator[Address]:
    for account, point in members.items():
        if sum(map(mul, point, plane)) < 0:
            yield account


def _row(account: Address, point: Point, plane: Point, owed: Sequence[bool]) -> Row:
    """Measure an account by its debt at present: on which side of a plane it lies does not depend on its size.

    Its shape is the worth of each amount as a part of all that is owed, up to where it does not matter. Points are
    rounded as weights are: collateral down, debt up.
    """
    worth = [abs(shares * weight) for shares, weight in zip(point, plane, strict=True)][:-1]
    debt = sum(value for value, is_debt in zip(worth, owed, strict=True) if is_debt) or 1
    measured = tuple(
        -(-shares * _FINE // debt) if is_cost else shares * _FINE // debt
        for shares, is_cost in zip(point, (*owed, True), strict=True)
    )
    return tuple(min(value * _SHAPE // debt, 4 * _SHAPE) for value in worth), account, measured


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    """Halve where accounts differ most, until the parts fit into boxes."""
    if len(rows) <= BOX:
        if rows:
            yield rows
        return
    spreads = [max(column) - min(column) for column in zip(*(shape for shape, _, _ in rows), strict=True)]
    widest = spreads.index(max(spreads))
    rows.sort(key=lambda row: row[0][widest])
    yield from _parts(rows[: len(rows) // 2])
    yield from _parts(rows[len(rows) // 2 :])
