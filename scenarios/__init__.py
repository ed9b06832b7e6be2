"""Clock, prices, agents and measurements around the twin. Floats are allowed here, and only for showing numbers.

This is the face of the scenarios: import from here, not from the modules behind it. Every name loads its module when it
is first asked for.

    from pooltwin.scenarios import ReplayParameters, replay
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

__all__ = [
    "EVERYTHING",
    "LENDERS_LOST",
    "AccountTable",
    "Agent",
    "AgentError",
    "BestAmount",
    "Book",
    "BookError",
    "BorrowerClass",
    "Bound",
    "Branch",
    "Call",
    "CallDifference",
    "Claim",
    "Column",
    "ColumnKind",
    "Comparison",
    "Competitor",
    "ConstantProduct",
    "Cost",
    "Counterfactual",
    "Deleverager",
    "DepthCurve",
    "Draws",
    "Exits",
    "Flat",
    "Funding",
    "GeneratedBook",
    "Guardian",
    "Hand",
    "HealthFactors",
    "Lender",
    "LenderClass",
    "Limits",
    "LiquidatableSet",
    "Liquidated",
    "LiquidationPrices",
    "LiquidationTerms",
    "Liquidator",
    "Liquidators",
    "LoadedBook",
    "Looper",
    "NamedAccount",
    "NoFoundryTestError",
    "NotEnoughDepthError",
    "Note",
    "Outcome",
    "ParametersError",
    "Path",
    "PathError",
    "Phase",
    "PlacedBook",
    "Print",
    "Purchase",
    "Queue",
    "Record",
    "Refusal",
    "ReplayParameters",
    "ReplayResult",
    "ReserveState",
    "ReserveTotal",
    "ReserveTotals",
    "Row",
    "Runner",
    "Sale",
    "Scan",
    "Scenario",
    "ScenarioError",
    "ScenarioResult",
    "Seizure",
    "SeveralVenues",
    "ShippedBook",
    "ShockRow",
    "Simulation",
    "SingleVenue",
    "SpiralRow",
    "SquareRoot",
    "Study",
    "SweepError",
    "SweepPlan",
    "SweepResult",
    "Turn",
    "Venue",
    "Wake",
    "Way",
    "World",
    "best_amount",
    "book_settings",
    "compare",
    "core_book",
    "exits_of",
    "foundry_counterexample",
    "historical_windows",
    "load_book",
    "make_book",
    "make_paths",
    "open_book",
    "open_chain",
    "open_oracle",
    "open_venue",
    "plan_sweep",
    "print_comparison",
    "print_report",
    "read_parameters",
    "read_scenario",
    "replay",
    "run_scenario",
    "run_sweep",
    "shock_rows",
    "spiral_rows",
    "verdict",
    "with_other_sales",
    "with_sales",
    "without_sales",
    "world_of",
    "write_accounts",
    "write_foundry_counterexample",
]

if TYPE_CHECKING:
    from .agents.amount_search import BestAmount, Cost, Limits, best_amount
    from .agents.deleverager import Deleverager
    from .agents.guardian import Guardian
    from .agents.lenders import Lender, Runner
    from .agents.liquidation_terms import LiquidationTerms, Seizure
    from .agents.liquidators import Competitor, Liquidator, Liquidators
    from .agents.looper import Looper
    from .books.book import Book
    from .books.config import (
        BorrowerClass,
        GeneratedBook,
        LenderClass,
        LoadedBook,
        NamedAccount,
        ReserveTotal,
        ShippedBook,
    )
    from .books.core import core_book
    from .books.errors import BookError
    from .books.load import load_book, make_book, open_book
    from .books.placed import PlacedBook
    from .books.shipped import book_settings
    from .comparison.compare import compare
    from .comparison.difference import Branch, CallDifference, Comparison, ReserveTotals
    from .comparison.report import print_comparison
    from .counterexamples.foundry import NoFoundryTestError, foundry_counterexample, write_foundry_counterexample
    from .draws import Draws
    from .engine.agent import Agent
    from .engine.hand import EVERYTHING, Hand
    from .engine.outcome import Liquidated, Outcome, Refusal
    from .engine.phase import Phase, Wake
    from .engine.record import Call, Funding, Note, Print, Purchase, Record, ReserveState, Row, Sale
    from .engine.seats import AgentError
    from .engine.simulation import Simulation
    from .engine.world import World
    from .exits.bound import Bound
    from .exits.claims import Claim
    from .exits.exits import Exits, exits_of
    from .exits.queue import Queue, Turn
    from .files.build import world_of
    from .files.read import ScenarioError, read_scenario
    from .files.result import ScenarioResult
    from .files.run import run_scenario
    from .files.scenario import Scenario
    from .files.verdict import verdict
    from .oracles.config import open_chain, open_oracle
    from .paths.build import historical_windows, make_paths
    from .paths.given import PathError
    from .paths.path import Path
    from .scan.liquidation_prices import LiquidationPrices, Way
    from .scan.results import AccountTable, HealthFactors, LiquidatableSet
    from .scan.risk import ShockRow, shock_rows
    from .scan.scan import Scan
    from .scan.writing import write_accounts
    from .spirals import SpiralRow, spiral_rows
    from .sweep.columns import LENDERS_LOST, Column, ColumnKind
    from .sweep.plan import SweepPlan, plan_sweep
    from .sweep.run import SweepResult, run_sweep
    from .sweep.study import Study, SweepError
    from .trend_research.parameters import ParametersError, ReplayParameters, read_parameters
    from .trend_research.report import print_report
    from .trend_research.result import ReplayResult
    from .trend_research.run import replay
    from .venues.config import open_venue
    from .venues.counterfactual import Counterfactual, with_other_sales, with_sales, without_sales
    from .venues.curves import ConstantProduct, DepthCurve, Flat, SquareRoot
    from .venues.several import SeveralVenues
    from .venues.venue import NotEnoughDepthError, SingleVenue, Venue
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".agents.amount_search": (
                "BestAmount",
                "Cost",
                "Limits",
                "best_amount",
            ),
            ".agents.deleverager": ("Deleverager",),
            ".agents.guardian": ("Guardian",),
            ".agents.lenders": (
                "Lender",
                "Runner",
            ),
            ".agents.liquidation_terms": (
                "LiquidationTerms",
                "Seizure",
            ),
            ".agents.liquidators": (
                "Competitor",
                "Liquidator",
                "Liquidators",
            ),
            ".agents.looper": ("Looper",),
            ".books.book": ("Book",),
            ".books.config": (
                "BorrowerClass",
                "GeneratedBook",
                "LenderClass",
                "LoadedBook",
                "NamedAccount",
                "ReserveTotal",
                "ShippedBook",
            ),
            ".books.core": ("core_book",),
            ".books.errors": ("BookError",),
            ".books.load": ("load_book", "make_book", "open_book"),
            ".books.placed": ("PlacedBook",),
            ".books.shipped": ("book_settings",),
            ".exits.bound": ("Bound",),
            ".exits.claims": ("Claim",),
            ".exits.exits": (
                "Exits",
                "exits_of",
            ),
            ".exits.queue": (
                "Queue",
                "Turn",
            ),
            ".counterexamples.foundry": (
                "NoFoundryTestError",
                "foundry_counterexample",
                "write_foundry_counterexample",
            ),
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
            ".files.build": ("world_of",),
            ".files.read": (
                "ScenarioError",
                "read_scenario",
            ),
            ".files.result": ("ScenarioResult",),
            ".files.run": ("run_scenario",),
            ".files.scenario": ("Scenario",),
            ".files.verdict": ("verdict",),
            ".oracles.config": ("open_chain", "open_oracle"),
            ".paths.build": ("historical_windows", "make_paths"),
            ".paths.given": ("PathError",),
            ".paths.path": ("Path",),
            ".venues.config": ("open_venue",),
            ".venues.counterfactual": ("Counterfactual", "with_other_sales", "with_sales", "without_sales"),
            ".venues.curves": ("ConstantProduct", "DepthCurve", "Flat", "SquareRoot"),
            ".venues.several": ("SeveralVenues",),
            ".spirals": ("SpiralRow", "spiral_rows"),
            ".venues.venue": ("NotEnoughDepthError", "SingleVenue", "Venue"),
            ".scan.liquidation_prices": ("LiquidationPrices", "Way"),
            ".scan.results": ("AccountTable", "HealthFactors", "LiquidatableSet"),
            ".scan.risk": ("ShockRow", "shock_rows"),
            ".scan.scan": ("Scan",),
            ".scan.writing": ("write_accounts",),
            ".sweep.columns": ("LENDERS_LOST", "Column", "ColumnKind"),
            ".sweep.plan": ("SweepPlan", "plan_sweep"),
            ".sweep.run": ("SweepResult", "run_sweep"),
            ".sweep.study": ("Study", "SweepError"),
            ".trend_research.parameters": ("ParametersError", "ReplayParameters", "read_parameters"),
            ".trend_research.run": ("replay",),
            ".trend_research.report": ("print_report",),
            ".trend_research.result": ("ReplayResult",),
        },
    )
