"""Defects of old releases that a later one fixed: the real revisions are mutants too.

Each was found by a random campaign that holds the old release to the laws of the newest, and by nothing else; see
`defect_hunt`. What a law says against an old release that had another rule, and no defect, is listed too, so that
everything a campaign finds is accounted for.
"""

from __future__ import annotations

from dataclasses import dataclass

NEWEST = "3.7"
OLD = ("3.2", "3.3", "3.4", "3.5", "3.6")

SUPPLIES = ("pool.supply", "pool.deposit")
REPAYMENTS = ("pool.repay", "pool.repayWithATokens")
LIQUIDATION = ("pool.liquidationCall",)
LOANS = ("pool.flashLoan", "pool.flashLoanSimple")
TRANSFERS = ("aToken.transfer", "aToken.transferFrom")
MOVES = ("pool.withdraw", *TRANSFERS)


@dataclass(frozen=True)
class Sign:
    """A law that a defect breaks, and the calls in which it does."""

    law: str
    calls: tuple[str, ...] = ()
    """As "pool.withdraw"; empty for a law tried in probes."""

    def shows(self, law: str, call: str) -> bool:
        """Is this the law, broken in one of these calls?"""
        return law == self.law and (call in self.calls if self.calls else call == "probe")


@dataclass(frozen=True)
class Defect:
    """Something old releases do wrong and a later one does right."""

    id: str
    statement: str
    """What goes wrong, in one sentence."""
    lives: tuple[str, ...]
    """Releases, of those from v3.2 on."""
    fixed: str
    signs: tuple[Sign, ...]
    """What a campaign must find, each with a story of its own."""
    also: tuple[str, ...] = ()
    """Further laws that it breaks."""
    measure: str = ""
    """What is measured of its cost: a name of `defect_cost.MEASURES`; empty where it costs lenders nothing."""
    cost: str = ""
    """What the measure means, or why lenders lose nothing."""


def _until(last: str) -> tuple[str, ...]:
    return OLD[: OLD.index(last) + 1]


def _laws(ids: str) -> tuple[str, ...]:
    return tuple(ids.split())


DEFECTS = (
    Defect(
        "double-accrual",
        "A liquidation of one asset for itself reads the reserve before it is updated and credits the treasury twice "
        "for the interest since the last update.",
        ("3.5", "3.6"),
        "3.7",
        (Sign("SOL-2", LIQUIDATION), Sign("LIQ-12", LIQUIDATION)),
        ("SOL-1", "SOL-11", "RAT-2", "RND-6", "DEF-8", "DEF-9"),
        "slack",
        "The treasury's second share is nobody's interest: it is taken out of what backs the lenders. The last to "
        "leave a reserve cannot leave in full (SOL-11). It grows with the silence before the liquidation.",
    ),
    Defect(
        "last-share",
        "A liquidation clears the borrower's collateral bit by comparing amounts; where rounding up the shares takes "
        "the last one, the bit of nothing stays set.",
        _until("3.6"),
        "3.7",
        (Sign("LIQ-11", LIQUIDATION),),
        ("FLG-2", "FLG-10"),
        "",
        "The bit counts nothing as collateral, which is worth nothing. What it hides is the next entry.",
    ),
    Defect(
        "debt-of-the-empty",
        "Whether a borrower has collateral left is judged by amounts: where rounding takes the last share, the other "
        "debts are not written off, and with nothing left to seize nobody can liquidate them.",
        ("3.3", "3.4", "3.5", "3.6"),
        "3.7",
        (Sign("LIQ-14", LIQUIDATION),),
        (),
        "debt",
        "Bad debt that no deficit shows: it goes on earning interest that nobody will pay, and lenders are promised "
        "that interest.",
    ),
    Defect(
        "seizure-to-nearest",
        "What a liquidation seizes, its bonus part and the treasury's fee are rounded to the nearest instead of in "
        "favour of borrower and pool.",
        _until("3.6"),
        "3.7",
        (Sign("LIQ-5", LIQUIDATION), Sign("LIQ-7", LIQUIDATION)),
        ("LIQ-3",),
        "",
        "Borrower, liquidator and treasury share a wei differently; what lenders are owed and what backs it move by "
        "the same amount.",
    ),
    Defect(
        "flagged-by-receipt",
        "aTokens that arrive, by a transfer or from a liquidation, become the recipient's collateral without being "
        "asked for.",
        _until("3.5"),
        "3.6",
        (Sign("FLG-4", TRANSFERS), Sign("FLG-4", LIQUIDATION)),
        ("FLG-3", "FLG-5"),
        "",
        "More collateral backs the same debt. It is the recipient who is bothered.",
    ),
    Defect(
        "flagged-for-nothing",
        "A liquidator who takes aTokens has the collateral bit set even where what is seized is no share at all.",
        _until("3.5"),
        "3.6",
        (Sign("FLG-2", LIQUIDATION),),
        ("FLG-3", "FLG-4", "FLG-5", "FLG-10"),
        "",
        "The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        "delegated-by-amount",
        "A borrow for a delegator spends an allowance that differs by a wei from what the delegator's debt grew by: "
        "until v3.4 it is the amount asked for, in v3.5 it is reckoned from the caller's debt.",
        _until("3.5"),
        "3.6",
        (Sign("TOK-4", ("pool.borrow",)),),
        (),
        "",
        "The allowance is between delegator and borrower; the debt itself is right.",
    ),
    Defect(
        "infinite-allowance",
        "transferFrom spends an allowance that was meant to be infinite.",
        _until("3.5"),
        "3.6",
        (Sign("TOK-3", ("aToken.transferFrom",)),),
        (),
        "",
        "The allowance is between owner and spender.",
    ),
    Defect(
        "category-without-ltv",
        "A borrower enters or leaves an e-mode category with collateral that lends nothing there.",
        _until("3.5"),
        "3.6",
        (Sign("EMD-3", ("pool.setUserEMode", "pool.setUserEModeOnBehalfOf")),),
        (),
        "",
        "The health factor is checked all the same: the debt stays covered.",
    ),
    Defect(
        "shares-to-nearest",
        "Supplies, withdrawals, borrows, repayments and transfers round shares to the nearest, so that half of them "
        "cost the pool a part of a share.",
        _until("3.4"),
        "3.5",
        (
            Sign("RND-1", SUPPLIES),
            Sign("RND-2", ("pool.withdraw",)),
            Sign("RND-3", ("pool.borrow",)),
            Sign("RND-4", REPAYMENTS),
            Sign("RND-7", TRANSFERS),
            Sign("RND-8"),
            Sign("RND-9"),
            Sign("SOL-2", (*SUPPLIES, "pool.withdraw", "pool.borrow", *REPAYMENTS)),
        ),
        _laws(
            "SOL-1 SOL-9 SOL-10 SOL-11 RND-6 RND-10 RND-11 RND-13 INF-1 INF-3 CAP-2 CAP-3 DEF-1 DEF-3 DEF-5 "
            "LIQ-3 LIQ-4 LIQ-8 LIQ-12 TOK-3 TOK-7 TOK-9 TOK-8 HF-9"
        ),
        "slack",
        "Per operation, part of what one share is worth. Where an index has grown large, as flash-loan premiums could "
        "make it in an emptied reserve until v3.3, a share is worth many wei: in the recordings below a round trip "
        "gains 50,028 wei (RND-8, v3.2).",
    ),
    Defect(
        "premium-to-nearest",
        "The premium of a flash loan is rounded to the nearest: small loans are free.",
        _until("3.4"),
        "3.5",
        (Sign("RND-5", LOANS),),
        ("DEF-11", "RAT-9", "DEF-8"),
        "",
        "Half a wei of income at most is missed for each loan, and nothing is taken.",
    ),
    Defect(
        "accrual-to-nearest",
        "The treasury's accrual rounds growth of debt and shares to the nearest, so that it may take a share too much.",
        _until("3.4"),
        "3.5",
        (Sign("DEF-8", (*SUPPLIES, "pool.withdraw", "pool.borrow", *REPAYMENTS)),),
        ("RND-6", "DEF-9", "SOL-1", "SOL-2", "DEF-11", "RAT-9", "LIQ-12", "SOL-11"),
        "slack",
        "One share of the treasury's for each update of a reserve, at the most.",
    ),
    Defect(
        "bits-by-amount",
        "Withdrawals, transfers and covers clear the collateral bit by comparing amounts; where rounding takes the "
        "last share, the bit of nothing stays set.",
        _until("3.4"),
        "3.5",
        (Sign("FLG-2", MOVES),),
        ("FLG-10",),
        "",
        "The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        "bit-after-cover",
        "A cover that burns the last of the umbrella's shares by rounding leaves its collateral bit set.",
        ("3.3", "3.4"),
        "3.5",
        (Sign("FLG-2", ("pool.eliminateReserveDeficit",)),),
        ("FLG-10",),
        "",
        "The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        "debts-rounded-down",
        "Debts are rounded down to units of base currency, and a borrow is judged before it is made, so that a "
        "position can end below the health it was granted for.",
        _until("3.4"),
        "3.5",
        (Sign("HF-2", ("pool.borrow", "pool.withdraw", *TRANSFERS, "pool.setUserUseReserveAsCollateral")),),
        (*("HF-1", "HF-3", "HF-6", "HF-7", "HF-9", "HF-10", "SOL-10", "LIQ-1", "LIQ-3", "LIQ-4", "LIQ-7", "LIQ-5"),),
        "debt",
        "Debt that nothing covers: a unit of base currency is a hundred-millionth of a dollar, and each debt is "
        "rounded by less than one.",
    ),
    Defect(
        "threshold-truncated",
        "The health factor is the collateral times an average threshold cut off to a basis point: supplying or a "
        "rising price can lower it, and a position that is healthy in sum can be liquidated.",
        _until("3.4"),
        "3.5",
        (Sign("HF-4"),),
        ("HF-7", "HF-9", "HF-10", "HF-11", "LIQ-1", "ORA-4", "HF-6", "HF-2", "HF-3", "LIQ-3"),
        "",
        "The health factor is cut down, never up. It is the borrower who is liquidated early.",
    ),
    Defect(
        "repaid-unchecked",
        "Repaying with aTokens asks nothing of the position that is left: whoever can be liquidated may use collateral "
        "up at par, past every check, and worsen the health factor.",
        _until("3.4"),
        "3.5",
        (Sign("HF-3", ("pool.repayWithATokens",)),),
        ("HF-2",),
        "",
        "Debt and collateral fall by the same amount, and the bonus that a liquidator would have taken stays: what is "
        "uncovered is no more than before.",
    ),
    Defect(
        "events-by-amount",
        "Mint, Burn and BalanceTransfer tell amounts from which the shares cannot be had back.",
        _until("3.4"),
        "3.5",
        (Sign("TOK-8", (*SUPPLIES, *MOVES)),),
        (),
        "",
        "Who keeps books from the events is off by a wei; the pool's own books are not.",
    ),
    Defect(
        "premium-through-the-index",
        "Part of a flash loan's premium is paid to lenders by raising the liquidity index at once, so that it can be "
        "raised without limit where next to nothing is supplied.",
        ("3.2", "3.3"),
        "3.4",
        (Sign("IDX-5", LOANS), Sign("IDX-10", LOANS)),
        ("IDX-2", "DEF-11", "DEF-8", "DEF-9", "HF-5", "RAT-9", "INF-1", "RND-6"),
        "index",
        "Nothing by itself, lenders are paid. But it is the door of the attacks on empty markets: a large index makes "
        "every share, and every rounding, large. In the recordings below one premium adds 0.45 ray to an index in one "
        "call (IDX-10, v3.3).",
    ),
    Defect(
        "borrow-bit-by-amount",
        "The borrow bit is cleared by comparing amounts: where rounding takes the last share of a debt, the bit stays.",
        ("3.2", "3.3"),
        "3.4",
        (Sign("FLG-1", (*REPAYMENTS, "pool.liquidationCall", "pool.borrow")),),
        (),
        "",
        "The bit says that something is owed where nothing is. The other way round, a debt without a bit, was not met.",
    ),
    Defect(
        "self-liquidation",
        "Borrowers may liquidate themselves.",
        ("3.2", "3.3"),
        "3.4",
        (Sign("ACT-9", LIQUIDATION),),
        ("LIQ-7", "LIQ-8"),
        "",
        "The terms are those of any liquidation; the bonus goes to the borrower instead of a stranger. Where bad debt "
        "is written off it is worse: see the next entry.",
    ),
    Defect(
        "forgiven-with-collateral",
        "Who liquidates oneself for aTokens gets the collateral back, and what it did not pay for is written off.",
        ("3.3",),
        "3.4",
        (Sign("LIQ-15", LIQUIDATION),),
        (),
        "kept",
        "The deficit is the one that a stranger's liquidation would have left, but its debtor keeps collateral that "
        "could have paid it.",
    ),
    Defect(
        "bad-debt-stays",
        "A liquidation that takes all collateral leaves the debt that it did not pay standing: no deficit is booked.",
        ("3.2",),
        "3.3",
        (Sign("LIQ-14", LIQUIDATION),),
        (),
        "debt",
        "The debt is as bad with a deficit as without; but it goes on earning interest that nobody will pay, and keeps "
        "rates and lenders' claims growing.",
    ),
    Defect(
        "dust-left",
        "The close factor halves the debt in one reserve however small it is, and nothing is said of leftovers: "
        "positions too small to be worth a liquidation stay.",
        ("3.2",),
        "3.3",
        (Sign("LIQ-4", LIQUIDATION),),
        ("LIQ-3",),
        "",
        "Nothing at once: what is left is still covered. It turns into bad debt when prices go on and nobody comes for "
        "so little.",
    ),
)


@dataclass(frozen=True)
class OtherRule:
    """Laws that an old release breaks because it had another rule, not a defect."""

    laws: tuple[str, ...]
    lives: tuple[str, ...]
    reason: str


OTHER_RULES = (
    OtherRule(
        ("EMD-10",),
        _until("3.5"),
        "Unfreezing gave back the LTV that freezing had put aside: meant so, and documented.",
    ),
    OtherRule(
        ("SOL-10", "HF-7", "HF-9", "EMD-7", "FLG-9", "FLG-11"),
        _until("3.5"),
        "An asset whose LTV or threshold outside e-mode is zero was no collateral in any category: it lent nothing, "
        "its first supply was no collateral, and it was not liquidated.",
    ),
)


def defect_called(identifier: str) -> Defect:
    """Raises ValueError, naming the defects there are, for an unknown id."""
    for defect in DEFECTS:
        if defect.id == identifier:
            return defect
    raise ValueError(f"no defect is called {identifier!r}; there are {', '.join(d.id for d in DEFECTS)}")


def explained(law: str, revision: str) -> bool:
    """Is it known why a law of the newest release breaks on an old one?"""
    by_defect = any(
        revision in defect.lives and (law in defect.also or any(sign.law == law for sign in defect.signs))
        for defect in DEFECTS
    )
    return by_defect or any(law in rule.laws and revision in rule.lives for rule in OTHER_RULES)
