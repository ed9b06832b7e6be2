"""Cures: an engine with one defect less, made by giving the old release the newer one's decision.

A chain needs a defect if it brings less where the defect is cured. Not every defect has a cure of its own: where a
decision of the newer release also changes what is no defect, it would prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pooltwin.protocol.revisions import Revision, revision_named

from ..catalogue import DEFECTS, NEWEST, OLD, Defect

CURES: Mapping[str, tuple[str, ...]] = {
    "double-accrual": ("open_liquidation_caches",),
    "last-share": ("release_seized_collateral",),
    "seizure-to-nearest": ("seizure_percent_mul", "bonus_percent_div", "protocol_fee_percent_mul"),
    "category-without-ltv": ("validate_set_user_e_mode",),
    "shares-to-nearest": (
        "execute_supply",
        "execute_withdraw",
        "execute_borrow",
        "execute_repay",
        "transfer_a_tokens",
        "transfer_a_tokens_from",
        "execute_finalize_transfer",
    ),
    "premium-to-nearest": ("flash_premium_percent_mul",),
    "accrual-to-nearest": ("accrue_to_treasury",),
    "premium-through-the-index": ("book_flash_premium",),
    "self-liquidation": ("self_liquidation",),
    "dust-left": ("refuse_dust", "max_liquidatable_debt"),
}
"""The decisions that cure a defect, taken from the release that fixed it; by the defect's id."""


def curable(revision: str) -> list[Defect]:
    """List the defects that live on a release and have a cure.

    The list tells of releases from the oldest of `OLD` on. One that is older still has the defects of that one of which
    it shares decisions, and these are cured.
    """
    known = revision if revision in (*OLD, NEWEST) else OLD[0]
    return [defect for defect in DEFECTS if known in defect.lives and _decisions(revision, defect)]


def cured(revision: str, defect: Defect) -> Revision:
    """Make the engine of a release with one defect cured."""
    newer = revision_named(defect.fixed)
    return replace(revision_named(revision), **{name: getattr(newer, name) for name in _decisions(revision, defect)})


def _decisions(revision: str, defect: Defect) -> tuple[str, ...]:
    """The decisions that cure a defect on a release; of one older than the list, those that it shares with the next."""
    names = CURES.get(defect.id, ())
    if revision in (*OLD, NEWEST):
        return names
    here, next_one = revision_named(revision), revision_named(OLD[0])
    return tuple(name for name in names if getattr(here, name) is getattr(next_one, name))
