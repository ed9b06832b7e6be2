"""Storage layouts: where the real contracts keep what the twin stores, as the Solidity compiler lays it out.

A layout is data: each `Variable` says which of the twin's variables lies at which slot, offset and key. Packed structs
are several variables in one word. What no layout names (gaps, deprecated members) is always zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

EIP1967_IMPLEMENTATION = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC
"""Where a proxy keeps its implementation: the hash of `eip1967.proxy.implementation`, minus one."""


EIP1967_ADMIN = 0xB53127684A568B3173AE13B9F8A6016E243E63B6E8EE1178D6A717850B5D6103
"""Where a transparent proxy keeps its admin: the hash of `eip1967.proxy.admin`, minus one."""


class Variable(NamedTuple):
    """One storage variable, or one member of a struct in it."""

    name: str
    """The twin's name; a member of a struct after a dot."""
    kind: str
    """An elementary ABI type, or `string`."""
    slot: int
    """The variable's slot; of a mapping, the slot that its hashes start from."""
    offset: int = 0
    """Bytes between the value and the low-order end of its word."""
    keys: tuple[str, ...] = ()
    """Types of a mapping's keys, outermost first."""
    member: int = 0
    """Words between the start of a struct and the value."""
    inner: int = 0
    """Words between the start of a struct and a mapping in it: what is added before the last key is hashed."""
    among: tuple[str, ...] = ()
    """Lists of the same contract in which the keys are, where they are not just any of their type; "" for any."""
    derived: bool = False
    """Does the twin compute it, with a method of that name, instead of storing it?"""
    stride: int = 1
    """Words that an element takes, of an array whose words are looked at one by one."""

    @property
    def size(self) -> int:
        """Bytes the value takes in its word; all of it for a string."""
        if self.kind == "address":
            return 20
        if self.kind == "bool":
            return 1
        bits = self.kind.removeprefix("uint").removeprefix("int")
        return int(bits) // 8 if bits.isdecimal() else 32


Layout = tuple[Variable, ...]

_OWNED = Variable("owner_address", "address", 0)
_ACCOUNT = ("address",)
_PAIR = ("address", "address")
PROXIED: Layout = (
    Variable("implementation", "address", EIP1967_IMPLEMENTATION),
    Variable("last_initialized_revision", "uint256", 0),
)

PROVIDER: Layout = (
    _OWNED,
    Variable("market_id", "string", 1),
    Variable("addresses", "address", 2, keys=("bytes32",)),
)
ACL: Layout = (
    Variable("members", "bool", 0, keys=("bytes32", "address")),
    Variable("role_admins", "bytes32", 0, keys=("bytes32",), member=1),
)
CONFIGURATOR: Layout = (
    *PROXIED,
    Variable("provider", "address", 52),
    Variable("pool", "address", 53),
    Variable("pending_ltv", "uint256", 54, keys=_ACCOUNT),
)
STRATEGY: Layout = tuple(
    Variable(f"models.{name}", kind, 0, offset, keys=_ACCOUNT)
    for name, kind, offset in (
        ("optimal_usage_ratio", "uint16", 0),
        ("base_variable_borrow_rate", "uint32", 2),
        ("variable_rate_slope1", "uint32", 6),
        ("variable_rate_slope2", "uint32", 10),
    )
)
ORACLE: Layout = (
    Variable("sources", "address", 0, keys=_ACCOUNT),
    Variable("fallback", "address", 1),
)
FEED: Layout = (Variable("answer", "int256", 0),)
REWARDS_RECORD: Layout = (
    Variable("times_told", "uint256", 0),
    Variable("balances", "uint256", 1, keys=_PAIR),
    Variable("supplies", "uint256", 2, keys=_ACCOUNT),
)
PRICE_TABLE: Layout = (Variable("prices", "uint256", 0, keys=_ACCOUNT), Variable("eth_usd_price", "uint256", 1))
SENTINEL: Layout = (Variable("sequencer_oracle", "address", 0), Variable("grace_period", "uint256", 1))
SEQUENCER: Layout = (_OWNED, Variable("is_down", "bool", 0, 20), Variable("changed_at", "uint256", 1))


Members = Sequence[tuple[str, str, int, int]]
"""Members of a struct: name, type, word and offset."""


def _struct(mapping: str, slot: int, key: str, members: Members) -> Layout:
    """A mapping to structs."""
    return tuple(
        Variable(f"{mapping}.{name}", kind, slot, offset, (key,), word) for name, kind, word, offset in members
    )


_RESERVE = (
    ("configuration", "uint256", 0, 0),
    ("liquidity_index", "uint128", 1, 0),
    ("current_liquidity_rate", "uint128", 1, 16),
    ("variable_borrow_index", "uint128", 2, 0),
    ("current_variable_borrow_rate", "uint128", 2, 16),
    ("last_update_timestamp", "uint40", 3, 16),
    ("id", "uint16", 3, 21),
    ("a_token", "address", 4, 0),
    ("variable_debt_token", "address", 6, 0),
    ("interest_rate_strategy", "address", 7, 0),
    ("accrued_to_treasury", "uint128", 8, 0),
    ("isolation_mode_total_debt", "uint128", 9, 0),
)
"""What every release keeps of a reserve. From v3.4 on the strategy's place is dead, but an upgrade leaves it filled."""
GRACE_PERIOD = ("liquidation_grace_period_until", "uint40", 3, 23)
UNBACKED = ("unbacked", "uint128", 8, 16)
VIRTUAL_BALANCE_UNTIL_V3_3 = ("virtual_underlying_balance", "uint128", 9, 16)
DEFICIT = ("deficit", "uint128", 3, 0)
VIRTUAL_BALANCE = ("virtual_underlying_balance", "uint128", 8, 16)

E_MODE = (
    ("ltv", "uint16", 0, 0),
    ("liquidation_threshold", "uint16", 0, 2),
    ("liquidation_bonus", "uint16", 0, 4),
    ("label", "string", 1, 0),
)
"""What every release keeps of an e-mode category."""
E_MODE_FROM_V3_2 = (*E_MODE, ("collateral_bitmap", "uint128", 0, 6), ("borrowable_bitmap", "uint128", 2, 0))
E_MODE_FROM_V3_6 = (*E_MODE_FROM_V3_2, ("ltvzero_bitmap", "uint128", 2, 16))
E_MODE_FROM_V3_7 = (*E_MODE_FROM_V3_6, ("isolated", "bool", 0, 22))
POSITION_MANAGERS = Variable("position_managers", "bool", 60, keys=_PAIR)


def pool_layout(reserve: Members, e_mode: Members, *others: Variable) -> Layout:
    """The pool's variables: what a release keeps of each reserve besides `_RESERVE`, and of each e-mode category."""
    return (
        *PROXIED,
        *_struct("reserves", 52, "address", (*_RESERVE, *reserve)),
        Variable("users_config", "uint256", 53, keys=_ACCOUNT),
        Variable("reserves_list", "address", 54, keys=("uint256",)),
        *_struct("e_modes", 55, "uint8", e_mode),
        Variable("users_e_mode", "uint8", 56, keys=_ACCOUNT),
        Variable("bridge_protocol_fee", "uint256", 57),
        Variable("flash_loan_premium", "uint128", 58),
        Variable("flash_loan_premium_to_protocol", "uint128", 58, 16),
        Variable("max_stable_rate_borrow_size_percent", "uint64", 59),
        Variable("reserves_count", "uint16", 59, 8),
        *others,
    )


def pools(layout: Layout) -> dict[str, Layout]:
    """The layout of a release's pool under the code of both kinds: a rollup's pool stores the same."""
    return {"PoolInstance": layout, "L2PoolInstance": layout}


def _incentivized(slot: int, balance: str) -> Layout:
    """Balances and names, as both tokens keep them, from a slot on."""
    return (
        *PROXIED,
        Variable("scaled_balances", balance, slot, keys=_ACCOUNT),
        Variable("previous_indexes", "uint128", slot, 16, keys=_ACCOUNT),
        Variable("allowances", "uint256", slot + 1, keys=_PAIR),
        Variable("scaled_supply", "uint256", slot + 2),
        Variable("token_name", "string", slot + 3),
        Variable("token_symbol", "string", slot + 4),
        Variable("token_decimals", "uint8", slot + 5),
    )


def a_token_layout(balance: str, *others: Variable) -> Layout:
    """The variables of an aToken whose balances have this type."""
    return (
        *_incentivized(52, balance),
        Variable("nonces_used", "uint256", 58, keys=_ACCOUNT),
        Variable("domain", "bytes32", 59),
        Variable("underlying", "address", 61),
        *others,
    )


def debt_token_layout(balance: str, *others: Variable) -> Layout:
    """The variables of a debt token whose balances have this type."""
    return (
        Variable("nonces_used", "uint256", 52, keys=_ACCOUNT),
        Variable("domain", "bytes32", 53),
        Variable("borrow_allowances", "uint256", 54, keys=_PAIR),
        Variable("underlying", "address", 55),
        *_incentivized(56, balance),
        *others,
    )


DELEGATED_POWER: Layout = (
    Variable("delegation_modes", "uint8", 52, 15, keys=_ACCOUNT),
    Variable("voting_delegatees", "address", 62, keys=_ACCOUNT),
    Variable("proposition_delegatees", "address", 63, keys=_ACCOUNT),
    Variable("delegated_proposition", "uint72", 64, keys=_ACCOUNT),
    Variable("delegated_voting", "uint72", 64, 9, keys=_ACCOUNT),
)
LEFT_CONTROLLER_OF_A_TOKEN = Variable("left_rewards_controller", "address", 57, 1)
LEFT_TREASURY = Variable("left_treasury", "address", 60)
LEFT_CONTROLLER_OF_DEBT_TOKEN = Variable("left_rewards_controller", "address", 61, 1)
"""Where tokens upgraded to v3.4 keep what they do not read any more."""

A_TOKEN_UNTIL_V3_3 = a_token_layout(
    "uint128", Variable("rewards_controller", "address", 57, 1), Variable("treasury", "address", 60)
)
DEBT_TOKEN_UNTIL_V3_3 = debt_token_layout("uint128", Variable("rewards_controller", "address", 61, 1))
_TEST_TOKEN: Layout = (
    Variable("balances", "uint256", 0, keys=_ACCOUNT),
    Variable("allowances", "uint256", 1, keys=_PAIR),
    Variable("supply", "uint256", 2),
    Variable("token_name", "string", 3),
    Variable("token_symbol", "string", 4),
    Variable("nonces_used", "uint256", 6, keys=_ACCOUNT),
)
TEST_TOKEN_UNTIL_V3_6: Layout = (
    *_TEST_TOKEN,
    Variable("token_decimals", "uint8", 5),
    Variable("owner_address", "address", 5, 1),
    Variable("domain", "bytes32", 7),
)
TEST_TOKEN: Layout = (
    *_TEST_TOKEN,
    Variable("owner_address", "address", 5),
    Variable("token_decimals", "uint8", 7),
    Variable("domain", "bytes32", 8),
)
_REWARD = ("address", "address")
_LISTED_REWARD = ("assets_list", "rewards_list")
REWARDS: Layout = (
    Variable("implementation", "address", EIP1967_IMPLEMENTATION),
    Variable("rewards_list", "address", 3, keys=("index",)),
    Variable("rewards_count", "uint256", 3),
    Variable("assets_list", "address", 4, keys=("index",)),
    Variable("assets_count", "uint256", 4),
    Variable("last_initialized_revision", "uint256", 5),
    Variable("claimers", "address", 57, keys=_ACCOUNT),
    Variable("transfer_strategies", "address", 58, keys=_ACCOUNT),
    Variable("reward_oracles", "address", 59, keys=_ACCOUNT),
    Variable("reward_enabled", "bool", 2, keys=_ACCOUNT),
    Variable("available_rewards_count", "uint128", 1, keys=_ACCOUNT, member=2),
    Variable("asset_decimals", "uint8", 1, 16, keys=_ACCOUNT, member=2),
    Variable("available_rewards", "address", 1, keys=("address", "uint128"), inner=1, among=("assets_list", "")),
    Variable("reward_indexes", "uint104", 1, keys=_REWARD),
    Variable("emissions_per_second", "uint88", 1, 13, keys=_REWARD),
    Variable("last_updates", "uint32", 1, 24, keys=_REWARD),
    Variable("distribution_ends", "uint32", 1, 28, keys=_REWARD),
    Variable("user_indexes", "uint104", 1, keys=(*_REWARD, "address"), inner=1, among=(*_LISTED_REWARD, "")),
    Variable("accrued", "uint128", 1, 13, keys=(*_REWARD, "address"), inner=1, among=(*_LISTED_REWARD, "")),
)
OWNED: Layout = (_OWNED,)
EMISSIONS: Layout = (
    _OWNED,
    Variable("emission_admins", "address", 1, keys=_ACCOUNT),
    Variable("rewards_controller", "address", 2),
)
WRAPPED_ETHER: Layout = (
    Variable("name", "string", 0, derived=True),
    Variable("symbol", "string", 1, derived=True),
    Variable("decimals", "uint8", 2, derived=True),
    Variable("balances", "uint256", 3, keys=_ACCOUNT),
    Variable("allowances", "uint256", 4, keys=_PAIR),
)

_SHARES = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
_DOMAIN = 0xA16A46D94261C7517CC8FF89F61C0CE93598E3C849801011DEE649A6A557D100
_NONCES = 0x5AB42CED628888259C08AC98DB1EB0CF702FC1501344311D8B100CD1BFE4BB00
_PAUSABLE = 0xCD5ED15C6E187E77E9AEE88184C21F4F2182AB5827CB3B7E07FBEDCD63F03300
_INITIALIZABLE = 0xF0C57E16840DF040F15088DC2F81FE391C3923BEC73E23A9662EFC9C229C6A00
_ERC4626 = 0x0773E532DFEDE91F04B12A73D3D2ACD361424F41F76B4FB79F090161E36B4E00
_MINING = 0x4FAD66563F105BE0BFF96185C9058C4934B504D3BA15CA31E86294F0B01FD200
_VAULT = 0x55029D3F54709E547ED74B2FC842D93107AB1490AB7555DD9DD0BF6451101900
"""Roots of namespaced storage, as ERC-7201 derives them from the names that the sources give."""
STATA_TOKEN: Layout = (
    Variable("implementation", "address", EIP1967_IMPLEMENTATION),
    Variable("last_initialized_revision", "uint64", _INITIALIZABLE),
    Variable("balances", "uint256", _SHARES, keys=_ACCOUNT),
    Variable("allowances", "uint256", _SHARES + 1, keys=_PAIR),
    Variable("supply", "uint256", _SHARES + 2),
    Variable("token_name", "string", _SHARES + 3),
    Variable("token_symbol", "string", _SHARES + 4),
    Variable("domain_name", "string", _DOMAIN + 2),
    Variable("domain_version", "string", _DOMAIN + 3),
    Variable("nonces_used", "uint256", _NONCES, keys=_ACCOUNT),
    Variable("is_paused", "bool", _PAUSABLE),
    Variable("asset_address", "address", _ERC4626),
    Variable("token_decimals", "uint8", _ERC4626, 20),
    Variable("reference_asset", "address", _MINING),
    Variable("rewards_list", "address", _MINING + 1, keys=("index",)),
    Variable("rewards_count", "uint256", _MINING + 1),
    Variable("is_registered", "bool", _MINING + 2, keys=_ACCOUNT),
    Variable("start_indexes", "uint248", _MINING + 2, 1, keys=_ACCOUNT),
    Variable("user_indexes", "uint128", _MINING + 3, keys=_PAIR),
    Variable("unclaimed", "uint128", _MINING + 3, 16, keys=_PAIR),
    Variable("a_token_address", "address", _VAULT),
)
TRANSPARENT_STATA_TOKEN: Layout = (*STATA_TOKEN, Variable("proxy_admin", "address", EIP1967_ADMIN))
STATA_TOKEN_FACTORY: Layout = (
    Variable("implementation", "address", EIP1967_IMPLEMENTATION),
    Variable("last_initialized_revision", "uint64", _INITIALIZABLE),
    Variable("stata_tokens_by_asset", "address", 0, keys=_ACCOUNT),
    Variable("stata_tokens", "address", 1, keys=("index",)),
    Variable("stata_tokens_count", "uint256", 1),
)
PROXY_FACTORY: Layout = (Variable("proxy_admins", "address", 0, keys=_ACCOUNT),)
