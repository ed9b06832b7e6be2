"""Tokens of unknown code on a twin: those that only move what they are told to are played by test tokens there."""

from __future__ import annotations

from collections.abc import Iterable

from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.erc20 import TestnetERC20
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.abi import encode_word

from .given_token import BALANCE_OF, GivenToken, number_told
from .revm import Revm
from .token_shares import NOBODY

TRANSFER = selector_of("transfer(address,uint256)")


def given_tokens(chain: Chain) -> list[GivenToken]:
    """List the tokens of unknown code on a chain."""
    return [contract for contract in chain.contracts.values() if isinstance(contract, GivenToken)]


def moves_plainly(evm: Revm, token: GivenToken) -> bool:
    """Does a transfer move exactly what it is told to? Tried with half of what somebody holds; the EVM is spoilt then.

    Of a token that nobody holds any of, nothing is known.
    """
    holder = max(token.balances.written(), key=token.balances.__getitem__, default=None)
    amount = 0 if holder is None else token.balances[holder] // 2
    if holder is None or not amount:
        return False
    evm.set_code(holder, b"", 0)  # a contract sends no transactions
    before = _held(evm, token, (holder, NOBODY))
    sent = evm.message(holder, token.address, TRANSFER + encode_word(NOBODY) + encode_word(amount))
    after = _held(evm, token, (holder, NOBODY))
    return sent.ok and [one - other for one, other in zip(after, before, strict=True)] == [-amount, amount]


def _held(evm: Revm, token: GivenToken, accounts: Iterable[Address]) -> list[int]:
    return [number_told(evm, token.address, BALANCE_OF, account) or 0 for account in accounts]


def put_test_tokens(chain: Chain, owner: Address) -> None:
    """Put test tokens in the place of those of unknown code, with the same balances; `owner` may make more of them."""
    for token in given_tokens(chain):
        name, symbol, decimals = token.token_name, token.token_symbol, token.token_decimals
        plain = TestnetERC20(chain, token.address, name, symbol, decimals, owner)
        for records in ("balances", "allowances"):
            plain.initialise(**{records: getattr(token, records).copy_to(chain.journal)})
        plain.initialise(supply=token.supply)
        chain.contracts.load({token.address: plain})
