"""Laws that must hold of any history of the pool, and the machinery that checks them.

This is the face of the laws: import from here, not from the modules behind it. Every name but `law` loads its module
when it is first asked for, so that importing the face costs nothing.

    from pooltwin.invariants import Kind, Monitor, Subject, all_laws, at_least, law
"""

from typing import TYPE_CHECKING

from pooltwin.protocol.lazy import lazily

from .law import law  # at once, since its module has the same name: whoever imported that one would find it instead

__all__ = [
    "ISOLATION_LAWS",
    "MUTANTS",
    "REWARD_LAWS",
    "VAULT_LAWS",
    "VOTE_LAWS",
    "Action",
    "ActionError",
    "Broken",
    "CampaignOptions",
    "CampaignResult",
    "CategoryChange",
    "DynamicMachine",
    "Edge",
    "Finding",
    "FindingError",
    "History",
    "HistoryError",
    "Judgement",
    "KillMatrix",
    "Kind",
    "Law",
    "LawBroken",
    "Monitor",
    "Mutant",
    "Opening",
    "OwnContractError",
    "Patch",
    "PoolMachine",
    "Probe",
    "ReserveChange",
    "RuleNeverSucceededError",
    "SetupError",
    "Stage",
    "StaticMachine",
    "Step",
    "Subject",
    "Unit",
    "UserChange",
    "Verdict",
    "Violation",
    "Workers",
    "Worth",
    "all_laws",
    "all_of",
    "at_least",
    "at_most",
    "check",
    "equal",
    "history_from",
    "history_on",
    "implies",
    "isolated_history",
    "judge_history",
    "judge_recording",
    "judge_state",
    "law",
    "law_called",
    "load_profile",
    "mutant_named",
    "read_history",
    "rewarded_history",
    "run_campaign",
    "run_mutants",
    "standard_config",
    "standard_history",
    "strategies",
    "violation_of",
    "voting_history",
    "with_isolation",
    "with_rewards",
    "with_vaults",
    "with_votes",
]

if TYPE_CHECKING:
    from . import strategies
    from .campaigns.campaign import CampaignResult, run_campaign
    from .campaigns.finding import Finding, FindingError
    from .campaigns.options import CampaignOptions
    from .campaigns.shrinking import violation_of
    from .catalogue import all_laws, law_called
    from .histories.action import Action, Stage
    from .histories.own_contract import SetupError
    from .histories.unfit import ActionError, OwnContractError
    from .history import History, HistoryError, Opening, read_history
    from .isolation import ISOLATION_LAWS
    from .law import (
        Broken,
        Edge,
        Kind,
        Law,
        LawBroken,
        Subject,
        Verdict,
        Violation,
        all_of,
        at_least,
        at_most,
        equal,
        implies,
    )
    from .machine import DynamicMachine, StaticMachine
    from .machine_base import PoolMachine, RuleNeverSucceededError, check
    from .markets_around import (
        isolated_history,
        rewarded_history,
        voting_history,
        with_isolation,
        with_rewards,
        with_votes,
    )
    from .monitor import Monitor
    from .mutants.catalogue import MUTANTS, KillMatrix, mutant_named, run_mutants
    from .mutants.mutant import Mutant, Patch
    from .profiles import load_profile
    from .reading.probe import Probe
    from .reading.step import CategoryChange, ReserveChange, Step, UserChange
    from .recorded import Judgement, judge_recording
    from .replayed import judge_history, judge_state
    from .rewards import REWARD_LAWS
    from .standard import history_from, history_on, standard_config, standard_history
    from .vaults import VAULT_LAWS, with_vaults
    from .votes import VOTE_LAWS
    from .workers import Workers
    from .worth import Unit, Worth
else:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            ".": ("strategies",),
            ".campaigns.campaign": ("CampaignResult", "run_campaign"),
            ".campaigns.finding": ("Finding", "FindingError"),
            ".campaigns.options": ("CampaignOptions",),
            ".campaigns.shrinking": ("violation_of",),
            ".catalogue": ("all_laws", "law_called"),
            ".histories.action": ("Action", "Stage"),
            ".histories.unfit": ("ActionError", "OwnContractError"),
            ".histories.own_contract": ("SetupError",),
            ".history": ("History", "HistoryError", "Opening", "read_history"),
            ".law": (
                *("Broken", "Edge", "Kind", "Law", "LawBroken", "Subject", "Verdict", "Violation"),
                *("all_of", "at_least", "at_most", "equal", "implies"),
            ),
            ".machine": ("DynamicMachine", "StaticMachine"),
            ".machine_base": ("PoolMachine", "RuleNeverSucceededError", "check"),
            ".monitor": ("Monitor",),
            ".mutants.catalogue": ("MUTANTS", "KillMatrix", "mutant_named", "run_mutants"),
            ".mutants.mutant": ("Mutant", "Patch"),
            ".reading.probe": ("Probe",),
            ".reading.step": ("CategoryChange", "ReserveChange", "Step", "UserChange"),
            ".profiles": ("load_profile",),
            ".recorded": ("Judgement", "judge_recording"),
            ".replayed": ("judge_history", "judge_state"),
            ".standard": ("history_from", "history_on", "standard_config", "standard_history"),
            ".workers": ("Workers",),
            ".isolation": ("ISOLATION_LAWS",),
            ".markets_around": (
                *("isolated_history", "rewarded_history", "voting_history"),
                *("with_isolation", "with_rewards", "with_votes"),
            ),
            ".rewards": ("REWARD_LAWS",),
            ".vaults": ("VAULT_LAWS", "with_vaults"),
            ".votes": ("VOTE_LAWS",),
            ".worth": ("Unit", "Worth"),
        },
    )
