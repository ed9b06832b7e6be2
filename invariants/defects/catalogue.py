"""Defects of old releases that a later one fixed: the real revisions are mutants too.

Each was found by a random campaign that holds the old release to the laws of the newest, and by nothing else; see
`hunt`. What a law says against an old release that had another rule, and no defect, is listed too, so that
everything a campaign finds is accounted for.
"""

from __future__ import annotations

from dataclasses import dataclass

from pooltwin.protocol import revisions

from ..ids import unknown

NEWEST = revisions.NEWEST.name
"""The release whose laws the old ones are held to."""
OLD = tuple(name for name, release in revisions.REVISIONS.items() if name != NEWEST and not release.stable_rates)
"""The releases that are held to them, oldest first; not the one with stable rates, as two releases came between it and
the next one here, and of no fix it is known in which it came."""

SUPPLIES = ("pool.supply", "pool.deposit")
REPAYMENTS = ("pool.repay", "pool.repayWithATokens")
LIQUIDATION = ("pool.liquidationCall",)
LOANS = ("pool.flashLoan", "pool.flashLoanSimple")
TRANSFERS = ("aToken.transfer", "aToken.transferFrom")
MOVES = ("pool.withdraw", *TRANSFERS)


@dataclass(frozen=True)
class Symptom:
    """A law that a defect breaks, and the calls in which it does."""

    law: str
    calls: tuple[str, ...] = ()
    """As "pool.withdraw"; empty for a law tried in probes."""

    def shows(self, law: str, call: str) -> bool:
        """Is this the law, broken in one of these calls?"""
        return law == self.law and (call in self.calls if self.calls else call == "probe")


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A defect: something old releases do wrong and a later one does right."""

    id: str
    statement: str
    """What goes wrong, in one sentence."""
    lives: tuple[str, ...]
    """Releases, of those from v3.2 on."""
    fixed: str
    symptoms: tuple[Symptom, ...]
    """What a campaign must find, each with a story of its own."""
    also: tuple[str, ...] = ()
    """Further laws that it breaks."""
    measure: str = ""
    """What is measured of its cost: a name of `cost.MEASURES`; empty where it costs lenders nothing."""
    cost: str = ""
    """What the measure means, or why lenders lose nothing."""


def _until(last: str) -> tuple[str, ...]:
    return OLD[: OLD.index(last) + 1]


def _laws(ids: str) -> tuple[str, ...]:
    return tuple(ids.split())


DEFECTS = (
    Defect(
        id="double-accrual",
        statement="A liquidation of one asset for itself reads the reserve before it is updated and credits the "
        "treasury twice for the interest since the last update.",
        lives=("3.5", "3.6"),
        fixed="3.7",
        symptoms=(Symptom("SOL-2", LIQUIDATION), Symptom("LIQ-12", LIQUIDATION)),
        also=("SOL-1", "SOL-11", "RAT-2", "RND-6", "DEF-8", "DEF-9"),
        measure="slack",
        cost="The treasury's second share is nobody's interest: it is taken out of what backs the lenders. The last to "
        "leave a reserve cannot leave in full (SOL-11). It grows with the silence before the liquidation.",
    ),
    Defect(
        id="last-share",
        statement="A liquidation clears the borrower's collateral bit by comparing amounts; where rounding up the "
        "shares takes the last one, the bit of nothing stays set.",
        lives=_until("3.6"),
        fixed="3.7",
        symptoms=(Symptom("LIQ-11", LIQUIDATION),),
        also=("FLG-2", "FLG-10"),
        cost="The bit counts nothing as collateral, which is worth nothing. What it hides is the next entry.",
    ),
    Defect(
        id="debt-of-the-empty",
        statement="Whether a borrower has collateral left is judged by amounts: where rounding takes the last share, "
        "the other debts are not written off, and with nothing left to seize nobody can liquidate them.",
        lives=("3.3", "3.4", "3.5", "3.6"),
        fixed="3.7",
        symptoms=(Symptom("LIQ-14", LIQUIDATION),),
        measure="debt",
        cost="Bad debt that no deficit shows: it goes on earning interest that nobody will pay, and lenders are "
        "promised that interest.",
    ),
    Defect(
        id="kept-by-a-gift",
        statement="aTokens that somebody sends to a borrower become collateral, and any collateral that is left keeps "
        "the rest of the debts from being written off: dust, sent before the liquidation, keeps bad debt alive.",
        lives=("3.3", "3.4", "3.5"),
        fixed="3.6",
        symptoms=(Symptom("DEF-13", LIQUIDATION),),
        measure="debt",
        cost="Bad debt that no deficit shows, and which earns interest that nobody will pay, until somebody takes the "
        "trouble to seize the dust. A supply of dust for the borrower does the same on every release.",
    ),
    Defect(
        id="seizure-to-nearest",
        statement="What a liquidation seizes, its bonus part and the treasury's fee are rounded to the nearest instead "
        "of in favour of borrower and pool.",
        lives=_until("3.6"),
        fixed="3.7",
        symptoms=(Symptom("LIQ-5", LIQUIDATION), Symptom("LIQ-7", LIQUIDATION)),
        also=("LIQ-3",),
        cost="Borrower, liquidator and treasury share a wei differently; what lenders are owed and what backs it move "
        "by the same amount.",
    ),
    Defect(
        id="flagged-by-receipt",
        statement="aTokens that arrive, by a transfer or from a liquidation, become the recipient's collateral without "
        "being asked for.",
        lives=_until("3.5"),
        fixed="3.6",
        symptoms=(Symptom("FLG-4", TRANSFERS), Symptom("FLG-4", LIQUIDATION)),
        also=("FLG-3", "FLG-5"),
        cost="More collateral backs the same debt. It is the recipient who is bothered.",
    ),
    Defect(
        id="flagged-for-nothing",
        statement="A liquidator who takes aTokens has the collateral bit set even where what is seized is no share at "
        "all.",
        lives=_until("3.5"),
        fixed="3.6",
        symptoms=(Symptom("FLG-2", LIQUIDATION),),
        also=("FLG-3", "FLG-4", "FLG-5", "FLG-10"),
        cost="The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        id="delegated-by-amount",
        statement="A borrow for a delegator spends an allowance that differs by a wei from what the delegator's debt "
        "grew by: until v3.4 it is the amount asked for, in v3.5 it is reckoned from the caller's debt.",
        lives=_until("3.5"),
        fixed="3.6",
        symptoms=(Symptom("TOK-4", ("pool.borrow",)),),
        cost="The allowance is between delegator and borrower; the debt itself is right.",
    ),
    Defect(
        id="infinite-allowance",
        statement="transferFrom spends an allowance that was meant to be infinite.",
        lives=_until("3.5"),
        fixed="3.6",
        symptoms=(Symptom("TOK-3", ("aToken.transferFrom",)),),
        cost="The allowance is between owner and spender.",
    ),
    Defect(
        id="category-without-ltv",
        statement="A borrower enters or leaves an e-mode category with collateral that lends nothing there.",
        lives=_until("3.5"),
        fixed="3.6",
        symptoms=(Symptom("EMD-3", ("pool.setUserEMode", "pool.setUserEModeOnBehalfOf")),),
        cost="The health factor is checked all the same: the debt stays covered.",
    ),
    Defect(
        id="shares-to-nearest",
        statement="Supplies, withdrawals, borrows, repayments and transfers round shares to the nearest, so that half "
        "of them cost the pool a part of a share.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(
            Symptom("RND-1", SUPPLIES),
            Symptom("RND-2", ("pool.withdraw",)),
            Symptom("RND-3", ("pool.borrow",)),
            Symptom("RND-4", REPAYMENTS),
            Symptom("RND-7", TRANSFERS),
            Symptom("RND-8"),
            Symptom("RND-9"),
            Symptom("SOL-2", (*SUPPLIES, "pool.withdraw", "pool.borrow", *REPAYMENTS)),
        ),
        also=_laws(
            "SOL-1 SOL-9 SOL-10 SOL-11 RND-6 RND-10 RND-11 RND-13 INF-1 INF-3 CAP-2 CAP-3 DEF-1 DEF-3 DEF-5 "
            "LIQ-3 LIQ-4 LIQ-8 LIQ-12 TOK-3 TOK-7 TOK-9 TOK-8 HF-9"
        ),
        measure="slack",
        cost="Per operation, part of what one share is worth. Where an index has grown large, as flash-loan premiums "
        "could make it in an emptied reserve until v3.3, a share is worth many wei: in the recordings below a round "
        "trip gains 50,028 wei (RND-8, v3.2). On purpose it is worth thousands of dollars: see the combinations.",
    ),
    Defect(
        id="premium-to-nearest",
        statement="The premium of a flash loan is rounded to the nearest: small loans are free.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("RND-5", LOANS),),
        also=("DEF-11", "RAT-9", "DEF-8"),
        cost="Half a wei of income at most is missed for each loan, and nothing is taken.",
    ),
    Defect(
        id="accrual-to-nearest",
        statement="The treasury's accrual rounds growth of debt and shares to the nearest, so that it may take a share "
        "too much.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("DEF-8", (*SUPPLIES, "pool.withdraw", "pool.borrow", *REPAYMENTS)),),
        also=("RND-6", "DEF-9", "SOL-1", "SOL-2", "DEF-11", "RAT-9", "LIQ-12", "SOL-11"),
        measure="slack",
        cost="One share of the treasury's for each update of a reserve, at the most.",
    ),
    Defect(
        id="bits-by-amount",
        statement="Withdrawals, transfers and covers clear the collateral bit by comparing amounts; where rounding "
        "takes the last share, the bit of nothing stays set.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("FLG-2", MOVES),),
        also=("FLG-10",),
        cost="The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        id="bit-after-cover",
        statement="A cover that burns the last of the umbrella's shares by rounding leaves its collateral bit set.",
        lives=("3.3", "3.4"),
        fixed="3.5",
        symptoms=(Symptom("FLG-2", ("pool.eliminateReserveDeficit",)),),
        also=("FLG-10",),
        cost="The bit counts nothing as collateral, which is worth nothing.",
    ),
    Defect(
        id="debts-rounded-down",
        statement="Debts are rounded down to units of base currency, and a borrow is judged before it is made, so that "
        "a position can end below the health it was granted for.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("HF-2", ("pool.borrow", "pool.withdraw", *TRANSFERS, "pool.setUserUseReserveAsCollateral")),),
        also=(
            *("HF-1", "HF-3", "HF-6", "HF-7", "HF-9", "HF-10", "SOL-10", "LIQ-1", "LIQ-3", "LIQ-4", "LIQ-7", "LIQ-5"),
        ),
        measure="debt",
        cost="Debt that nothing covers: a unit of base currency is a hundred-millionth of a dollar, and each debt is "
        "rounded by less than one.",
    ),
    Defect(
        id="threshold-truncated",
        statement="The health factor is the collateral times an average threshold cut off to a basis point: supplying "
        "or a rising price can lower it, and a position that is healthy in sum can be liquidated.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("HF-4"),),
        also=("HF-7", "HF-9", "HF-10", "LIQ-1", "ORA-4", "HF-6", "HF-2", "HF-3", "LIQ-3"),
        cost="The health factor is cut down, never up. It is the borrower who is liquidated early.",
    ),
    Defect(
        id="repaid-unchecked",
        statement="Repaying with aTokens asks nothing of the position that is left: whoever can be liquidated may use "
        "collateral up at par, past every check, and worsen the health factor.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("HF-3", ("pool.repayWithATokens",)),),
        also=("HF-2",),
        cost="Debt and collateral fall by the same amount, and the bonus that a liquidator would have taken stays: "
        "what is uncovered is no more than before.",
    ),
    Defect(
        id="events-by-amount",
        statement="Mint, Burn and BalanceTransfer tell amounts from which the shares cannot be had back.",
        lives=_until("3.4"),
        fixed="3.5",
        symptoms=(Symptom("TOK-8", (*SUPPLIES, *MOVES)),),
        cost="Who keeps books from the events is off by a wei; the pool's own books are not.",
    ),
    Defect(
        id="premium-through-the-index",
        statement="Part of a flash loan's premium is paid to lenders by raising the liquidity index at once, so that "
        "it can be raised without limit where next to nothing is supplied.",
        lives=("3.2", "3.3"),
        fixed="3.4",
        symptoms=(Symptom("IDX-5", LOANS), Symptom("IDX-10", LOANS), Symptom("DEF-11", LOANS)),
        also=("IDX-2", "DEF-8", "DEF-9", "HF-5", "RAT-9", "INF-1", "RND-6"),
        measure="index",
        cost="Nothing by itself, lenders are paid. But it is the door of the attacks on empty markets: a large index "
        "makes every share, and every rounding, large: see the combinations. In the recordings below one premium adds "
        "0.45 ray to an index in one call (IDX-10, v3.3).",
    ),
    Defect(
        id="borrow-bit-by-amount",
        statement="The borrow bit is cleared by comparing amounts: where rounding takes the last share of a debt, the "
        "bit stays.",
        lives=("3.2", "3.3"),
        fixed="3.4",
        symptoms=(Symptom("FLG-1", (*REPAYMENTS, "pool.liquidationCall", "pool.borrow")),),
        cost="The bit says that something is owed where nothing is. The other way round, a debt without a bit, was not "
        "met.",
    ),
    Defect(
        id="self-liquidation",
        statement="Borrowers may liquidate themselves.",
        lives=("3.2", "3.3"),
        fixed="3.4",
        symptoms=(Symptom("ACT-9", LIQUIDATION),),
        also=("LIQ-7", "LIQ-8"),
        cost="The terms are those of any liquidation; the bonus goes to the borrower instead of a stranger. Where bad "
        "debt is written off it is worse: see the next entry.",
    ),
    Defect(
        id="forgiven-with-collateral",
        statement="Who liquidates oneself for aTokens gets the collateral back, and what it did not pay for is written "
        "off.",
        lives=("3.3",),
        fixed="3.4",
        symptoms=(Symptom("LIQ-15", LIQUIDATION),),
        measure="kept",
        cost="The deficit is the one that a stranger's liquidation would have left, but its debtor keeps collateral "
        "that could have paid it.",
    ),
    Defect(
        id="bad-debt-stays",
        statement="A liquidation that takes all collateral leaves the debt that it did not pay standing: no deficit is "
        "booked.",
        lives=("3.2",),
        fixed="3.3",
        symptoms=(Symptom("LIQ-14", LIQUIDATION),),
        also=("DEF-13",),
        measure="debt",
        cost="The debt is as bad with a deficit as without; but it goes on earning interest that nobody will pay, and "
        "keeps rates and lenders' claims growing.",
    ),
    Defect(
        id="dust-left",
        statement="The close factor halves the debt in one reserve however small it is, and nothing is said of "
        "leftovers: positions too small to be worth a liquidation stay.",
        lives=("3.2",),
        fixed="3.3",
        symptoms=(Symptom("LIQ-4", LIQUIDATION),),
        also=("LIQ-3",),
        cost="Nothing at once: what is left is still covered. It turns into bad debt when prices go on and nobody "
        "comes for so little.",
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
        laws=("EMD-10",),
        lives=_until("3.5"),
        reason="Unfreezing gave back the LTV that freezing had put aside: meant so, and documented.",
    ),
    OtherRule(
        laws=("SOL-10", "HF-7", "HF-9", "EMD-7", "FLG-9", "FLG-11"),
        lives=_until("3.5"),
        reason="An asset whose LTV or threshold outside e-mode is zero was no collateral in any category: it lent "
        "nothing, its first supply was no collateral, and it was not liquidated.",
    ),
)


def defect_called(identifier: str) -> Defect:
    """Find a defect by its id. Raises ValueError, with what was probably meant, for an unknown one."""
    for defect in DEFECTS:
        if defect.id == identifier:
            return defect
    raise unknown(f"no defect is called {identifier!r}", identifier, [defect.id for defect in DEFECTS])


def explained(law: str, revision: str) -> bool:
    """Is it known why a law of the newest release breaks on an old one?"""
    by_defect = any(
        revision in defect.lives and (law in defect.also or any(symptom.law == law for symptom in defect.symptoms))
        for defect in DEFECTS
    )
    return by_defect or any(law in rule.laws and revision in rule.lives for rule in OTHER_RULES)
