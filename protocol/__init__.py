"""The twin: Aave v3's lending pool as a deterministic state machine, exact to the wei.

This is the face of the twin: import from here, not from the modules behind it. Every name loads its module when it is
first asked for, so that importing the face costs nothing.

    from pooltwin.protocol import Market, Revert, errors
"""

from typing import TYPE_CHECKING

from .lazy import lazily

__all__ = [
    "MAX_UINT256",
    "NEWEST",
    "REVISIONS",
    "ZERO_ADDRESS",
    "AccountReserveState",
    "AccountState",
    "Address",
    "AnswerError",
    "Chain",
    "CustomError",
    "DeploymentError",
    "Difference",
    "EModeConfig",
    "EmptyRevert",
    "ErrorString",
    "EventRecord",
    "FlashLoanCallback",
    "ForeignContract",
    "Health",
    "InexpressibleError",
    "LargestAmount",
    "LiquidationPreview",
    "LiquidationPrice",
    "Log",
    "Market",
    "MarketAddresses",
    "MarketConfig",
    "MarketState",
    "NoSuchFunction",
    "NotModelledError",
    "Panic",
    "Periphery",
    "Pool",
    "Position",
    "Preview",
    "RateParameters",
    "RawRevert",
    "Receipt",
    "Recording",
    "RecordingError",
    "ReserveConfig",
    "ReserveState",
    "ReserveTotals",
    "Revert",
    "Revision",
    "SavedStateError",
    "Snapshot",
    "StableDebtState",
    "StableRateParameters",
    "StateError",
    "StateReport",
    "StateWarning",
    "StorageError",
    "UnitsWarning",
    "UpgradeError",
    "UserAccountData",
    "Verification",
    "__version__",
    "check_state",
    "doubts_about_units",
    "errors",
    "events",
    "external",
    "ledger_of",
    "load",
    "named_address",
    "quiet_about_units",
    "revision_named",
    "save",
    "storage_of",
    "upgrade",
    "verify",
    "view",
]

if TYPE_CHECKING:
    from . import errors, events
    from .address import ZERO_ADDRESS, Address, named_address
    from .answers.health import Health
    from .answers.liquidation import LiquidationPreview
    from .answers.liquidation_price import LiquidationPrice
    from .answers.most import LargestAmount
    from .answers.preview import Preview
    from .chain import Chain
    from .contracts.foreign import FlashLoanCallback, ForeignContract
    from .contracts.pool import Pool
    from .contracts.pool_storage import UserAccountData
    from .errors import CustomError, EmptyRevert, ErrorString, NotModelledError, Panic, RawRevert, Revert
    from .events.declaration import Log
    from .evm_storage.raw import storage_of
    from .evm_storage.words import StorageError
    from .logic.terms import Revision
    from .machine.contract import NoSuchFunction, ledger_of
    from .machine.function import external, view
    from .machine.results import AnswerError
    from .market import Market
    from .market_state.check import check_state
    from .market_state.errors import DeploymentError, InexpressibleError, StateError, StateWarning
    from .market_state.report import ReserveTotals, StateReport
    from .math.uint import MAX_UINT256
    from .models.e_mode import EModeConfig
    from .models.market import MarketAddresses, MarketConfig, doubts_about_units
    from .models.rates import RateParameters, StableRateParameters
    from .models.reserve import ReserveConfig
    from .models.state import AccountReserveState, AccountState, MarketState, ReserveState, StableDebtState
    from .models.warnings import UnitsWarning, quiet_about_units
    from .periphery import Periphery
    from .reads.positions import Position
    from .reads.record import EventRecord
    from .receipt import Receipt
    from .recordings.recording import Recording, RecordingError
    from .recordings.verification import Difference, Verification, verify
    from .revisions import NEWEST, REVISIONS, revision_named
    from .saved_state import SavedStateError, load, save
    from .snapshots import Snapshot
    from .upgrades.renewal import UpgradeError
    from .upgrades.upgrade import upgrade
    from .version import __version__
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".": ("errors", "events"),
            ".address": ("ZERO_ADDRESS", "Address", "named_address"),
            ".answers.health": ("Health",),
            ".answers.liquidation": ("LiquidationPreview",),
            ".answers.liquidation_price": ("LiquidationPrice",),
            ".answers.most": ("LargestAmount",),
            ".answers.preview": ("Preview",),
            ".chain": ("Chain",),
            ".contracts.foreign": ("FlashLoanCallback", "ForeignContract"),
            ".contracts.pool": ("Pool",),
            ".contracts.pool_storage": ("UserAccountData",),
            ".errors": (
                "CustomError",
                "EmptyRevert",
                "ErrorString",
                "NotModelledError",
                "Panic",
                "RawRevert",
                "Revert",
            ),
            ".events.declaration": ("Log",),
            ".evm_storage.raw": ("storage_of",),
            ".evm_storage.words": ("StorageError",),
            ".logic.terms": ("Revision",),
            ".machine.contract": ("NoSuchFunction", "ledger_of"),
            ".machine.function": ("external", "view"),
            ".machine.results": ("AnswerError",),
            ".market": ("Market",),
            ".market_state.check": ("check_state",),
            ".market_state.errors": ("DeploymentError", "InexpressibleError", "StateError", "StateWarning"),
            ".market_state.report": ("ReserveTotals", "StateReport"),
            ".math.uint": ("MAX_UINT256",),
            ".models.e_mode": ("EModeConfig",),
            ".models.market": ("MarketAddresses", "MarketConfig", "doubts_about_units"),
            ".models.rates": ("RateParameters", "StableRateParameters"),
            ".models.reserve": ("ReserveConfig",),
            ".models.state": (
                "AccountReserveState",
                "AccountState",
                "MarketState",
                "ReserveState",
                "StableDebtState",
            ),
            ".models.warnings": ("UnitsWarning", "quiet_about_units"),
            ".periphery": ("Periphery",),
            ".reads.positions": ("Position",),
            ".reads.record": ("EventRecord",),
            ".receipt": ("Receipt",),
            ".recordings.recording": ("Recording", "RecordingError"),
            ".recordings.verification": ("Difference", "Verification", "verify"),
            ".revisions": ("NEWEST", "REVISIONS", "revision_named"),
            ".saved_state": ("SavedStateError", "load", "save"),
            ".snapshots": ("Snapshot",),
            ".upgrades.renewal": ("UpgradeError",),
            ".upgrades.upgrade": ("upgrade",),
            ".version": ("__version__",),
        },
    )
