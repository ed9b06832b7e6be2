"""The tokens of a reserve: what kind the underlying is, what they are all called, where they are."""

from __future__ import annotations

from typing import Literal

from .fields import AddressField, DescribedModel, Name

TokenKind = Literal["test token", "WETH9", "no approval event", "no return value", "fee on transfer", "rebasing"]
"""How an underlying token behaves."""
TEST_TOKEN: TokenKind = "test token"


class TokenFields(DescribedModel):
    """The fields of a reserve that concern its tokens. What is left out is made up when the market is deployed."""

    token_kind: TokenKind = TEST_TOKEN
    """How the underlying behaves: `test token` (Aave's own, which its owner can mint) or `WETH9` (wrapped ether: 18
    decimals, minted by depositing ether, no permit), or as a well-known token does: `no approval event` (USDC, with its
    blocklist), `no return value` (USDT), `fee on transfer` (Statera) or `rebasing` (stETH)."""
    token_name: Name | None = None
    """The name of the underlying, of which its permits are signed; the symbol unless given. `WETH9` is always called
    Wrapped Ether."""
    a_token_name: Name | None = None
    """The name of the aToken, of which its permits are signed; `Aave SYMBOL` unless given, where mainnet has `Aave
    Ethereum SYMBOL`."""
    a_token_symbol: Name | None = None
    """The symbol of the aToken; `aSYMBOL` unless given."""
    variable_debt_token_name: Name | None = None
    """The name of the variable debt token, of which its delegations are signed; `Aave Variable Debt SYMBOL` unless
    given."""
    variable_debt_token_symbol: Name | None = None
    """The symbol of the variable debt token; `variableDebtSYMBOL` unless given."""
    stable_debt_token_name: Name | None = None
    """The name of the stable debt token; `Aave Stable Debt SYMBOL` unless given. Until v3.0.2."""
    stable_debt_token_symbol: Name | None = None
    """The symbol of the stable debt token; `stableDebtSYMBOL` unless given. Until v3.0.2."""
    underlying: AddressField | None = None
    """Where the underlying is; derived from the market's name and the reserve's key unless given."""
    a_token: AddressField | None = None
    """Where the aToken is; where the configurator creates it unless given."""
    variable_debt_token: AddressField | None = None
    """Where the variable debt token is; where the configurator creates it unless given."""
    stable_debt_token: AddressField | None = None
    """Where the stable debt token is; where the configurator creates it unless given. Until v3.0.2."""
    rate_strategy: AddressField | None = None
    """Where the reserve's own rate strategy is. Until v3.3; several reserves may share one, until v3.0.2 if their rates
    are equal. In v3.2 and v3.3 that of the market unless given."""
    price_feed: AddressField | None = None
    """Where the price feed is. Several reserves may share one if their prices are equal."""
