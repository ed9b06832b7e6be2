"""Differences that lockstep with the real contracts found, each as the shortest calls that show it."""

import pytest
from pooltwin.protocol.errors import InconsistentParamsLength
from pooltwin.protocol.market import Market

from .worlds import ALICE, ALL_REVISIONS, WETH, fresh


def soiled(data: bytes, account: str) -> bytes:
    """Calldata with a bit set above the first mention of an address."""
    dirty = bytearray(data)
    dirty[data.index(bytes.fromhex(account[2:])) - 12] = 0x80
    return bytes(dirty)


def flash_loan(market: Market, receiver: str) -> bytes:
    signature = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
    function = next(f for fs in market.pool.functions.values() for f, _ in fs if f.signature == signature)
    return function.calldata([receiver, [market.asset("WETH")], [1000], [0], ALICE, b"", 0])


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_flash_loans_ignore_what_is_above_an_asset_s_address(revision):
    """The pool copies the array of assets to memory without a look at it."""
    market = fresh(revision)
    market.erc20("WETH").mint(ALICE, WETH, sender=market.admin)
    market.erc20("WETH").approve(market.pool.address, WETH, sender=ALICE)
    market.pool.supply(market.asset("WETH"), WETH // 2, ALICE, sender=ALICE)
    receiver = market.flash_loan_receiver("receiver", lambda *_: True)
    market.erc20("WETH").mint(receiver, WETH, sender=market.admin)
    market.erc20("WETH").approve(market.pool.address, WETH, sender=receiver)
    data = flash_loan(market, receiver)
    answers = []
    for calldata in (data, soiled(data, market.asset("WETH"))):
        chain = market.fork().chain
        receipt = chain.transact(ALICE, market.pool.address, calldata)
        answers.append((receipt.ok, receipt.return_data, [(log.topics, log.address) for log in receipt.logs]))
    assert answers[0] == answers[1]
    assert answers[0][0]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_the_oracle_compares_lengths_before_it_reads_addresses(revision):
    market = fresh(revision)
    function = market.oracle.find(bytes.fromhex("abfd5310"))
    data = function.calldata([[market.asset("WETH")], []])
    receipt = market.chain.transact(market.admin, market.oracle.address, soiled(data, market.asset("WETH")))
    assert isinstance(receipt.revert, InconsistentParamsLength)
