"""Tokens that behave as well-known ones do, each told as its difference from the test token."""

from __future__ import annotations

from ..erc20 import WETH9, TestnetERC20
from .blocklist import BlocklistToken
from .fee_on_transfer import FeeOnTransferToken
from .no_return_value import TokenWithoutReturnValue
from .rebasing import RebasingToken

CODE_OF_TOKENS = {
    "test token": TestnetERC20.KIND,
    "WETH9": WETH9.KIND,
    "no approval event": BlocklistToken.KIND,
    "no return value": TokenWithoutReturnValue.KIND,
    "fee on transfer": FeeOnTransferToken.KIND,
    "rebasing": RebasingToken.KIND,
}
"""The kind of contract for each `token_kind` of a market's file."""

STAND_INS = (BlocklistToken, TokenWithoutReturnValue, FeeOnTransferToken, RebasingToken)
"""Tokens that stand for others, whose storage is not theirs."""

__all__ = [
    "CODE_OF_TOKENS",
    "STAND_INS",
    "BlocklistToken",
    "FeeOnTransferToken",
    "RebasingToken",
    "TokenWithoutReturnValue",
]
