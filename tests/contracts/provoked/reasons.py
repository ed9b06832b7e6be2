"""Reasons why outcomes were never seen: rules, the first of which that covers a row speaks for it.

The rows are read off the source, which may allow more than any state of the contracts does, planted ones included: the
rules say why. A row that no rule covers is open: it could be arranged and has not been, and a test keeps count.
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
        """Tell whether the rule speaks of a row."""
        kind, signature, outcome = hit
        function = f"{kind}.{signature.partition('(')[0]}"
        return bool(re.fullmatch(self.function, function) and re.fullmatch(self.outcome, outcome))


REASONS = (
    Rule(
        r"(ATokenInstance|PoolInstance)\..*",
        r"Panic\(0x12\)",
        "no unit is zero to divide by: no power of ten up to the 255th is a multiple of 2**256",
    ),
    Rule(
        r"PoolInstance\.(supply|supplyWithPermit|deposit|withdraw|borrow|flashLoan)",
        r"InvalidMintAmount|InvalidBurnAmount",
        "an amount of no shares is refused before, with InvalidAmount",
    ),
    Rule(
        r"(PoolInstance|ATokenInstance)\.mintToTreasury",
        r"InvalidMintAmount",
        "where the treasury is owed no shares, nothing is minted",
    ),
    Rule(
        r"PoolInstance\.eliminateReserveDeficit",
        r"InvalidBurnAmount",
        "at least one wei is covered, and what is burned for it is rounded up to at least one share",
    ),
    Rule(
        r"PoolInstance\.(eliminateReserveDeficit|repayWithATokens)",
        r"error of the token|Error\('GPv2: .*|NoExplicitAmountToRepayOnBehalf",
        "it burns aTokens of the caller's own: no underlying moves, nobody else's debt is paid",
    ),
    Rule(
        r"PoolInstance\.(supply|repay)WithPermit",
        r"ECDSA.*|InvalidSignature|InvalidExpiration|ZeroAddressNotValid",
        "a permit that fails is passed over in silence",
    ),
    Rule(
        r"PoolInstance\.(supply|repay)WithPermit",
        r"Error\('GPv2: (not a contract|malformed transfer result)'\)",
        "where the token has no code the permit fails before, without data",
    ),
    Rule(
        r"PoolInstance\.syncRatesState",
        r"SafeCastOverflowedUintDowncast",
        "nothing is added or taken, and parameters of 32 bits make no rate of 128",
    ),
    Rule(
        r"PoolAddressesProvider\..*",
        r"event Initialized",
        "pool and configurator say nothing when they are initialised",
    ),
    Rule(
        r"PoolConfiguratorInstance\.(configureReserveAsCollateral|setReserveFreeze)",
        r"InvalidLtv|InvalidLiquidationThreshold",
        "what is written is zero or was just checked against 100%, and the field is wider",
    ),
    Rule(
        r"PoolConfiguratorInstance\.initReserves",
        r"AssetNotListed|NotContract|ZeroAddressNotValid",
        "the asset is asked for its decimals first, which takes code, and is in the list when it is configured",
    ),
    Rule(
        r"PoolConfiguratorInstance\.setPoolPause",
        r"ZeroAddressNotValid",
        "gaps in the list of reserves are left out",
    ),
    Rule(
        r"PoolConfiguratorInstance\.setDebtCeiling",
        r"DebtCeilingNotZero",
        "the debt is reset only where the ceiling was just set to zero",
    ),
    Rule(
        r"PoolConfiguratorInstance\.setReserveFreeze",
        r"EModeCategoryReserved",
        "category 0 is not looked at",
    ),
    Rule(
        r"TestnetERC20\.permit",
        r"Error\('ERC20: approve from the zero address'\)|ERC20InvalidApprover",
        "the zero address as owner is refused before, with INVALID_OWNER",
    ),
    Rule(
        r"TestnetERC20\.transferFrom",
        r"Error\('ERC20: approve from the zero address'\)|ERC20InvalidSender",
        "the owner is refused before: where the transfer comes first by it, else by an allowance nobody can give",
    ),
)


def reason(hit: Hit) -> str:
    """Give the reason why an outcome was never seen."""
    return next((rule.why for rule in REASONS if rule.covers(hit)), OPEN + "no situation has led here so far")
