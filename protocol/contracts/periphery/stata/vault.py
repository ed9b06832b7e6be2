"""The vault itself: aTokens in, shares out, at the pool's income index. Solidity: `ERC4626StataTokenUpgradeable`."""

from __future__ import annotations

import contextlib

from ....address import ZERO_ADDRESS, Address
from ....errors import Revert, selector_of
from ....events import SharesBurnt, SharesMinted
from ....machine.abi import WORD
from ....machine.function import external, view
from ....math.uint import MAX_UINT256, add, mul
from ....math.wad_ray import RAY
from ....state import bitmaps
from .errors import (
    ERC4626ExceededMaxDeposit,
    ERC4626ExceededMaxMint,
    ERC4626ExceededMaxRedeem,
    ERC4626ExceededMaxWithdraw,
    PoolAddressMismatch,
    StaticATokenInvalidZeroShares,
)
from .mining import MiningShares, to_uint256_power
from .rounding import mul_div, mul_div_ceil

RESERVE_DATA = (
    "uint256,uint128,uint128,uint128,uint128,uint128,uint40,uint16,address,address,address,address,uint128,uint128,"
    "uint128"
)
MAX_UINT8 = 255
CONFIGURATION, A_TOKEN, ACCRUED_TO_TREASURY = 0, 8, 12
"""Places in `ReserveDataLegacy`."""


class Vault(MiningShares):
    """Shares are scaled balances: one is worth the income index. Deposits round shares down, withdrawals up."""

    STORAGE = {
        **MiningShares.STORAGE,
        "asset_address": ZERO_ADDRESS,
        "a_token_address": ZERO_ADDRESS,
    }
    IMMUTABLES = (*MiningShares.IMMUTABLES, "pool", "provider")
    __slots__ = ("a_token_address", "asset_address", "pool", "provider")

    pool: Address
    provider: Address
    asset_address: Address
    a_token_address: Address

    def open_vault(self, a_token: Address) -> None:
        """Take an aToken of this pool, and let the pool take the underlying. Raises PoolAddressMismatch."""
        pool = self.ask(a_token, "POOL()", "address")
        if pool != self.pool:
            raise PoolAddressMismatch(pool)
        asset = self.ask(a_token, "UNDERLYING_ASSET_ADDRESS()", "address")
        self.a_token_address = a_token
        self._approve_pool(asset)
        self.token_decimals = self._decimals_of(asset)
        self.asset_address = asset

    def _decimals_of(self, asset: Address) -> int:
        """What a token says, or 18 where it says nothing that could be. Solidity: `_tryGetAssetDecimals`."""
        try:
            answer = self.chain.nested(self.address, asset, selector_of("decimals()"))
        except Revert:
            return 18
        told = int.from_bytes(answer[:WORD], "big")
        return told if len(answer) >= WORD and told <= MAX_UINT8 else 18

    def _approve_pool(self, asset: Address) -> None:
        """Solidity: `SafeERC20.forceApprove`."""
        signature = "approve(address,uint256)"
        try:
            self.safely(asset, signature, self.pool, MAX_UINT256)
        except Revert:
            self.safely(asset, signature, self.pool, 0)
            self.safely(asset, signature, self.pool, MAX_UINT256)

    # --- the rules --------------------------------------------------------------------------------------------------

    def rate(self) -> int:
        """What a share is worth, in ray."""
        return int(self.ask(self.pool, "getReserveNormalizedIncome(address)", "uint256", self.asset_address))

    def to_shares(self, assets: int) -> int:
        """Shares for so much of the asset, rounded down. Raises Panic."""
        return mul_div(assets, RAY, self.rate())

    def to_assets(self, shares: int) -> int:
        """What shares are worth, rounded down. Raises Panic."""
        return mul_div(shares, self.rate(), RAY)

    def deposit_for(self, caller: Address, receiver: Address, assets: int, shares: int, *, to_pool: bool) -> None:
        """Take the asset, or aTokens, and mint shares. Raises StaticATokenInvalidZeroShares."""
        if shares == 0:
            raise StaticATokenInvalidZeroShares()
        token = self.asset_address if to_pool else self.a_token_address
        self.safely(token, "transferFrom(address,address,uint256)", caller, self.address, assets)
        if to_pool:
            signature = "deposit(address,uint256,address,uint16)"
            self.tell(self.pool, signature, self.asset_address, assets, self.address, 0)
        self.mint_shares(receiver, shares)
        self.emit(SharesMinted(caller, receiver, assets, shares))

    def withdraw_for(
        self, caller: Address, receiver: Address, owner: Address, assets: int, shares: int, *, from_pool: bool
    ) -> None:
        """Burn shares and pay the asset, or aTokens. Raises ERC20InsufficientAllowance."""
        if caller != owner:
            self.spend_allowance(owner, caller, shares)
        self.burn_shares(owner, shares)
        if from_pool:
            signature = "withdraw(address,uint256,address)"
            self.ask(self.pool, signature, "uint256", self.asset_address, assets, receiver)
        else:
            self.safely(self.a_token_address, "transfer(address,uint256)", receiver, assets)
        self.emit(SharesBurnt(caller, receiver, owner, assets, shares))

    # --- ERC-4626 ---------------------------------------------------------------------------------------------------

    @external("deposit(uint256,address)", "uint256")
    def deposit(self, assets: int, receiver: Address, *, sender: Address) -> int:
        """Deposit so much of the asset. Returns the shares. Raises ERC4626ExceededMaxDeposit."""
        most = self.max_deposit(receiver)
        if assets > most:
            raise ERC4626ExceededMaxDeposit(receiver, assets, most)
        shares = self.to_shares(assets)
        self.deposit_for(sender, receiver, assets, shares, to_pool=True)
        return shares

    @external("mint(uint256,address)", "uint256")
    def mint(self, shares: int, receiver: Address, *, sender: Address) -> int:
        """Deposit for so many shares. Returns what they cost. Raises ERC4626ExceededMaxMint."""
        most = self.max_mint(receiver)
        if shares > most:
            raise ERC4626ExceededMaxMint(receiver, shares, most)
        assets = self.preview_mint(shares)
        self.deposit_for(sender, receiver, assets, shares, to_pool=True)
        return assets

    @external("withdraw(uint256,address,address)", "uint256")
    def withdraw(self, assets: int, receiver: Address, owner: Address, *, sender: Address) -> int:
        """Withdraw so much of the asset. Returns the shares burnt. Raises ERC4626ExceededMaxWithdraw."""
        most = self.max_withdraw(owner)
        if assets > most:
            raise ERC4626ExceededMaxWithdraw(owner, assets, most)
        shares = self.preview_withdraw(assets)
        self.withdraw_for(sender, receiver, owner, assets, shares, from_pool=True)
        return shares

    @external("redeem(uint256,address,address)", "uint256")
    def redeem(self, shares: int, receiver: Address, owner: Address, *, sender: Address) -> int:
        """Withdraw for so many shares. Returns what was paid. Raises ERC4626ExceededMaxRedeem."""
        most = self.max_redeem(owner)
        if shares > most:
            raise ERC4626ExceededMaxRedeem(owner, shares, most)
        assets = self.to_assets(shares)
        self.withdraw_for(sender, receiver, owner, assets, shares, from_pool=True)
        return assets

    # --- with aTokens -----------------------------------------------------------------------------------------------

    @external("depositATokens(uint256,address)", "uint256")
    def deposit_a_tokens(self, assets: int, receiver: Address, *, sender: Address) -> int:
        """Deposit aTokens, at most what the caller has. Returns the shares."""
        assets = min(assets, self.ask(self.a_token_address, "balanceOf(address)", "uint256", sender))
        shares = self.to_shares(assets)
        self.deposit_for(sender, receiver, assets, shares, to_pool=False)
        return shares

    @external("depositWithPermit(uint256,address,uint256,(uint8,bytes32,bytes32),bool)", "uint256")
    def deposit_with_permit(
        self,
        assets: int,
        receiver: Address,
        deadline: int,
        sig: tuple[int, bytes, bytes],
        deposit_to_aave: bool,
        *,
        sender: Address,
    ) -> int:
        """Deposit the asset or aTokens with a signature; one that fails does not matter by itself."""
        token = self.asset_address if deposit_to_aave else self.a_token_address
        self.chain.at(token)  # a call to an address without code is not caught
        signature = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
        with contextlib.suppress(Revert):
            self.tell(token, signature, sender, self.address, assets, deadline, *sig)
        assets = min(assets, self.ask(token, "balanceOf(address)", "uint256", sender))
        shares = self.to_shares(assets)
        self.deposit_for(sender, receiver, assets, shares, to_pool=deposit_to_aave)
        return shares

    @external("redeemATokens(uint256,address,address)", "uint256")
    def redeem_a_tokens(self, shares: int, receiver: Address, owner: Address, *, sender: Address) -> int:
        """Withdraw aTokens for so many shares, even where the pool has no cash."""
        assets = self.to_assets(shares)
        self.withdraw_for(sender, receiver, owner, assets, shares, from_pool=False)
        return assets

    # --- limits -----------------------------------------------------------------------------------------------------

    @view("maxDeposit(address)", "uint256")
    def max_deposit(self, receiver: Address) -> int:
        """The room below the supply cap; nothing while the reserve is inactive, paused or frozen."""
        data = self.ask(self.pool, "getReserveData(address)", RESERVE_DATA, self.asset_address)
        configuration = data[CONFIGURATION]
        if not _is_open(configuration) or bitmaps.is_frozen(configuration):
            return 0
        cap = mul(bitmaps.supply_cap(configuration), to_uint256_power(bitmaps.decimals(configuration)))
        if cap == 0:
            return MAX_UINT256
        scaled = self.ask(data[A_TOKEN], "scaledTotalSupply()", "uint256")
        supplied = mul_div_ceil(add(scaled, data[ACCRUED_TO_TREASURY]), self.rate(), RAY)
        return max(cap - supplied, 0)

    @view("maxMint(address)", "uint256")
    def max_mint(self, receiver: Address) -> int:
        """Shares for what may be deposited."""
        assets = self.max_deposit(ZERO_ADDRESS)
        return assets if assets == MAX_UINT256 else self.to_shares(assets)

    @view("maxRedeem(address)", "uint256")
    def max_redeem(self, owner: Address) -> int:
        """The owner's shares, as far as the pool has cash; nothing while the reserve is inactive or paused."""
        if not _is_open(self.ask(self.pool, "getConfiguration(address)", "uint256", self.asset_address)):
            return 0
        cash = self.ask(self.pool, "getVirtualUnderlyingBalance(address)", "uint128", self.asset_address)
        return min(self.to_shares(cash), self.balances[owner])

    @view("maxWithdraw(address)", "uint256")
    def max_withdraw(self, owner: Address) -> int:
        """What the owner may redeem is worth."""
        return self.to_assets(self.max_redeem(owner))

    # --- conversions ------------------------------------------------------------------------------------------------

    @view("previewMint(uint256)", "uint256")
    def preview_mint(self, shares: int) -> int:
        """What shares cost, rounded up."""
        return mul_div_ceil(shares, self.rate(), RAY)

    @view("previewWithdraw(uint256)", "uint256")
    def preview_withdraw(self, assets: int) -> int:
        """Shares that a withdrawal burns, rounded up."""
        return mul_div_ceil(assets, RAY, self.rate())

    @view("previewDeposit(uint256)", "uint256")
    def preview_deposit(self, assets: int) -> int:
        """Shares that a deposit gives, rounded down."""
        return self.to_shares(assets)

    @view("previewRedeem(uint256)", "uint256")
    def preview_redeem(self, shares: int) -> int:
        """What redeeming shares pays, rounded down."""
        return self.to_assets(shares)

    @view("convertToShares(uint256)", "uint256")
    def convert_to_shares(self, assets: int) -> int:
        """Shares of so much, rounded down."""
        return self.to_shares(assets)

    @view("convertToAssets(uint256)", "uint256")
    def convert_to_assets(self, shares: int) -> int:
        """The worth of shares, rounded down."""
        return self.to_assets(shares)

    @view("totalAssets()", "uint256")
    def total_assets(self) -> int:
        """What all shares are worth, rounded down; what was given to the vault besides is not in it."""
        return self.to_assets(self.supply)

    @view("asset()", "address")
    def asset(self) -> Address:
        """The underlying asset."""
        return self.asset_address

    @view("aToken()", "address")
    def a_token(self) -> Address:
        """The aToken that the vault holds."""
        return self.a_token_address

    @view("latestAnswer()", "int256")
    def latest_answer(self) -> int:
        """The price of a share, as a feed tells it: the asset's price times the rate, rounded down."""
        oracle = self.ask(self.provider, "getPriceOracle()", "address")
        price = self.ask(oracle, "getAssetPrice(address)", "uint256", self.asset_address)
        answer = mul_div(price, self.rate(), RAY)
        return answer - 2**256 if answer >> 255 else answer

    @view("RAY()", "uint256")
    def ray(self) -> int:
        """The unit of the rate."""
        return RAY

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("POOL_ADDRESSES_PROVIDER()", "address")
    def provider_address(self) -> Address:
        """The pool's addresses provider."""
        return self.provider


def _is_open(configuration: int) -> bool:
    return bitmaps.is_active(configuration) and not bitmaps.is_paused(configuration)
