"""Reverts: the answers that a contract can give instead of a result.

A `Revert` means "the contract said no" and knows the exact bytes it said. Any other exception is a bug in the twin or a
misuse of it, never an answer.
"""

from __future__ import annotations

from collections import namedtuple
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak

PANIC_SELECTOR, ERROR_STRING_SELECTOR = bytes.fromhex("4e487b71"), bytes.fromhex("08c379a0")
PANIC_OVERFLOW, PANIC_DIVISION_BY_ZERO, PANIC_ENUM, PANIC_INDEX, PANIC_ALLOCATION = 0x11, 0x12, 0x21, 0x32, 0x41
PANIC_MEANINGS = {
    PANIC_OVERFLOW: "arithmetic overflow or underflow",
    PANIC_DIVISION_BY_ZERO: "division by zero",
    PANIC_ENUM: "value outside its enum",
    PANIC_INDEX: "array index out of bounds",
    PANIC_ALLOCATION: "too much memory",
}


class ErrorStyle(Enum):
    """How a revision spells its errors: custom errors from v3.4 on, decimal string codes before."""

    CUSTOM = "custom errors"
    CODES = "string codes"


@cache
def selector_of(signature: str) -> bytes:
    """The first four bytes of the hash of a function or error signature."""
    return bytes(keccak(signature.encode())[:4])


def encode_error_string(message: str) -> bytes:
    """Revert data of `require(false, message)`."""
    return ERROR_STRING_SELECTOR + encode(["string"], [message])


@cache
def arguments_of(name: str, fields: tuple[str, ...]) -> Any:
    """The named tuple of an error's arguments; a field without a name is called by its place."""
    return namedtuple(name, fields, rename=True)


class Revert(Exception):  # noqa: N818 - the EVM's own word
    """The contract said no. `data()` is what it said.

    The outermost frame sets `call`, what the contract was asked, and `style`, how its release spells errors.
    """

    call: str = ""
    style: ErrorStyle = ErrorStyle.CUSTOM

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:
        """The revert data, byte for byte, in the error style of a revision."""
        raise NotImplementedError(type(self).__name__)  # abstract: each kind of revert below answers

    @property
    def name(self) -> str:
        """The error's name in Solidity: "InvalidAmount", "Error", "Panic"; empty where the data name none."""
        return ""

    @property
    def arguments(self) -> Any:
        """The error's values as a named tuple: `arguments.needed`, `arguments[2]`, `arguments._asdict()`."""
        return ()

    def describe(self) -> str:
        """The error's name and arguments as a person would write them."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.describe()} in {self.call}" if self.call else self.describe()


class EmptyRevert(Revert):
    """A revert without data: an assembly guard, a call to an address without code, calldata that does not decode."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:  # noqa: ARG002 - nothing to spell
        return b""

    def describe(self) -> str:
        return f"empty revert ({self.reason})" if self.reason else "empty revert"


class Panic(Revert):
    """A check that the compiler put in: overflow, division by zero, enum and array bounds.

    `reason` are the rule's words for what went wrong, where it has some; the data are the code.
    """

    name = "Panic"

    def __init__(self, code: int = PANIC_OVERFLOW, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:  # noqa: ARG002 - the same in every revision
        return PANIC_SELECTOR + self.code.to_bytes(32, "big")

    @property
    def arguments(self) -> Any:
        return arguments_of("Panic", ("code",))(self.code)

    def describe(self) -> str:
        return f"Panic({self.code:#x}: {self.reason or PANIC_MEANINGS.get(self.code, 'unknown')})"


class ErrorString(Revert):
    """`require(condition, message)` with a string message.

    Releases until v3.3 say the number of an error as the message: `name` is then the name that goes with it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:  # noqa: ARG002 - the same in every revision
        return encode_error_string(self.message)

    @property
    def name(self) -> str:
        return CustomError.codes[self.message].__name__ if self.message in CustomError.codes else "Error"

    @property
    def arguments(self) -> Any:
        return arguments_of("Error", ("message",))(self.message)

    def describe(self) -> str:
        meaning = f": {self.name}" if self.message in CustomError.codes else ""
        return f"Error({self.message!r}{meaning})"


class RawRevert(Revert):
    """Revert data passed on as it came, for instance out of a foreign contract.

    `name` and `arguments` are those of the error that the data spell; what spells none has its data for arguments.
    """

    def __init__(self, payload: bytes) -> None:
        super().__init__(payload)
        self.payload = payload

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:  # noqa: ARG002 - already spelled
        return self.payload

    @property
    def name(self) -> str:
        return "" if isinstance(read := _spelled(self.payload), RawRevert) else read.name

    @property
    def arguments(self) -> Any:
        return _spelled(self.payload).arguments if self.name else arguments_of("Data", ("data",))(self.payload)

    def describe(self) -> str:
        return f"revert data 0x{self.payload.hex()}" + (f": {_spelled(self.payload).describe()}" if self.name else "")


class NotModelledError(Exception):
    """Asked for something that the contracts can do and the twin does not; no answer of theirs, and nothing changes."""

    def __str__(self) -> str:
        return f"the twin does not model {super().__str__()}"


class CustomError(Revert):
    """A Solidity custom error. `parameters` are its ABI types, `code` its number in revisions with string codes.

    A class declares types with names, as `parameters = ("address spender", "uint256 needed")`; `fields` are the names.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    fields: ClassVar[tuple[str, ...]] = ()
    code: ClassVar[str | None] = None
    names: ClassVar[dict[bytes, type[CustomError]]] = {}
    codes: ClassVar[dict[str, type[CustomError]]] = {}

    def __init_subclass__(cls) -> None:
        if "parameters" in cls.__dict__:
            cls.fields = tuple(parameter.partition(" ")[2] for parameter in cls.parameters)
            cls.parameters = tuple(parameter.partition(" ")[0] for parameter in cls.parameters)
        CustomError.names[cls.selector()] = cls
        if cls.code is not None:
            CustomError.codes[cls.code] = cls

    @classmethod
    def selector(cls) -> bytes:
        """The four bytes that name the error."""
        return selector_of(f"{cls.__name__}({','.join(cls.parameters)})")

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:
        if style is ErrorStyle.CODES and self.code is not None:
            return encode_error_string(self.code)
        return self.selector() + encode(self.parameters, self.args)

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def arguments(self) -> Any:
        return arguments_of(self.name, self.fields)(*self.args)

    def describe(self) -> str:
        shown = ", ".join("0x" + value.hex() if isinstance(value, bytes) else str(value) for value in self.args)
        return f"{self.name}({shown})"

    def __str__(self) -> str:
        if self.style is ErrorStyle.CUSTOM or self.code is None:
            return super().__str__()
        return f"{self.describe()}, code {self.code}, in {self.call}"


def revert_of(data: bytes, style: ErrorStyle = ErrorStyle.CUSTOM) -> Revert:
    """The error that revert data spell, or a RawRevert where they spell none that is known, or not to the byte.

    `revert.data(style)` are the data again. In the style of codes a number is read as its error; a failed SafeCast,
    whose string does not say the value, stays the string.
    """
    read = _spelled(data)
    if style is ErrorStyle.CODES and isinstance(read, ErrorString) and read.message in CustomError.codes:
        read = CustomError.codes[read.message]()
    return read if read.data(style) == data else RawRevert(data)


def _spelled(data: bytes) -> Revert:
    """What the data mean to whoever decodes them, however they are laid out."""
    if not data:
        return EmptyRevert()
    try:
        if data[:4] == PANIC_SELECTOR:
            return Panic(*decode(["uint256"], data[4:]))
        if data[:4] == ERROR_STRING_SELECTOR:
            return ErrorString(*decode(["string"], data[4:]))
        if (error := CustomError.names.get(data[:4])) is not None:
            return error(*decode(error.parameters, data[4:]))
    except (DecodingError, OverflowError, UnicodeDecodeError):  # lengths beyond any memory, and text that is none
        pass
    return RawRevert(data)


def _aave(name: str, code: str | None = None, *parameters: str) -> type[CustomError]:
    return type(name, (CustomError,), {"code": code, "parameters": parameters, "__module__": __name__})


# Solidity: `Errors`, in its order; the second argument is the code of revisions before v3.4.
CallerNotPoolAdmin = _aave("CallerNotPoolAdmin", "1")
CallerNotPoolOrEmergencyAdmin = _aave("CallerNotPoolOrEmergencyAdmin", "3")
CallerNotRiskOrPoolAdmin = _aave("CallerNotRiskOrPoolAdmin", "4")
CallerNotAssetListingOrPoolAdmin = _aave("CallerNotAssetListingOrPoolAdmin", "5")
AddressesProviderNotRegistered = _aave("AddressesProviderNotRegistered", "7")
InvalidAddressesProviderId = _aave("InvalidAddressesProviderId", "8")
NotContract = _aave("NotContract", "9")
CallerNotPoolConfigurator = _aave("CallerNotPoolConfigurator", "10")
CallerNotAToken = _aave("CallerNotAToken", "11")
InvalidAddressesProvider = _aave("InvalidAddressesProvider", "12")
InvalidFlashloanExecutorReturn = _aave("InvalidFlashloanExecutorReturn", "13")
ReserveAlreadyAdded = _aave("ReserveAlreadyAdded", "14")
NoMoreReservesAllowed = _aave("NoMoreReservesAllowed", "15")
EModeCategoryReserved = _aave("EModeCategoryReserved", "16")
ReserveLiquidityNotZero = _aave("ReserveLiquidityNotZero", "18")
FlashloanPremiumInvalid = _aave("FlashloanPremiumInvalid", "19")
InvalidReserveParams = _aave("InvalidReserveParams", "20")
InvalidEmodeCategoryParams = _aave("InvalidEmodeCategoryParams", "21")
CallerMustBePool = _aave("CallerMustBePool", "23")
InvalidMintAmount = _aave("InvalidMintAmount", "24")
InvalidBurnAmount = _aave("InvalidBurnAmount", "25")
InvalidAmount = _aave("InvalidAmount", "26")
ReserveInactive = _aave("ReserveInactive", "27")
ReserveFrozen = _aave("ReserveFrozen", "28")
ReservePaused = _aave("ReservePaused", "29")
BorrowingNotEnabled = _aave("BorrowingNotEnabled", "30")
NotEnoughAvailableUserBalance = _aave("NotEnoughAvailableUserBalance", "32")
CollateralBalanceIsZero = _aave("CollateralBalanceIsZero", "34")
InvalidInterestRateModeSelected = _aave("InvalidInterestRateModeSelected", "33")
HealthFactorLowerThanLiquidationThreshold = _aave("HealthFactorLowerThanLiquidationThreshold", "35")
CollateralCannotCoverNewBorrow = _aave("CollateralCannotCoverNewBorrow", "36")
NoDebtOfSelectedType = _aave("NoDebtOfSelectedType", "39")
NoExplicitAmountToRepayOnBehalf = _aave("NoExplicitAmountToRepayOnBehalf", "40")
UnderlyingBalanceZero = _aave("UnderlyingBalanceZero", "43")
HealthFactorNotBelowThreshold = _aave("HealthFactorNotBelowThreshold", "45")
CollateralCannotBeLiquidated = _aave("CollateralCannotBeLiquidated", "46")
SpecifiedCurrencyNotBorrowedByUser = _aave("SpecifiedCurrencyNotBorrowedByUser", "47")
InconsistentFlashloanParams = _aave("InconsistentFlashloanParams", "49")
BorrowCapExceeded = _aave("BorrowCapExceeded", "50")
SupplyCapExceeded = _aave("SupplyCapExceeded", "51")
LtvValidationFailed = _aave("LtvValidationFailed", "57")
InconsistentEModeCategory = _aave("InconsistentEModeCategory", "58")
ReserveAlreadyInitialized = _aave("ReserveAlreadyInitialized", "61")
UserHasAssetWithZeroLtv = _aave("UserHasAssetWithZeroLtv")
InvalidLtv = _aave("InvalidLtv", "63")
InvalidLiquidationThreshold = _aave("InvalidLiquidationThreshold", "64")
InvalidLiquidationBonus = _aave("InvalidLiquidationBonus", "65")
InvalidDecimals = _aave("InvalidDecimals", "66")
InvalidReserveFactor = _aave("InvalidReserveFactor", "67")
InvalidBorrowCap = _aave("InvalidBorrowCap", "68")
InvalidSupplyCap = _aave("InvalidSupplyCap", "69")
InvalidLiquidationProtocolFee = _aave("InvalidLiquidationProtocolFee", "70")
InvalidReserveIndex = _aave("InvalidReserveIndex", "74")
AclAdminCannotBeZero = _aave("AclAdminCannotBeZero", "75")
InconsistentParamsLength = _aave("InconsistentParamsLength", "76")
ZeroAddressNotValid = _aave("ZeroAddressNotValid", "77")
InvalidExpiration = _aave("InvalidExpiration", "78")
InvalidSignature = _aave("InvalidSignature", "79")
OperationNotSupported = _aave("OperationNotSupported", "80")
AssetNotListed = _aave("AssetNotListed", "82")
InvalidOptimalUsageRatio = _aave("InvalidOptimalUsageRatio", "83")
UnderlyingCannotBeRescued = _aave("UnderlyingCannotBeRescued", "85")
AddressesProviderAlreadyAdded = _aave("AddressesProviderAlreadyAdded", "86")
PoolAddressesDoNotMatch = _aave("PoolAddressesDoNotMatch", "87")
ReserveDebtNotZero = _aave("ReserveDebtNotZero", "90")
FlashloanDisabled = _aave("FlashloanDisabled", "91")
InvalidMaxRate = _aave("InvalidMaxRate", "92")
WithdrawToAToken = _aave("WithdrawToAToken", "93")
SupplyToAToken = _aave("SupplyToAToken", "94")
Slope2MustBeGteSlope1 = _aave("Slope2MustBeGteSlope1", "95")
CallerNotRiskOrPoolOrEmergencyAdmin = _aave("CallerNotRiskOrPoolOrEmergencyAdmin", "96")
LiquidationGraceSentinelCheckFailed = _aave("LiquidationGraceSentinelCheckFailed", "97")
InvalidGracePeriod = _aave("InvalidGracePeriod", "98")
InvalidFreezeState = _aave("InvalidFreezeState", "99")
InvalidLtvzeroState = _aave("InvalidLtvzeroState")
NotBorrowableInEMode = _aave("NotBorrowableInEMode", "100")
CallerNotUmbrella = _aave("CallerNotUmbrella", "101")
ReserveNotInDeficit = _aave("ReserveNotInDeficit", "102")
MustNotLeaveDust = _aave("MustNotLeaveDust", "103")
UserCannotHaveDebt = _aave("UserCannotHaveDebt", "104")
SelfLiquidation = _aave("SelfLiquidation")
CallerNotPositionManager = _aave("CallerNotPositionManager")
InvalidCollateralInEmode = _aave("InvalidCollateralInEmode", None, "address reserve", "uint256 category_id")
InvalidDebtInEmode = _aave("InvalidDebtInEmode", None, "address reserve", "uint256 category_id")
MustBeEmodeCollateral = _aave("MustBeEmodeCollateral", None, "address reserve", "uint256 category_id")
DebtCeilingExceeded = _aave("DebtCeilingExceeded", "53")
UnderlyingClaimableRightsNotZero = _aave("UnderlyingClaimableRightsNotZero", "54")
VariableDebtSupplyNotZero = _aave("VariableDebtSupplyNotZero", "56")
PriceOracleSentinelCheckFailed = _aave("PriceOracleSentinelCheckFailed", "59")
AssetNotBorrowableInIsolation = _aave("AssetNotBorrowableInIsolation", "60")
UserInIsolationModeOrLtvZero = _aave("UserInIsolationModeOrLtvZero", "62")
InvalidDebtCeiling = _aave("InvalidDebtCeiling", "73")
DebtCeilingNotZero = _aave("DebtCeilingNotZero", "81")
SiloedBorrowingViolation = _aave("SiloedBorrowingViolation", "89")

# Errors that ended with v3.3.
CallerNotBridge = _aave("CallerNotBridge", "6")
BridgeProtocolFeeInvalid = _aave("BridgeProtocolFeeInvalid", "22")
UnbackedMintCapExceeded = _aave("UnbackedMintCapExceeded", "52")
InvalidUnbackedMintCap = _aave("InvalidUnbackedMintCap", "72")

# Errors that ended with v3.1 or, the first, v3.0.2.
CallerNotEmergencyAdmin = _aave("CallerNotEmergencyAdmin", "2")
InvalidEmodeCategoryAssignment = _aave("InvalidEmodeCategoryAssignment", "17")
StableBorrowingNotEnabled = _aave("StableBorrowingNotEnabled", "31")
CollateralSameAsBorrowingCurrency = _aave("CollateralSameAsBorrowingCurrency", "37")
AmountBiggerThanMaxLoanSizeStable = _aave("AmountBiggerThanMaxLoanSizeStable", "38")
NoOutstandingStableDebt = _aave("NoOutstandingStableDebt", "41")
NoOutstandingVariableDebt = _aave("NoOutstandingVariableDebt", "42")
InterestRateRebalanceConditionsNotMet = _aave("InterestRateRebalanceConditionsNotMet", "44")
StableDebtNotZero = _aave("StableDebtNotZero", "55")
StableBorrowingEnabled = _aave("StableBorrowingEnabled", "88")
InvalidOptimalStableToTotalDebtRatio = _aave("InvalidOptimalStableToTotalDebtRatio", "84")

# Errors of the tokens and of the OpenZeppelin 5.1 pieces the contracts are built from.
_ALLOWANCE = ("address spender", "uint256 allowance", "uint256 needed")
ERC20InsufficientAllowance = _aave("ERC20InsufficientAllowance", None, *_ALLOWANCE)
InsufficientBorrowAllowance = _aave("InsufficientBorrowAllowance", None, *_ALLOWANCE)
_BALANCE = ("address sender", "uint256 balance", "uint256 needed")
ERC20InsufficientBalance = _aave("ERC20InsufficientBalance", None, *_BALANCE)
ERC20InvalidSender = _aave("ERC20InvalidSender", None, "address sender")
ERC20InvalidReceiver = _aave("ERC20InvalidReceiver", None, "address receiver")
ERC20InvalidApprover = _aave("ERC20InvalidApprover", None, "address approver")
ERC20InvalidSpender = _aave("ERC20InvalidSpender", None, "address spender")
OwnableUnauthorizedAccount = _aave("OwnableUnauthorizedAccount", None, "address account")
OwnableInvalidOwner = _aave("OwnableInvalidOwner", None, "address owner")
ECDSAInvalidSignature = _aave("ECDSAInvalidSignature")
ECDSAInvalidSignatureS = _aave("ECDSAInvalidSignatureS", None, "bytes32 s")
FailedCall = _aave("FailedCall")


class SafeCastOverflowedUintDowncast(CustomError):  # noqa: N818 - OpenZeppelin's name
    """A value does not fit its storage width. Solidity: OpenZeppelin `SafeCast`; a string in revisions before v3.4."""

    parameters = ("uint8 bits", "uint256 value")

    def data(self, style: ErrorStyle = ErrorStyle.CUSTOM) -> bytes:
        if style is ErrorStyle.CODES:
            return encode_error_string(f"SafeCast: value doesn't fit in {self.args[0]} bits")
        return super().data(style)
