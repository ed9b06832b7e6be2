"""ACT: states of a reserve, grace periods, roles, and what must revert."""

from __future__ import annotations

from pooltwin.protocol.contracts.acl_manager import (
    ASSET_LISTING_ADMIN_ROLE,
    EMERGENCY_ADMIN_ROLE,
    POOL_ADMIN_ROLE,
    RISK_ADMIN_ROLE,
)
from pooltwin.protocol.errors import ReserveFrozen, ReserveInactive, ReservePaused

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, implies, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import Step
from .calls import (
    BORROW,
    COLLATERAL,
    COVER,
    FLASH,
    LIQUIDATE,
    REPAY,
    REPAY_WITH_ATOKENS,
    SIMPLE,
    SUPPLY,
    TRANSFER,
    WITHDRAW,
    asset_of,
)
from .edges import settings

GRACE_LIMIT = 4 * 60 * 60


NEEDS: dict[str, tuple[bool, bool, bool]] = {
    **dict.fromkeys((*SUPPLY, *BORROW), (True, True, True)),
    **dict.fromkeys((*WITHDRAW, *REPAY, *REPAY_WITH_ATOKENS, *COLLATERAL, *LIQUIDATE), (True, True, False)),
    **dict.fromkeys(FLASH, (True, True, False)),
    **dict.fromkeys(COVER, (True, False, False)),
    **dict.fromkeys(TRANSFER, (False, True, False)),
}
"""Which calls need a reserve that is active, not paused, not frozen."""
REFUSED_FOR_A_STATE = (ReserveFrozen, ReservePaused, ReserveInactive)


def _reserves_of(step: Step) -> list[str]:
    if step.name == "pool.flashLoan":
        return list(step.arguments[1])
    if step.name == "pool.flashLoanSimple":
        return [step.arguments[1]]
    if step.name in LIQUIDATE:
        return list(step.arguments[:2])
    return [asset_of(step)]


@law(
    "ACT-6",
    "Each operation succeeds only on reserves in a state that allows it, and is refused for a state only where the "
    "reserve is in it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=tuple(NEEDS),
    source="C,E",
    since="3.4",
    reverted=True,
    edges=settings.ACT_6,
)
def states_are_respected(step: Step) -> Verdict:
    """Hold supply and borrow to active, unpaused and unfrozen; exits and liquidations need not be unfrozen."""
    views = [step.before.reserve(asset) for asset in _reserves_of(step) if asset in step.census.homes]
    if not views:
        return None
    active, unpaused, unfrozen = NEEDS[step.name]
    if step.ok:
        if step.name in COLLATERAL and not step.changes:
            return None
        fit = all(
            (view.active or not active) and not (view.paused and unpaused) and not (view.frozen and unfrozen)
            for view in views
        )
        return equal("succeeded on reserves that allow it", fit, True)
    revert = step.receipt.revert if step.receipt is not None else None
    if not isinstance(revert, REFUSED_FOR_A_STATE):
        return None
    return all_of(
        (
            implies("refused as frozen, is frozen", isinstance(revert, ReserveFrozen), any(v.frozen for v in views)),
            implies("refused as paused, is paused", isinstance(revert, ReservePaused), any(v.paused for v in views)),
            implies(
                "refused as inactive, is inactive",
                isinstance(revert, ReserveInactive),
                not all(view.active for view in views),
            ),
        )
    )


@law(
    "ACT-7",
    "A grace period ends within four hours of being given, and liquidations happen only strictly after it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("configurator.setReservePause", "configurator.setPoolPause", *LIQUIDATE),
    source="E",
    since="3.1",
    edges=settings.ACT_7,
)
def grace_is_short_and_kept(step: Step) -> Verdict:
    """Look at the grace periods of both assets of a liquidation, and at each one newly given."""
    if step.name in LIQUIDATE:
        until = max(step.before.reserve(asset).grace_until for asset in step.arguments[:2])
        return at_least("now, grace and a second", step.after.time, until + 1) if until else None
    changed = [r.after.grace_until for r in step.reserves.values() if r.after.grace_until != r.before.grace_until]
    return at_most("grace, four hours on", max(changed), step.after.time + GRACE_LIMIT) if changed else None


POOL_ADMIN = (POOL_ADMIN_ROLE,)


RISK = (RISK_ADMIN_ROLE, POOL_ADMIN_ROLE)


EMERGENCY = (EMERGENCY_ADMIN_ROLE, POOL_ADMIN_ROLE)


RISK_OR_EMERGENCY = (RISK_ADMIN_ROLE, POOL_ADMIN_ROLE, EMERGENCY_ADMIN_ROLE)


ROLES: dict[str, tuple[bytes, ...]] = {
    "initReserves": (ASSET_LISTING_ADMIN_ROLE, POOL_ADMIN_ROLE),
    **dict.fromkeys(
        ("updateAToken", "updateVariableDebtToken", "dropReserve", "setReserveActive", "updateFlashloanPremium"),
        POOL_ADMIN,
    ),
    **dict.fromkeys(("setReservePause", "setPoolPause", "disableLiquidationGracePeriod"), EMERGENCY),
    **dict.fromkeys(
        ("setReserveFreeze", "setReserveLtvzero", "setAssetLtvzeroInEMode", "setEModeCategoryIsolated"),
        RISK_OR_EMERGENCY,
    ),
    **dict.fromkeys(
        (
            "setReserveBorrowing",
            "setReserveFlashLoaning",
            "setReserveFactor",
            "setReserveInterestRateData",
            "setBorrowCap",
            "setSupplyCap",
            "setLiquidationProtocolFee",
            "setDebtCeiling",
            "setSiloedBorrowing",
            "setBorrowableInIsolation",
            "configureReserveAsCollateral",
            "setEModeCategory",
            "setAssetCollateralInEMode",
            "setAssetBorrowableInEMode",
        ),
        RISK,
    ),
}
"""Any of which roles a function of the configurator needs."""


CONFIGURATOR_CALLS = tuple(f"configurator.{name}" for name in ROLES)


POOL_SETTERS = tuple(
    f"pool.{name}"
    for name in (
        "initReserve",
        "dropReserve",
        "setConfiguration",
        "syncIndexesState",
        "syncRatesState",
        "setLiquidationGracePeriod",
        "updateFlashloanPremium",
        "configureEModeCategory",
        "configureEModeCategoryCollateralBitmap",
        "configureEModeCategoryBorrowableBitmap",
        "configureEModeCategoryLtvzeroBitmap",
        "configureEModeCategoryIsolated",
        "resetIsolationModeTotalDebt",
    )
)


@law(
    "ACT-8",
    "Every setter of the configurator succeeds only for a sender with one of its roles, and every setter of the pool "
    "only for the configurator.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*CONFIGURATOR_CALLS, *POOL_SETTERS, "pool.eliminateReserveDeficit", "pool.rescueTokens"),
    source="src",
    since="3.4",
    reverted=True,
    edges=settings.ACT_8,
)
def roles_are_required(step: Step) -> Verdict:
    """Look up the sender's roles; refusals exercise the law too."""
    contract, _, name = step.name.partition(".")
    census = step.census
    if contract == "configurator":
        members = census.market.acl_manager.members
        may = any(members[role, step.sender] for role in ROLES[name])
    elif name == "rescueTokens":
        may = census.market.acl_manager.members[POOL_ADMIN_ROLE, step.sender]
    elif name == "eliminateReserveDeficit":
        may = step.sender == census.market.umbrella
    else:
        may = step.sender == census.market.configurator.address
    return equal("succeeded without the role, no", step.ok and not may, False)


@law(
    "ACT-9",
    "Nobody liquidates themselves.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    since="3.4",
    reverted=True,
)
def no_self_liquidation(step: Step) -> Verdict:
    """Look for a liquidator who is the borrower; only attempts exercise the law."""
    return equal("succeeded, no", step.ok, False) if step.arguments[2] == step.sender else None


@law(
    "ACT-10",
    "An operation of amount zero reverts.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*SIMPLE, *COVER),
    source="C",
    reverted=True,
)
def zero_amounts_revert(step: Step) -> Verdict:
    """Look for an amount of zero; only attempts exercise the law."""
    return equal("succeeded, no", step.ok, False) if step.arguments[1] == 0 else None


@law(
    "ACT-11",
    "A reverted call leaves nothing behind: no place in storage is written, no event is kept.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    source="N",
    reverted=True,
)
def reverts_leave_nothing(step: Step) -> Verdict:
    """Count what the undo journal and the events hold; ACT-13 compares whole states."""
    if step.ok:
        return None
    return all_of((equal("places written, 0", len(step.changes), 0), equal("events, 0", len(step.events), 0)))


@law(
    "ACT-12",
    "Only an approved manager acts on a user's e-mode and collateral, and moves none of the user's tokens or debts.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.setUserUseReserveAsCollateralOnBehalfOf", "pool.setUserEModeOnBehalfOf"),
    source="A",
    since="3.4",
    reverted=True,
    edges=settings.ACT_12,
)
def managers_are_approved(step: Step) -> Verdict:
    """Look up the approval; refusals exercise the law too."""
    user = step.arguments[-1]
    approved = step.before.entry(step.census.pool.position_managers, (user, step.sender))
    return all_of(
        (
            equal("succeeded without approval, no", step.ok and not approved, False),
            equal("reserves changed, none", step.changed_reserves, []),
        )
    )


@law(
    "ACT-13",
    "A call that reverts leaves a state with the same digest.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="N",
)
def reverts_leave_the_digest(probe: Probe) -> Verdict:
    """Try calls that fail late: a borrow without collateral, a withdrawal of a wei too much, a loan to nobody."""
    asset = probe.rng.choice(probe.assets)
    chain, pool = probe.census.chain, probe.pool
    unit = probe.now.reserve(asset).unit
    before = chain.digest()
    with probe.undone():
        attempts = (
            probe.attempt(pool.borrow, asset, unit, 2, 0, STRANGER, sender=STRANGER),
            probe.attempt(pool.withdraw, asset, unit, STRANGER, sender=STRANGER),
            probe.attempt(pool.flash_loan_simple, STRANGER, asset, 1, b"", 0, sender=STRANGER),
            probe.attempt(pool.supply, asset, unit, STRANGER, 0, sender=STRANGER),
        )
        if any(attempt.ok for attempt in attempts):
            return None
        after = chain.digest()
    return equal("digest after, before", after, before)
