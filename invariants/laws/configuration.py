"""FLG, continued: what governance sets of a reserve is all that changes in its configuration word."""

from __future__ import annotations

from ..law import Kind, Subject, Verdict, all_of, calls_there_are, equal, law
from ..reading.step import Step

FIELDS = {
    "LTV": (0, 16),
    "threshold": (16, 16),
    "bonus": (32, 16),
    "decimals": (48, 8),
    "active": (56, 1),
    "frozen": (57, 1),
    "borrowing": (58, 1),
    "borrowing at a stable rate": (59, 1),
    "paused": (60, 1),
    "borrowable in isolation": (61, 1),
    "siloed": (62, 1),
    "flash loans": (63, 1),
    "reserve factor": (64, 16),
    "borrow cap": (80, 36),
    "supply cap": (116, 36),
    "liquidation protocol fee": (152, 16),
    "category": (168, 8),
    "unbacked mint cap": (176, 36),
    "debt ceiling": (212, 40),
    "virtual accounting": (252, 1),
    "bits that mean nothing": (253, 3),
}
"""All fields of a configuration word, over the releases: first bit and width."""

SETTERS = {
    "configurator.configureReserveAsCollateral": ("LTV", "threshold", "bonus"),
    "configurator.setReserveActive": ("active",),
    "configurator.setReserveFreeze": ("frozen", "LTV"),
    "configurator.setReserveLtvzero": ("LTV",),
    "configurator.setReserveBorrowing": ("borrowing",),
    "configurator.setReserveStableRateBorrowing": ("borrowing at a stable rate",),
    "configurator.setReservePause": ("paused",),
    "configurator.setPoolPause": ("paused",),
    "configurator.setBorrowableInIsolation": ("borrowable in isolation",),
    "configurator.setSiloedBorrowing": ("siloed",),
    "configurator.setReserveFlashLoaning": ("flash loans",),
    "configurator.setReserveFactor": ("reserve factor",),
    "configurator.setBorrowCap": ("borrow cap",),
    "configurator.setSupplyCap": ("supply cap",),
    "configurator.setLiquidationProtocolFee": ("liquidation protocol fee",),
    "configurator.setAssetEModeCategory": ("category",),
    "configurator.setUnbackedMintCap": ("unbacked mint cap",),
    "configurator.setDebtCeiling": ("debt ceiling",),
}
"""By setter, the fields that it may change. Freezing takes the LTV away where a release says so."""


WHOLE_POOL = "configurator.setPoolPause"
"""The setter that names no asset: it is about all of them."""


@law(
    "FLG-12",
    "A setter of the configurator changes in the configuration word of the reserve that it names what it is called "
    "after, and nothing else there or of other reserves.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=calls_there_are(*SETTERS),
    alone=True,
    source="N",
)
def setters_keep_to_their_fields(step: Step) -> Verdict:
    """Name the fields that changed in the words that were written."""
    if not step.ok:
        return None
    checks = []
    for asset, reserve in step.reserves.items():
        written = reserve.before.configuration ^ reserve.after.configuration
        if written:
            meant = step.name == WHOLE_POOL or asset == step.arguments[0]
            others = [name for name in _changed(written) if not meant or name not in SETTERS[step.name]]
            checks.append(equal(f"what else changed of {reserve.after.symbol}, nothing", others, []))
    return all_of(checks) if checks else None


def _changed(written: int) -> list[str]:
    return [name for name, (start, width) in FIELDS.items() if written >> start & (1 << width) - 1]
