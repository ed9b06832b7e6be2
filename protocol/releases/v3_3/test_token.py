"""The test token as it was in v3.3. Solidity: `TestnetERC20`, v3.3."""

from __future__ import annotations

from ...address import Address
from ...contracts.signatures import ecrecover
from ..v3_6.test_token import TestnetERC20V36


class TestnetERC20V33(TestnetERC20V36):
    """Takes for the signer whatever the precompile recovers."""

    CODE = "TestnetERC20@3.3"
    __slots__ = ()

    def signer_of(self, digest: bytes, v: int, r: bytes, s: bytes) -> Address:
        """Who signed; the zero address for nobody."""
        return ecrecover(digest, v, r, s)
