"""Clock, prices, agents and measurements around the twin. Floats are allowed here, and only for showing numbers.

This is the face of the scenarios: import from here, not from the modules behind it. Every name loads its module when it
is first asked for.

    from pooltwin.scenarios import ReplayParameters, replay
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = [
    "EVERYTHING",
    "Agent",
    "AgentError",
    "Branch",
    "Call",
    "CallDifference",
    "Comparison",
    "ConstantProduct",
    "DepthCurve",
    "Draws",
    "Flat",
    "Funding",
    "Hand",
    "Liquidated",
    "Note",
    "Outcome",
    "ParametersError",
    "Path",
    "Phase",
    "Print",
    "Purchase",
    "Record",
    "Refusal",
    "ReplayParameters",
    "ReplayResult",
    "ReserveState",
    "ReserveTotals",
    "Row",
    "Sale",
    "SeveralVenues",
    "Simulation",
    "SingleVenue",
    "SquareRoot",
    "Venue",
    "Wake",
    "World",
    "compare",
    "open_chain",
    "print_comparison",
    "print_report",
    "read_parameters",
    "replay",
]

if TYPE_CHECKING:
    from .comparison.compare import compare
    from .comparison.difference import Branch, CallDifference, Comparison, ReserveTotals
    from .comparison.report import print_comparison
    from .draws import Draws
    from .engine.agent import Agent
    from .engine.hand import EVERYTHING, Hand
    from .engine.outcome import Liquidated, Outcome, Refusal
    from .engine.phase import Phase, Wake
    from .engine.record import Call, Funding, Note, Print, Purchase, Record, ReserveState, Row, Sale
    from .engine.seats import AgentError
    from .engine.simulation import Simulation
    from .engine.world import World
    from .oracles.config import open_chain
    from .paths.path import Path
    from .trend_research.parameters import ParametersError, ReplayParameters, read_parameters
    from .trend_research.report import print_report
    from .trend_research.result import ReplayResult
    from .trend_research.run import replay
    from .venues.curves import ConstantProduct, DepthCurve, Flat, SquareRoot
    from .venues.several import SeveralVenues
    from .venues.venue import SingleVenue, Venue
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".comparison.compare": ("compare",),
            ".comparison.difference": ("Branch", "CallDifference", "Comparison", "ReserveTotals"),
            ".comparison.report": ("print_comparison",),
            ".draws": ("Draws",),
            ".engine.agent": ("Agent",),
            ".engine.hand": (
                "EVERYTHING",
                "Hand",
            ),
            ".engine.outcome": (
                "Liquidated",
                "Outcome",
                "Refusal",
            ),
            ".engine.phase": (
                "Phase",
                "Wake",
            ),
            ".engine.record": (
                "Call",
                "Funding",
                "Note",
                "Print",
                "Purchase",
                "Record",
                "ReserveState",
                "Row",
                "Sale",
            ),
            ".engine.seats": ("AgentError",),
            ".engine.simulation": ("Simulation",),
            ".engine.world": ("World",),
            ".oracles.config": ("open_chain",),
            ".paths.path": ("Path",),
            ".venues.curves": ("ConstantProduct", "DepthCurve", "Flat", "SquareRoot"),
            ".venues.several": ("SeveralVenues",),
            ".venues.venue": ("SingleVenue", "Venue"),
            ".trend_research.parameters": ("ParametersError", "ReplayParameters", "read_parameters"),
            ".trend_research.run": ("replay",),
            ".trend_research.report": ("print_report",),
            ".trend_research.result": ("ReplayResult",),
        },
    )
