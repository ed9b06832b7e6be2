"""Scans of whole books with NumPy: health factors and liquidatable sets, exact.

from pooltwin.scenarios.scan import Scan
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = ["Scan"]

if TYPE_CHECKING:
    from .scan import Scan
else:
    __getattr__, __dir__ = lazily(__name__, {".scan": ("Scan",)})
