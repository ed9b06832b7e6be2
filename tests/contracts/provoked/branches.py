"""Branches of the twin's source that a call can take, as far as constants tell.

Constants are the decisions of a revision that are true or false, what the classes of the test token say of themselves,
and parameters that a caller gives a literal, or leaves at their default.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

from pooltwin.protocol.revisions import Revision

Known = frozenset[tuple[str, bool | int]]
"""Parameters with a known value."""


class Branches:
    """Branches that one revision takes."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision

    def walk(self, tree: ast.AST, owner: type | None, known: Known) -> Iterator[ast.AST]:
        """All nodes but annotations and the branches that are not taken."""
        if isinstance(tree, ast.If | ast.IfExp):
            truth = self._value(tree.test, owner, dict(known))
            if truth is not None:
                taken = tree.body if truth else tree.orelse
                for child in [tree.test, *(taken if isinstance(taken, list) else [taken])]:
                    yield from self.walk(child, owner, known)
                return
        yield tree
        for name, field in ast.iter_fields(tree):
            if name not in ("annotation", "returns", "decorator_list"):
                for child in field if isinstance(field, list) else [field]:
                    if isinstance(child, ast.AST):
                        yield from self.walk(child, owner, known)

    def _value(self, node: ast.expr, owner: type | None, known: dict[str, Any]) -> Any:
        """Evaluate an expression; None if its value is not certain."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return known.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._decision(node, owner)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            value = self._value(node.operand, owner, known)
            return None if value is None else not value
        if isinstance(node, ast.BoolOp):
            values = [self._value(part, owner, known) for part in node.values]
            decisive = isinstance(node.op, ast.Or)
            if any(value is not None and bool(value) is decisive for value in values):
                return decisive
            return None if None in values else not decisive
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            sides = [self._value(side, owner, known) for side in (node.left, node.comparators[0])]
            if None not in sides:
                return _compared(node.ops[0], *sides)
        return None

    def _decision(self, node: ast.Attribute, owner: type | None) -> bool | None:
        text = ast.unparse(node.value)
        if text == "self" and node.attr == "MODERN":
            return bool(getattr(owner, "MODERN", False))
        if text.rpartition(".")[2] != "revision":
            return None
        decision = getattr(self.revision, node.attr, None)
        return decision if isinstance(decision, bool) else None


def bound(call: ast.Call | None, target: Any, known: Known, *, method: bool) -> Known:
    """The parameters of `target` that this call gives a known value. A parameter the function writes to is not one."""
    target = inspect.unwrap(target)
    if call is None or not isinstance(target, FunctionType):
        return frozenset()
    parameters = list(inspect.signature(target).parameters.values())[1 if method else 0 :]
    if any(isinstance(argument, ast.Starred) for argument in call.args) or None in [k.arg for k in call.keywords]:
        return frozenset()
    given = dict(zip([parameter.name for parameter in parameters], call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    values = {p.name: _literal(given[p.name], dict(known)) if p.name in given else p.default for p in parameters}
    written = {name for name in values if name in _written(target)}
    return frozenset((name, v) for name, v in values.items() if isinstance(v, bool | int) and name not in written)


def defaults(target: Any, given: int) -> Known:
    """The parameters that an external function of so many arguments leaves at their defaults."""
    target = inspect.unwrap(target)
    parameters = [p for p in inspect.signature(target).parameters.values() if p.name not in ("self", "sender")]
    left = {p.name: p.default for p in parameters[given:] if p.name not in _written(target)}
    return frozenset((name, value) for name, value in left.items() if isinstance(value, bool | int))


def _written(target: FunctionType) -> set[str]:
    """The names a function assigns to."""
    names = (node for node in ast.walk(tree_of(target)) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


@cache
def tree_of(body: FunctionType) -> ast.AST:
    """A function's syntax tree, empty where there is no source."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(body)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])


def _literal(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    return known.get(node.id) if isinstance(node, ast.Name) else None


def _compared(operator: ast.cmpop, left: Any, right: Any) -> bool | None:
    if isinstance(operator, ast.Eq | ast.Is):
        return bool(left == right)
    if isinstance(operator, ast.NotEq | ast.IsNot):
        return bool(left != right)
    if isinstance(operator, ast.Gt):
        return bool(left > right)
    return bool(left < right) if isinstance(operator, ast.Lt) else None
