"""The unwinding of the Trend Research position in February 2026.

from pooltwin.scenarios.trend_research import replay
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = ["MARKET", "TOUCHED", "replay", "run_replay"]

if TYPE_CHECKING:
    from .run import MARKET, TOUCHED, replay
    from .show import run_replay
else:
    __getattr__, __dir__ = lazily(__name__, {".run": ("MARKET", "TOUCHED", "replay"), ".show": ("run_replay",)})
