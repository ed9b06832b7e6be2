"""Why an outcome was never seen: rules, the first of which that covers a row gives its reason.

Most rules say why it cannot be. The last ones say plainly what could be arranged and has not been so far; such rows are
open, and a test keeps their number from growing.
"""

import re
from typing import NamedTuple

Hit = tuple[str, str, str]
OPEN = "open: "
"""How the reason of a row begins that could be provoked."""


class Rule(NamedTuple):
    """Regular expressions for contract and function and for the outcome, and the reason."""

    function: str
    outcome: str
    why: str

    def covers(self, hit: Hit) -> bool:
        """Does it speak of this row?"""
        kind, signature, outcome = hit
        function = f"{kind}.{signature.partition('(')[0]}"
        return bool(re.fullmatch(self.function, function) and re.fullmatch(self.outcome, outcome))


REASONS = (
    Rule(
        r"(ATokenInstance\.(burn|mint|mintToTreasury|transferOnLiquidation|transferUnderlyingTo)"
        r"|VariableDebtTokenInstance\.(burn|mint))",
        r".*",
        "only the pool gets past the first line, and what comes of it is counted with the pool's functions",
    ),
    Rule(
        r"PoolInstance\.finalizeTransfer",
        r".*",
        "only aTokens get past the first line, and what comes of it is counted with their transfers",
    ),
    Rule(
        r"(ATokenInstance|VariableDebtTokenInstance|PoolInstance)\.initialize",
        r".*",
        "runs only when a proxy is made or upgraded: the events belong to that call, and the error is lost in it",
    ),
    Rule(
        r"PoolAddressesProvider\..*",
        r"event Initialized",
        "pool and configurator say nothing when they are initialised",
    ),
    Rule(
        r"PoolAddressesProvider\..*",
        r"event Upgraded",
        "an upgrade initialises again, for which the code must have a higher revision, and a release has one only",
    ),
    Rule(
        r"PoolInstance\.(supply|repay)WithPermit",
        r"ECDSA.*|InvalidSignature|InvalidExpiration|ZeroAddressNotValid",
        "a permit that fails is passed over in silence",
    ),
    Rule(
        r"PoolInstance\.(?!rescueTokens).*",
        r"Error\('GPv2: failed.*",
        "a listed test token returns true or reverts",
    ),
    Rule(
        r"PoolInstance\.(?!rescueTokens).*",
        r"Error\('GPv2: not a contract'\)",
        "a listed token has code, and one that is not listed fails before anything moves",
    ),
    Rule(
        r"PoolConfiguratorInstance\.setAsset.*InEMode",
        r"Panic\(0x32\)",
        "the ids of reserves stay below 128, the width of the bitmap",
    ),
    Rule(
        r"PoolConfiguratorInstance\..*",
        r"InvalidLtv|InvalidLiquidationThreshold",
        "checked against 100% before it is packed, or once was when it was set; the field is wider",
    ),
    Rule(
        r"PoolInstance\.repayWithATokens",
        r"error of the token|event Approval|NoExplicitAmountToRepayOnBehalf",
        "it burns aTokens of the caller's own: no underlying moves, nobody else's debt is paid",
    ),
    Rule(
        r"(TestnetERC20|PoolInstance)\..*",
        r"Error\('ERC20: (approve|transfer) from the zero address'\)|ERC20Invalid(Approver|Sender)",
        "nobody holds the key of the zero address, so it neither sends nor allows",
    ),
    Rule(
        r"(ATokenInstance|PoolInstance|VariableDebtTokenInstance|PoolConfiguratorInstance)\..*",
        r"Panic\(0x12\)",
        OPEN + "needs a price of zero from the fallback oracle, or a unit of zero, at the right moment",
    ),
    Rule(
        r".*",
        r"Panic\(0x11\)|SafeCastOverflowedUintDowncast",
        OPEN + "needs balances, indexes or times at the edge of their integers when this function is called",
    ),
    Rule(
        r"TestnetERC20\..*|.*",
        r"Ownable.*|ERC20.*",
        OPEN + "an error of v3.7's test token; the bundled recordings do not reach it and lockstep runs v3.6",
    ),
    Rule(
        r"PoolConfiguratorInstance\.(setEModeCategory|setEModeCategoryIsolated|setReserveLtvzero)"
        r"|PoolInstance\.(configureEModeCategory|configureEModeCategoryIsolated|getIsEModeCategoryIsolated)",
        r".*",
        OPEN + "v3.7 only, or nearly: the bundled recordings do not reach it and lockstep runs v3.6",
    ),
    Rule(r".*", r".*", OPEN + "no history, attack or arranged situation has led here so far"),
)


def reason(hit: Hit) -> str:
    """Why this was never seen."""
    return next(rule.why for rule in REASONS if rule.covers(hit))
