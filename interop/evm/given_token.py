"""Underlying tokens whose code is somebody's own: what is known of them is what they answer.

Nothing is assumed of their storage. Balances, allowances and the total are read through the token's own views and kept
in records, so that laws, the adversary and reports see them as those of any token.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.abi import encode_word
from pooltwin.protocol.machine.contract import Contract, ledger_of
from pooltwin.protocol.machine.function import external, view
from pooltwin.protocol.state.storage import Ledger

from .keys import Named
from .revm import Revm
from .terms import BytecodeChain

BALANCE_OF = selector_of("balanceOf(address)")
ALLOWANCE = selector_of("allowance(address,address)")
TOTAL_SUPPLY = selector_of("totalSupply()")
PAIR = ("address", "address")
MOST_AT_ONCE = 256
"""Of a token with more holders so many are asked about after a transaction, and whoever was named."""


class GivenToken(Contract):
    """A token of unknown code. Its functions run in an EVM only; its records are what its views answered last.

    A transfer and an approval may return a truth value or nothing: whether they did is read in the balances.
    """

    KIND = "GivenToken"
    STORAGE = {
        "balances": ledger_of(0),
        "allowances": ledger_of(0),
        "supply": 0,
        "token_name": "",
        "token_symbol": "",
        "token_decimals": 0,
    }
    __slots__ = ("allowances", "balances", "supply", "token_decimals", "token_name", "token_symbol")
    ZERO_FIRST = True
    """It may be one that wants that, and to the others it is all the same."""
    owner_address = ZERO_ADDRESS
    """Anybody may have tokens made."""

    balances: Ledger[Address, int]
    allowances: Ledger[tuple[Address, Address], int]
    supply: int
    token_name: str
    token_symbol: str
    token_decimals: int

    @external("transfer(address,uint256)")
    def transfer(self, recipient: Address, amount: int, *, sender: Address) -> None:
        """Send tokens."""
        raise self._in_an_evm_only(sender, recipient, amount)

    @external("transferFrom(address,address,uint256)")
    def transfer_from(self, owner: Address, recipient: Address, amount: int, *, sender: Address) -> None:
        """Send tokens of `owner` with the caller's allowance."""
        raise self._in_an_evm_only(sender, owner, recipient, amount)

    @external("approve(address,uint256)")
    def approve(self, spender: Address, amount: int, *, sender: Address) -> None:
        """Allow `spender` to move `amount`."""
        raise self._in_an_evm_only(sender, spender, amount)

    @external("mint(address,uint256)")
    def mint(self, account: Address, amount: int, *, sender: Address) -> None:
        """Create tokens, as tests do and no token offers: by writing its storage (`token_words`)."""
        raise self._in_an_evm_only(sender, account, amount)

    def _in_an_evm_only(self, *given: Any) -> RuntimeError:
        return RuntimeError(f"{self!r} is code that runs in an EVM only; it was called with {given}")

    @view("balanceOf(address)", "uint256")
    def balance_of(self, account: Address) -> int:
        """An account's tokens, as they were read last."""
        return self.balances[account]

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All tokens, as they were read last."""
        return self.supply

    @view("allowance(address,address)", "uint256")
    def allowance(self, owner: Address, spender: Address) -> int:
        """What `spender` may still move, as it was read last."""
        return self.allowances[owner, spender]

    @view("decimals()", "uint8")
    def decimals(self) -> int:
        """Decimals."""
        return self.token_decimals

    def name(self) -> str:
        """The token's name; some tokens tell it in another type than most."""
        return self.token_name

    def symbol(self) -> str:
        """The token's symbol; as above."""
        return self.token_symbol


def number_told(evm: Revm, where: Address, selector: bytes, *accounts: Address) -> int | None:
    """Give the number that a view answers about accounts; None where it reverts, or answers something else."""
    outcome = evm.ask(where, selector + b"".join(map(encode_word, accounts)))
    return int.from_bytes(outcome.data[:32]) if outcome.ok and len(outcome.data) >= 32 else None


def read_token(evm: Revm, token: GivenToken, accounts: Iterable[Address], pairs: Iterable[tuple[Any, ...]]) -> None:
    """Write into a token's records what its views answer of accounts, of pairs of owner and spender, and in all.

    A view that reverts says nothing, and what was known stays.
    """
    where = token.address
    for account in accounts:
        told = number_told(evm, where, BALANCE_OF, account)
        if told is not None and told != token.balances[account]:
            token.balances[account] = told
    for owner, spender in pairs:
        told = number_told(evm, where, ALLOWANCE, owner, spender)
        if told is not None and told != token.allowances[owner, spender]:
            token.allowances[owner, spender] = told
    told = number_told(evm, where, TOTAL_SUPPLY)
    if told is not None and told != token.supply:
        token.supply = told


class TokensRead:
    """The given tokens of a chain, and how far their records are up to date."""

    __slots__ = ("_chain", "_moment", "_turn", "tokens", "words")

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self.tokens: list[Address] = []
        self.words: dict[Address, Any] = {}
        """Where tokens keep balances, as far as it was looked for (`token_words`); copies of the chain share it."""
        self._turn = 0
        self._moment = chain.time

    def find(self) -> None:
        """Look for the tokens among the contracts of the chain."""
        contracts = self._chain.contracts.items()
        self.tokens = [where for where, contract in contracts if isinstance(contract, GivenToken)]

    def before(self) -> None:
        """Read all known balances again if time has passed: they may grow by themselves."""
        if self.tokens and self._moment != self._chain.time:
            self._moment = self._chain.time
            for where in self.tokens:
                self._read(where, (), ())

    def after(self, named: Named, touched: Iterable[Address], *, others: bool) -> None:
        """Read what a transaction may have changed: of tokens that it touched all that is known, and whom it named.

        Of `others`, which no event and no call told of, one takes its turn after each transaction.
        """
        if not self.tokens:
            return
        mine = [where for where in self.tokens if where in touched]
        for where in mine:
            pairs = dict.fromkeys(named.keys_of(PAIR, where))
            if named.pool is not None:  # which spends allowances, and no event has to tell of that
                pairs.update(dict.fromkeys((account, named.pool) for account in named.everybody()))
            self._read(where, named.everybody(), pairs)
        if others:
            self._turn += 1
            if (turn := self.tokens[self._turn % len(self.tokens)]) not in mine:
                self._read(turn, named.everybody(), ())

    def _read(self, where: Address, accounts: Iterable[Address], pairs: Iterable[tuple[Any, ...]]) -> None:
        token: GivenToken = self._chain.contracts[where]
        known = (pair for pair, allowance in token.allowances.items() if allowance) if pairs else ()
        holders = dict.fromkeys((*self._in_turn(list(token.balances)), *accounts))
        read_token(self._chain.evm, token, holders, [*pairs, *known])

    def _in_turn(self, holders: list[Address]) -> list[Address]:
        """All of them, or where they are many, as many as are asked about at once."""
        if len(holders) <= MOST_AT_ONCE:
            return holders
        start = self._turn * MOST_AT_ONCE % len(holders)
        return (holders + holders)[start : start + MOST_AT_ONCE]
