"""The pool: what users, liquidators, the umbrella and aTokens call. Solidity: `Pool`, `PoolInstance`."""

from __future__ import annotations

import contextlib

from ..address import Address
from ..errors import CallerNotAToken, CallerNotPositionManager, CallerNotUmbrella, FailedCall, Revert
from ..events import PositionManagerApproved, PositionManagerRevoked
from ..logic.flash_loan import execute_flash_loan, execute_flash_loan_simple
from ..logic.flash_loan import interest_rate_mode as checked_mode
from ..logic.validation import VARIABLE_RATE_MODE
from ..machine.function import COPIED, SENDER, external
from .addresses_provider import UMBRELLA
from .pool_administration import PoolAdministration


class Pool(PoolAdministration):
    """Entry points, thin over the rules in `logic`. Amounts are in underlying units unless they say scaled."""

    __slots__ = ()

    # --- lending ----------------------------------------------------------------------------------------------------

    @external("supply(address,uint256,address,uint16)")
    def supply(
        self,
        asset: Address,
        amount: int,
        on_behalf_of: Address = SENDER,
        referral_code: int = 0,
        *,
        sender: Address,
    ) -> None:
        """Supply underlying of the caller, crediting `on_behalf_of` with aTokens."""
        self.chain.revision.execute_supply(self, sender, asset, amount, on_behalf_of, referral_code)

    @external("deposit(address,uint256,address,uint16)")
    def deposit(
        self,
        asset: Address,
        amount: int,
        on_behalf_of: Address = SENDER,
        referral_code: int = 0,
        *,
        sender: Address,
    ) -> None:
        """`supply` under its older name."""
        self.chain.revision.execute_supply(self, sender, asset, amount, on_behalf_of, referral_code)

    @external("supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)")
    def supply_with_permit(
        self,
        asset: Address,
        amount: int,
        on_behalf_of: Address,
        referral_code: int,
        deadline: int,
        permit_v: int,
        permit_r: bytes,
        permit_s: bytes,
        *,
        sender: Address,
    ) -> None:
        """Approve by signature, then supply. A permit that fails does not matter if the allowance is there."""
        self._try_permit(asset, sender, amount, deadline, permit_v, permit_r, permit_s)
        self.chain.revision.execute_supply(self, sender, asset, amount, on_behalf_of, referral_code)

    @external("withdraw(address,uint256,address)", "uint256")
    def withdraw(self, asset: Address, amount: int, to: Address = SENDER, *, sender: Address) -> int:
        """Withdraw to `to`; 2**256 - 1 means everything. Returns the amount."""
        return self.chain.revision.execute_withdraw(self, sender, asset, amount, to)

    # --- borrowing --------------------------------------------------------------------------------------------------

    @external("borrow(address,uint256,uint256,uint16,address)")
    def borrow(
        self,
        asset: Address,
        amount: int,
        interest_rate_mode: int = VARIABLE_RATE_MODE,
        referral_code: int = 0,
        on_behalf_of: Address = SENDER,
        *,
        sender: Address,
    ) -> None:
        """Borrow to the caller, against the position and, if it is another's, the delegation of `on_behalf_of`."""
        mode = checked_mode(interest_rate_mode)
        self.chain.revision.execute_borrow(self, sender, asset, amount, mode, referral_code, on_behalf_of)

    @external("repay(address,uint256,uint256,address)", "uint256")
    def repay(
        self,
        asset: Address,
        amount: int,
        interest_rate_mode: int = VARIABLE_RATE_MODE,
        on_behalf_of: Address = SENDER,
        *,
        sender: Address,
    ) -> int:
        """Repay with underlying of the caller; 2**256 - 1 means all of one's own debt. Returns the amount."""
        return self.chain.revision.execute_repay(
            self, sender, asset, amount, checked_mode(interest_rate_mode), on_behalf_of
        )

    @external("repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)", "uint256")
    def repay_with_permit(
        self,
        asset: Address,
        amount: int,
        interest_rate_mode: int,
        on_behalf_of: Address,
        deadline: int,
        permit_v: int,
        permit_r: bytes,
        permit_s: bytes,
        *,
        sender: Address,
    ) -> int:
        """Approve by signature, then repay."""
        self._try_permit(asset, sender, amount, deadline, permit_v, permit_r, permit_s)
        return self.chain.revision.execute_repay(
            self, sender, asset, amount, checked_mode(interest_rate_mode), on_behalf_of
        )

    @external("repayWithATokens(address,uint256,uint256)", "uint256")
    def repay_with_a_tokens(
        self, asset: Address, amount: int, interest_rate_mode: int = VARIABLE_RATE_MODE, *, sender: Address
    ) -> int:
        """Repay one's own debt by burning one's own aTokens; 2**256 - 1 means as much as there is of either."""
        return self.chain.revision.execute_repay(
            self, sender, asset, amount, checked_mode(interest_rate_mode), sender, use_a_tokens=True
        )

    def _try_permit(
        self, asset: Address, owner: Address, amount: int, deadline: int, v: int, r: bytes, s: bytes
    ) -> None:
        token = self.chain.at(asset)  # a call to an address without code is not caught
        with contextlib.suppress(Revert):
            token.permit(owner, self.address, amount, deadline, v, r, s, sender=self.address)

    # --- positions --------------------------------------------------------------------------------------------------

    @external("setUserUseReserveAsCollateral(address,bool)")
    def set_user_use_reserve_as_collateral(self, asset: Address, use_as_collateral: bool, *, sender: Address) -> None:
        """Enable or disable the caller's supply of an asset as collateral."""
        self.chain.revision.execute_use_reserve_as_collateral(self, sender, asset, use_as_collateral)

    @external("setUserUseReserveAsCollateralOnBehalfOf(address,bool,address)")
    def set_user_use_reserve_as_collateral_on_behalf_of(
        self, asset: Address, use_as_collateral: bool, on_behalf_of: Address, *, sender: Address
    ) -> None:
        """The same for a user whose position manager the caller is. Raises CallerNotPositionManager."""
        self._only_position_manager(on_behalf_of, sender)
        self.chain.revision.execute_use_reserve_as_collateral(self, on_behalf_of, asset, use_as_collateral)

    @external("setUserEMode(uint8)")
    def set_user_e_mode(self, category_id: int, *, sender: Address) -> None:
        """Enter, change or (0) leave an e-mode category."""
        self.chain.revision.execute_set_user_e_mode(self, sender, category_id)

    @external("setUserEModeOnBehalfOf(uint8,address)")
    def set_user_e_mode_on_behalf_of(self, category_id: int, on_behalf_of: Address, *, sender: Address) -> None:
        """The same for a user whose position manager the caller is. Raises CallerNotPositionManager."""
        self._only_position_manager(on_behalf_of, sender)
        self.chain.revision.execute_set_user_e_mode(self, on_behalf_of, category_id)

    @external("approvePositionManager(address,bool)")
    def approve_position_manager(self, position_manager: Address, approve: bool, *, sender: Address) -> None:
        """Appoint or dismiss a manager of the caller's position. Nothing happens when it is so already."""
        if self.position_managers[sender, position_manager] == approve:
            return
        self.position_managers[sender, position_manager] = approve
        event = PositionManagerApproved if approve else PositionManagerRevoked
        self.emit(event(sender, position_manager))

    @external("renouncePositionManagerRole(address)")
    def renounce_position_manager_role(self, user: Address, *, sender: Address) -> None:
        """Resign as manager of a user's position."""
        if self.position_managers[user, sender]:
            self.position_managers[user, sender] = False
            self.emit(PositionManagerRevoked(user, sender))

    def _only_position_manager(self, user: Address, sender: Address) -> None:
        if not self.position_managers[user, sender]:
            raise CallerNotPositionManager()

    # --- liquidation and bad debt -----------------------------------------------------------------------------------

    @external("liquidationCall(address,address,address,uint256,bool)")
    def liquidation_call(
        self,
        collateral_asset: Address,
        debt_asset: Address,
        borrower: Address,
        debt_to_cover: int,
        receive_a_token: bool = False,
        *,
        sender: Address,
    ) -> None:
        """Repay debt of an unhealthy borrower for collateral and a bonus, as underlying or as aTokens."""
        self.chain.revision.execute_liquidation_call(
            self, sender, collateral_asset, debt_asset, borrower, debt_to_cover, receive_a_token
        )

    @external("eliminateReserveDeficit(address,uint256)", "uint256")
    def eliminate_reserve_deficit(self, asset: Address, amount: int, *, sender: Address) -> int:
        """Burn the umbrella's aTokens against a deficit. Raises CallerNotUmbrella. Returns what was covered."""
        return self.cover_deficit(sender, asset, amount)

    def cover_deficit(self, sender: Address, asset: Address, amount: int) -> int:
        """Let the umbrella, and nobody else, cover a deficit."""
        if self.chain.at(self.provider).addresses[UMBRELLA] != sender:
            raise CallerNotUmbrella()
        return self.chain.revision.execute_eliminate_deficit(self, sender, asset, amount)

    # --- flash loans ------------------------------------------------------------------------------------------------

    @external("flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)", lazy={1: COPIED})
    def flash_loan(
        self,
        receiver_address: Address,
        assets: list[Address],
        amounts: list[int],
        interest_rate_modes: list[int],
        on_behalf_of: Address = SENDER,
        params: bytes = b"",
        referral_code: int = 0,
        *,
        sender: Address,
    ) -> None:
        """Lend for one call to the receiver; flash borrowers by role pay no premium."""
        acl = self.chain.at(self.chain.at(self.provider).acl_manager_address)
        premium_bps = 0 if acl.is_flash_borrower_(sender) else self.flash_loan_premium
        execute_flash_loan(
            self,
            sender,
            receiver_address,
            assets,
            amounts,
            interest_rate_modes,
            on_behalf_of,
            params,
            referral_code,
            premium_bps,
        )

    @external("flashLoanSimple(address,address,uint256,bytes,uint16)")
    def flash_loan_simple(
        self,
        receiver_address: Address,
        asset: Address,
        amount: int,
        params: bytes = b"",
        referral_code: int = 0,
        *,
        sender: Address,
    ) -> None:
        """Lend one asset for one call to the receiver; everybody pays the premium."""
        execute_flash_loan_simple(self, sender, receiver_address, asset, amount, params, referral_code)

    # --- the rest ---------------------------------------------------------------------------------------------------

    @external("mintToTreasury(address[])")
    def mint_to_treasury(self, assets: list[Address], *, sender: Address) -> None:
        """Turn the treasury's accrued shares into aTokens.

        The list is encoded for a library, so every address in it is looked at before the first reserve is.
        """
        self.chain.revision.execute_mint_to_treasury(self, assets)

    @external("finalizeTransfer(address,address,address,uint256,uint256)")
    def finalize_transfer(
        self,
        asset: Address,
        from_: Address,
        to: Address,
        scaled_amount: int,
        scaled_balance_from_before: int,
        *,
        sender: Address,
    ) -> None:
        """For the asset's aToken. Raises CallerNotAToken."""
        self.finalize_transfer_from(sender, asset, from_, to, scaled_amount, scaled_balance_from_before, 0)

    def finalize_transfer_from(
        self,
        sender: Address,
        asset: Address,
        from_: Address,
        to: Address,
        scaled_amount: int,
        scaled_balance_before: int,
        scaled_balance_to_before: int,
    ) -> None:
        """What an aToken calls after moving shares."""
        if sender != self.reserves[asset].a_token:
            raise CallerNotAToken()
        self.chain.revision.execute_finalize_transfer(
            self, asset, from_, to, scaled_amount, scaled_balance_before, scaled_balance_to_before
        )

    @external("multicall(bytes[])", "bytes[]", lazy={0: ()})
    def multicall(self, data: list[bytes], *, sender: Address) -> list[bytes]:
        """Several calls in one, all or nothing. A revert without data becomes FailedCall."""
        results = []
        for calldata in data:
            try:
                results.append(self.chain.nested(sender, self.address, calldata))
            except Revert as revert:
                if revert.data(self.revision.error_style):
                    raise
                raise FailedCall() from None
        return results
