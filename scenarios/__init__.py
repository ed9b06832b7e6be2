"""Clock, prices, agents and measurements around the twin. Floats are allowed here, and only for showing numbers.

This is the face of the scenarios: import from here, not from the modules behind it. Every name loads its module when it
is first asked for.

    from pooltwin.scenarios import ReplayParameters, replay
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = [
    "Branch",
    "CallDifference",
    "Comparison",
    "ParametersError",
    "ReplayParameters",
    "ReplayResult",
    "ReserveTotals",
    "compare",
    "print_comparison",
    "print_report",
    "read_parameters",
    "replay",
]

if TYPE_CHECKING:
    from .comparison.compare import compare
    from .comparison.difference import Branch, CallDifference, Comparison, ReserveTotals
    from .comparison.report import print_comparison
    from .trend_research.parameters import ParametersError, ReplayParameters, read_parameters
    from .trend_research.report import print_report
    from .trend_research.result import ReplayResult
    from .trend_research.run import replay
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".comparison.compare": ("compare",),
            ".comparison.difference": ("Branch", "CallDifference", "Comparison", "ReserveTotals"),
            ".comparison.report": ("print_comparison",),
            ".trend_research.parameters": ("ParametersError", "ReplayParameters", "read_parameters"),
            ".trend_research.run": ("replay",),
            ".trend_research.report": ("print_report",),
            ".trend_research.result": ("ReplayResult",),
        },
    )
