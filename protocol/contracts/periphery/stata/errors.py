"""Errors of the vault of aTokens and of what OpenZeppelin 5.1 gives it."""

from __future__ import annotations

from ....errors import CustomError


def _error(name: str, *parameters: str) -> type[CustomError]:
    return type(name, (CustomError,), {"parameters": parameters, "__module__": __name__})


InvalidInitialization = _error("InvalidInitialization")
EnforcedPause = _error("EnforcedPause")
ExpectedPause = _error("ExpectedPause")
ERC2612ExpiredSignature = _error("ERC2612ExpiredSignature", "uint256 deadline")
ERC2612InvalidSigner = _error("ERC2612InvalidSigner", "address signer", "address owner")
SafeERC20FailedOperation = _error("SafeERC20FailedOperation", "address token")
EthTransferFailed = _error("EthTransferFailed")
OnlyRescueGuardian = _error("OnlyRescueGuardian")

ERC4626ExceededMaxDeposit = _error("ERC4626ExceededMaxDeposit", "address receiver", "uint256 assets", "uint256 max")
ERC4626ExceededMaxMint = _error("ERC4626ExceededMaxMint", "address receiver", "uint256 shares", "uint256 max")
ERC4626ExceededMaxWithdraw = _error("ERC4626ExceededMaxWithdraw", "address owner", "uint256 assets", "uint256 max")
ERC4626ExceededMaxRedeem = _error("ERC4626ExceededMaxRedeem", "address owner", "uint256 shares", "uint256 max")

PoolAddressMismatch = _error("PoolAddressMismatch", "address pool")
StaticATokenInvalidZeroShares = _error("StaticATokenInvalidZeroShares")
OnlyPauseGuardian = _error("OnlyPauseGuardian", "address caller")
ZeroIncentivesControllerIsForbidden = _error("ZeroIncentivesControllerIsForbidden")
InvalidClaimer = _error("InvalidClaimer", "address claimer")
RewardNotInitialized = _error("RewardNotInitialized", "address reward")
NotListedUnderlying = _error("NotListedUnderlying", "address underlying")
ProxyDeniedAdminAccess = _error("ProxyDeniedAdminAccess")
ERC1967InvalidImplementation = _error("ERC1967InvalidImplementation", "address implementation")
ERC1967NonPayable = _error("ERC1967NonPayable")
