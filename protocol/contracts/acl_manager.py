"""Roles: who may do what. Solidity: `ACLManager` on OpenZeppelin's `AccessControl` with string errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.auto import keccak

from ..address import ZERO_ADDRESS, Address
from ..errors import AclAdminCannotBeZero, ErrorString
from ..events import RoleAdminChanged, RoleGranted, RoleRevoked
from ..machine.contract import Contract, ledger_of
from ..machine.function import external, view
from ..state.storage import Ledger

if TYPE_CHECKING:
    from ..chain import Chain

DEFAULT_ADMIN_ROLE = bytes(32)
POOL_ADMIN_ROLE = bytes(keccak(b"POOL_ADMIN"))
EMERGENCY_ADMIN_ROLE = bytes(keccak(b"EMERGENCY_ADMIN"))
RISK_ADMIN_ROLE = bytes(keccak(b"RISK_ADMIN"))
FLASH_BORROWER_ROLE = bytes(keccak(b"FLASH_BORROWER"))
BRIDGE_ROLE = bytes(keccak(b"BRIDGE"))
ASSET_LISTING_ADMIN_ROLE = bytes(keccak(b"ASSET_LISTING_ADMIN"))

_ERC165 = bytes.fromhex("01ffc9a7")
_ACCESS_CONTROL = bytes.fromhex("7965db0b")


class ACLManager(Contract):
    """Roles and their members. A role's admin role may grant and revoke it."""

    KIND = "ACLManager"
    STORAGE = {"members": ledger_of(False), "role_admins": ledger_of(DEFAULT_ADMIN_ROLE)}
    IMMUTABLES = ("provider",)
    __slots__ = ("members", "provider", "role_admins")

    chain: Chain

    provider: Address
    members: Ledger[tuple[bytes, Address], bool]
    role_admins: Ledger[bytes, bytes]

    def __init__(self, chain: Chain, at: Address, provider: Address) -> None:
        super().__init__(chain, at)
        self.initialise(provider=provider)
        admin = chain.at(provider).acl_admin_address
        if admin == ZERO_ADDRESS:
            raise AclAdminCannotBeZero()
        self._grant(DEFAULT_ADMIN_ROLE, admin, chain.deployer)

    # --- for other contracts ----------------------------------------------------------------------------------------

    def is_pool_admin_(self, account: Address) -> bool:
        """Member of POOL_ADMIN?"""
        return self.members[POOL_ADMIN_ROLE, account]

    def is_emergency_admin_(self, account: Address) -> bool:
        """Member of EMERGENCY_ADMIN?"""
        return self.members[EMERGENCY_ADMIN_ROLE, account]

    def is_risk_admin_(self, account: Address) -> bool:
        """Member of RISK_ADMIN?"""
        return self.members[RISK_ADMIN_ROLE, account]

    def is_flash_borrower_(self, account: Address) -> bool:
        """Member of FLASH_BORROWER?"""
        return self.members[FLASH_BORROWER_ROLE, account]

    def is_bridge_(self, account: Address) -> bool:
        """Member of BRIDGE?"""
        return self.members[BRIDGE_ROLE, account]

    def is_asset_listing_admin_(self, account: Address) -> bool:
        """Member of ASSET_LISTING_ADMIN?"""
        return self.members[ASSET_LISTING_ADMIN_ROLE, account]

    def _check_role(self, role: bytes, account: Address) -> None:
        if not self.members[role, account]:
            raise ErrorString(f"AccessControl: account {account} is missing role 0x{role.hex()}")

    def _grant(self, role: bytes, account: Address, sender: Address) -> None:
        if not self.members[role, account]:
            self.members[role, account] = True
            self.emit(RoleGranted(role, account, sender))

    def _revoke(self, role: bytes, account: Address, sender: Address) -> None:
        if self.members[role, account]:
            self.members[role, account] = False
            self.emit(RoleRevoked(role, account, sender))

    def _grant_checked(self, role: bytes, account: Address, sender: Address) -> None:
        self._check_role(self.role_admins[role], sender)
        self._grant(role, account, sender)

    def _revoke_checked(self, role: bytes, account: Address, sender: Address) -> None:
        self._check_role(self.role_admins[role], sender)
        self._revoke(role, account, sender)

    # --- AccessControl ----------------------------------------------------------------------------------------------

    @external("grantRole(bytes32,address)")
    def grant_role(self, role: bytes, account: Address, *, sender: Address) -> None:
        """Raises a string error unless the caller has the role's admin role."""
        self._grant_checked(role, account, sender)

    @external("revokeRole(bytes32,address)")
    def revoke_role(self, role: bytes, account: Address, *, sender: Address) -> None:
        """Raises a string error unless the caller has the role's admin role."""
        self._revoke_checked(role, account, sender)

    @external("renounceRole(bytes32,address)")
    def renounce_role(self, role: bytes, account: Address, *, sender: Address) -> None:
        """Give up one's own role. Raises a string error for somebody else's."""
        if account != sender:
            raise ErrorString("AccessControl: can only renounce roles for self")
        self._revoke(role, account, sender)

    @external("setRoleAdmin(bytes32,bytes32)")
    def set_role_admin(self, role: bytes, admin_role: bytes, *, sender: Address) -> None:
        """Say which role grants another, for the default admin only."""
        self._check_role(DEFAULT_ADMIN_ROLE, sender)
        self.emit(RoleAdminChanged(role, self.role_admins[role], admin_role))
        self.role_admins[role] = admin_role

    @view("hasRole(bytes32,address)", "bool")
    def has_role(self, role: bytes, account: Address) -> bool:
        """Is the account a member?"""
        return self.members[role, account]

    @view("getRoleAdmin(bytes32)", "bytes32")
    def get_role_admin(self, role: bytes) -> bytes:
        """Which role grants this one."""
        return self.role_admins[role]

    @view("supportsInterface(bytes4)", "bool")
    def supports_interface(self, interface_id: bytes) -> bool:
        """ERC-165: itself and AccessControl."""
        return interface_id in (_ERC165, _ACCESS_CONTROL)

    # --- the roles of the market ------------------------------------------------------------------------------------

    @external("addPoolAdmin(address)")
    def add_pool_admin(self, admin: Address, *, sender: Address) -> None:
        """Grant POOL_ADMIN."""
        self._grant_checked(POOL_ADMIN_ROLE, admin, sender)

    @external("removePoolAdmin(address)")
    def remove_pool_admin(self, admin: Address, *, sender: Address) -> None:
        """Revoke POOL_ADMIN."""
        self._revoke_checked(POOL_ADMIN_ROLE, admin, sender)

    @view("isPoolAdmin(address)", "bool")
    def is_pool_admin(self, admin: Address) -> bool:
        """Member of POOL_ADMIN?"""
        return self.is_pool_admin_(admin)

    @external("addEmergencyAdmin(address)")
    def add_emergency_admin(self, admin: Address, *, sender: Address) -> None:
        """Grant EMERGENCY_ADMIN."""
        self._grant_checked(EMERGENCY_ADMIN_ROLE, admin, sender)

    @external("removeEmergencyAdmin(address)")
    def remove_emergency_admin(self, admin: Address, *, sender: Address) -> None:
        """Revoke EMERGENCY_ADMIN."""
        self._revoke_checked(EMERGENCY_ADMIN_ROLE, admin, sender)

    @view("isEmergencyAdmin(address)", "bool")
    def is_emergency_admin(self, admin: Address) -> bool:
        """Member of EMERGENCY_ADMIN?"""
        return self.is_emergency_admin_(admin)

    @external("addRiskAdmin(address)")
    def add_risk_admin(self, admin: Address, *, sender: Address) -> None:
        """Grant RISK_ADMIN."""
        self._grant_checked(RISK_ADMIN_ROLE, admin, sender)

    @external("removeRiskAdmin(address)")
    def remove_risk_admin(self, admin: Address, *, sender: Address) -> None:
        """Revoke RISK_ADMIN."""
        self._revoke_checked(RISK_ADMIN_ROLE, admin, sender)

    @view("isRiskAdmin(address)", "bool")
    def is_risk_admin(self, admin: Address) -> bool:
        """Member of RISK_ADMIN?"""
        return self.is_risk_admin_(admin)

    @external("addFlashBorrower(address)")
    def add_flash_borrower(self, borrower: Address, *, sender: Address) -> None:
        """Grant FLASH_BORROWER: flash loans without premium."""
        self._grant_checked(FLASH_BORROWER_ROLE, borrower, sender)

    @external("removeFlashBorrower(address)")
    def remove_flash_borrower(self, borrower: Address, *, sender: Address) -> None:
        """Revoke FLASH_BORROWER."""
        self._revoke_checked(FLASH_BORROWER_ROLE, borrower, sender)

    @view("isFlashBorrower(address)", "bool")
    def is_flash_borrower(self, borrower: Address) -> bool:
        """Member of FLASH_BORROWER?"""
        return self.is_flash_borrower_(borrower)

    @external("addBridge(address)")
    def add_bridge(self, bridge: Address, *, sender: Address) -> None:
        """Grant BRIDGE, which means nothing since v3.4."""
        self._grant_checked(BRIDGE_ROLE, bridge, sender)

    @external("removeBridge(address)")
    def remove_bridge(self, bridge: Address, *, sender: Address) -> None:
        """Revoke BRIDGE."""
        self._revoke_checked(BRIDGE_ROLE, bridge, sender)

    @view("isBridge(address)", "bool")
    def is_bridge(self, bridge: Address) -> bool:
        """Member of BRIDGE?"""
        return self.members[BRIDGE_ROLE, bridge]

    @external("addAssetListingAdmin(address)")
    def add_asset_listing_admin(self, admin: Address, *, sender: Address) -> None:
        """Grant ASSET_LISTING_ADMIN."""
        self._grant_checked(ASSET_LISTING_ADMIN_ROLE, admin, sender)

    @external("removeAssetListingAdmin(address)")
    def remove_asset_listing_admin(self, admin: Address, *, sender: Address) -> None:
        """Revoke ASSET_LISTING_ADMIN."""
        self._revoke_checked(ASSET_LISTING_ADMIN_ROLE, admin, sender)

    @view("isAssetListingAdmin(address)", "bool")
    def is_asset_listing_admin(self, admin: Address) -> bool:
        """Member of ASSET_LISTING_ADMIN?"""
        return self.is_asset_listing_admin_(admin)

    # --- constants --------------------------------------------------------------------------------------------------

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider

    @view("DEFAULT_ADMIN_ROLE()", "bytes32")
    def default_admin_role(self) -> bytes:
        """Zero."""
        return DEFAULT_ADMIN_ROLE

    @view("POOL_ADMIN_ROLE()", "bytes32")
    def pool_admin_role(self) -> bytes:
        """The role's id."""
        return POOL_ADMIN_ROLE

    @view("EMERGENCY_ADMIN_ROLE()", "bytes32")
    def emergency_admin_role(self) -> bytes:
        """The role's id."""
        return EMERGENCY_ADMIN_ROLE

    @view("RISK_ADMIN_ROLE()", "bytes32")
    def risk_admin_role(self) -> bytes:
        """The role's id."""
        return RISK_ADMIN_ROLE

    @view("FLASH_BORROWER_ROLE()", "bytes32")
    def flash_borrower_role(self) -> bytes:
        """The role's id."""
        return FLASH_BORROWER_ROLE

    @view("BRIDGE_ROLE()", "bytes32")
    def bridge_role(self) -> bytes:
        """The role's id."""
        return BRIDGE_ROLE

    @view("ASSET_LISTING_ADMIN_ROLE()", "bytes32")
    def asset_listing_admin_role(self) -> bytes:
        """The role's id."""
        return ASSET_LISTING_ADMIN_ROLE
