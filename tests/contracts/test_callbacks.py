"""Flash loans whose receiver changes something during the loan: the pool takes notice of the same on both sides."""

import random
from dataclasses import replace
from typing import Any

import pytest
from pooltwin.protocol.releases.v3_0_2.release import V3_0_2
from pooltwin.protocol.releases.v3_2.release import V3_2

from .harness.artifacts import ArtifactSet
from .harness.evm import Outcome, calldata
from .harness.given import Release
from .harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with
from .harness.market import ACCOUNTS, ADMIN, MAX_UINT, SUPPLY, open_market
from .harness.releases import init_reserves, listing
from .situations.scripted_receiver import place_scripted_receiver, script
from .v3_0_2.tour import FLASH_LOAN, STABLES

E_MODE = "setUserEMode(uint8)"
AS_COLLATERAL = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
AGENT = "0x" + "c0" * 20
"""A borrower that is a contract."""
DOLLARS = 10**6
TOO_MUCH, ALLOWED_IN_E_MODE = 950 * DOLLARS, 800 * DOLLARS


class Loan:
    """A market in lockstep on which an agent has supplied a thousand dollars of one token, to borrow another."""

    def __init__(self, artifacts: ArtifactSet, revision: str, collateral: str) -> None:
        _, self.recorder = open_market(artifacts, revision, 1, 1, in_lockstep_with(revision))
        chain = self.recorder.chain
        assert isinstance(chain, LockstepChain)
        self.chain = chain
        gusd = self.recorder.address("GUSD")
        self.recorder.transact(ADMIN, "configurator", "setReserveFlashLoaning(address,bool)", gusd, True)
        self.endow(collateral)
        self.recorder.transact(AGENT, "vGUSD", "approveDelegation(address,uint256)", ACCOUNTS[0], MAX_UINT)
        self.recorder.transact(AGENT, "pool", SUPPLY, self.recorder.address(collateral), 1000 * DOLLARS, AGENT, 0)

    def endow(self, symbol: str) -> None:
        """Give the agent a token that the pool may take."""
        self.recorder.transact(ADMIN, symbol, "mint(address,uint256)", AGENT, 10**12)
        self.recorder.transact(AGENT, symbol, "approve(address,uint256)", self.recorder.address("pool"), MAX_UINT)

    def borrow(self, amount: int, *calls: tuple[Any, ...]) -> Outcome:
        """Borrow against the agent's collateral by flash loan, during which the agent makes these calls."""
        recorder = self.recorder
        place_scripted_receiver(self.chain, AGENT)
        params = script(*((recorder.address(target), *call) for target, *call in calls))
        arguments = (AGENT, [recorder.address("GUSD")], [amount], [2], AGENT, params, 0)
        outcome = recorder.transact(ACCOUNTS[0], "pool", FLASH_LOAN, *arguments)
        self.chain.compare_storage()
        return outcome


CATEGORIES = pytest.mark.parametrize(("before", "during"), [(0, STABLES), (STABLES, 0), (STABLES, STABLES)])


@CATEGORIES
def test_the_category_from_before_counts(artifacts_v3_0_2: ArtifactSet, before: int, during: int) -> None:
    loan = Loan(artifacts_v3_0_2, "3.0.2", "USDT")
    loan.recorder.transact(AGENT, "pool", E_MODE, before)
    assert loan.borrow(ALLOWED_IN_E_MODE, ("pool", E_MODE, during)).ok is (before == STABLES)


@CATEGORIES
def test_later_the_category_from_afterwards_counts(release: Release, before: int, during: int) -> None:
    loan = Loan(release.artifacts, release.revision, "USDC")
    loan.recorder.transact(AGENT, "pool", E_MODE, before)
    assert loan.borrow(ALLOWED_IN_E_MODE, ("pool", E_MODE, during)).ok is (during == STABLES)


def with_a_listing(artifacts: ArtifactSet) -> tuple[Loan, list[tuple[Any, ...]]]:
    """A loan whose agent may list assets, and the calls that list one and supply it."""
    loan = Loan(artifacts, "3.0.2", "USDT")
    recorder = loan.recorder
    token = recorder.deploy("NEW", "TestnetERC20", ["NEW", "NEW", 6, ADMIN])
    feed = recorder.deploy("agg_NEW", "MockAggregator", [10**8])
    recorder.transact(ADMIN, "oracle", "setAssetSources(address[],address[])", [token], [feed])
    loan.endow("NEW")
    for role in ("AssetListingAdmin", "RiskAdmin"):
        recorder.transact(ADMIN, "acl", f"add{role}(address)", AGENT)
    entry = listing(recorder, "NEW", (9000, 0, 100, 1000))
    return loan, [
        ("configurator", init_reserves(recorder), [entry]),
        ("configurator", AS_COLLATERAL, token, 8000, 8500, 10500),
        ("pool", SUPPLY, token, 10**10, AGENT, 0),
    ]


def test_what_was_listed_meanwhile_is_no_collateral_yet(artifacts_v3_0_2: ArtifactSet) -> None:
    loan, calls = with_a_listing(artifacts_v3_0_2)
    assert not loan.borrow(TOO_MUCH, *calls).ok
    loan, calls = with_a_listing(artifacts_v3_0_2)
    for target, signature, *arguments in calls:
        assert loan.recorder.transact(AGENT, target, signature, *arguments).ok
    assert loan.borrow(TOO_MUCH).ok


def forgetful(loan: Loan) -> None:
    """Have the twin look after the callback, as it does in v3.2."""
    loan.chain.twin.revision = replace(V3_0_2, known_borrower=V3_2.known_borrower)


def test_a_twin_that_looks_too_late_is_noticed(artifacts_v3_0_2: ArtifactSet) -> None:
    loan = Loan(artifacts_v3_0_2, "3.0.2", "USDT")
    forgetful(loan)
    with pytest.raises(DifferenceError, match=r"Error\('36': CollateralCannotCoverNewBorrow\)"):
        loan.borrow(ALLOWED_IN_E_MODE, ("pool", E_MODE, STABLES))
    loan, calls = with_a_listing(artifacts_v3_0_2)
    forgetful(loan)
    with pytest.raises(DifferenceError, match=r"Error\('36': CollateralCannotCoverNewBorrow\)"):
        loan.borrow(TOO_MUCH, *calls)


# --- scripts that are no scripts --------------------------------------------------------------------------------------

FLASH_LOAN_SIMPLE = "flashLoanSimple(address,address,uint256,bytes,uint16)"
GARBLED = 400


def garbled(rng: random.Random, params: bytes) -> bytes:
    """A script cut short, gone on with, or with another byte or word in it."""
    shape = rng.randrange(5)
    if shape == 0:
        return params[: rng.randrange(len(params) + 1)]
    if shape == 1:
        return params + rng.randbytes(rng.randrange(1, 100))
    changed = bytearray(params)
    if shape == 2:
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        return bytes(changed)
    at = rng.randrange(len(changed) // 32) * 32
    word = rng.choice((0, 1, 4, 31, 32, 33, 100, 2**31, 2**64, 2**160, 2**255, 2**256 - 1, 2**256 - 64))
    changed[at : at + 32] = word.to_bytes(32, "big")
    return bytes(changed)


def test_a_scripted_receiver_is_its_bytecode_for_any_parameters(any_release: Release) -> None:
    loan = Loan(any_release.artifacts, any_release.revision, "USDC")
    recorder, rng = loan.recorder, random.Random("garbled")
    place_scripted_receiver(loan.chain, AGENT)
    gusd, pool = recorder.address("GUSD"), recorder.address("pool")
    identity, nobody = f"0x{4:040x}", "0x" + "99" * 20
    whole = script(
        (recorder.address("USDC"), "transfer(address,uint256)", ACCOUNTS[1], 5),
        (identity, "anything(uint256)", 7),
        (nobody, "anything(uint256)", 7),
        (pool, E_MODE, STABLES),
        (gusd, "approve(address,uint256)", pool, MAX_UINT),
    )
    succeeded = 0
    for number in range(GARBLED):
        params = whole if number == 0 else garbled(rng, whole)
        with loan.chain.undone():
            arguments = (AGENT, gusd, 0, params, 0)
            succeeded += recorder.transact(ACCOUNTS[0], "pool", FLASH_LOAN_SIMPLE, *arguments).ok
            recorder.transact(ACCOUNTS[0], "pool", FLASH_LOAN, AGENT, [gusd], [0], [0], AGENT, params, 0)
            callback = calldata("executeOperation(address,uint256,uint256,address,bytes)", gusd, 0, 0, AGENT, params)
            loan.chain.transact(ACCOUNTS[0], AGENT, callback)
    assert GARBLED // 10 < succeeded < GARBLED
    loan.chain.compare_storage()
