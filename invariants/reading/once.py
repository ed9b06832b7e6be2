"""A property that is worked out once, without the lock that the standard library's takes in Python 3.11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - used as a decorator
    """Property that is worked out when first asked for, and kept in the object's own dictionary."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self.work_out = work_out
        self.name = work_out.__name__
        self.__doc__ = work_out.__doc__

    def __get__(self, owner: Any, kind: type[Any] | None = None) -> T:
        value = owner.__dict__[self.name] = self.work_out(owner)
        return value
