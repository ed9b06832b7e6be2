"""Re-entrance through a hostile transfer strategy, beside the real controller: what it does in the midst of a claim."""

import random
from collections import Counter

import pytest
from pooltwin.protocol.releases.v3_7.release import V3_7

from ..harness.evm import Outcome
from ..harness.given import Release
from ..harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, MAX_UINT, SUPPLY, must, open_market
from ..harness.releases import REWARDS
from .hostile_strategy import Inner, inner, place_hostile_strategy
from .reward_calls import CONFIG, EMISSIONS, STRATEGY, VAULT, deploy_rewards

HOSTILE = "0x" + "e5" * 20
CLAIM_ALL = "claimAllRewardsToSelf(address[])"
CLAIM_FOR = "claimAllRewardsOnBehalf(address[],address,address)"
TOKENS = ("aWETH", "vUSDC", "aUSDC")
RATE = 10**12


class Trap:
    """A market with rewards, of which two are paid by the hostile strategy and one by an honest one.

    The strategy is a user like others, the claimer of one of them, and the admin of all rewards.
    """

    def __init__(self, release: Release) -> None:
        make = in_lockstep_with(release.revision)
        _, self.recorder = open_market(release.artifacts, release.revision, 1, 1, make, before_tokens=deploy_rewards)
        chain = self.recorder.chain
        assert isinstance(chain, LockstepChain)
        self.chain, self.user = chain, ACCOUNTS[0]
        self.assets = [self.address(token) for token in TOKENS]
        self.end = chain.timestamp + 10**6
        for account in (self.user, HOSTILE):
            self.endow(account)
        self.will_do()
        for symbol, payer in (("GUSD", HOSTILE), ("LINK", self.address(STRATEGY)), ("USDC", HOSTILE)):
            appoint = ("setEmissionAdmin(address,address)", self.address(symbol))
            must(self.recorder, ADMIN, EMISSIONS, *appoint, ADMIN)
            configs = [self.config(token, symbol, payer) for token in TOKENS]
            must(self.recorder, ADMIN, EMISSIONS, f"configureAssets({CONFIG}[])", configs)
            must(self.recorder, ADMIN, EMISSIONS, *appoint, HOSTILE)
        for symbol in ("GUSD", "LINK", "USDC", "WETH"):
            self.honest_vault(symbol)
        must(self.recorder, ADMIN, EMISSIONS, "setClaimer(address,address)", self.user, HOSTILE)
        self.wait(1000)

    def address(self, label: str) -> str:
        """The address behind a label."""
        return self.recorder.address(label)

    def config(self, token: str, symbol: str, payer: str) -> tuple[int | str, ...]:
        """What configures one reward of one token."""
        return (RATE, 0, self.end, self.address(token), self.address(symbol), payer, self.address("agg_LINK"))

    def honest_vault(self, symbol: str) -> None:
        """Let the honest strategy pay."""
        must(self.recorder, ADMIN, symbol, "mint(address,uint256)", VAULT, 10**30)
        must(self.recorder, VAULT, symbol, "approve(address,uint256)", self.address(STRATEGY), MAX_UINT)

    def endow(self, account: str) -> None:
        """Give an account tokens, a supply and a debt."""
        for symbol in ("WETH", "USDC", "LINK"):
            must(self.recorder, ADMIN, symbol, "mint(address,uint256)", account, 10**24)
            must(self.recorder, account, symbol, "approve(address,uint256)", self.address("pool"), MAX_UINT)
        must(self.recorder, account, "pool", SUPPLY, self.address("WETH"), 10**18, account, 0)
        borrow = "borrow(address,uint256,uint256,uint16,address)"
        must(self.recorder, account, "pool", borrow, self.address("USDC"), 10**8, 2, 0, account)

    def will_do(self, *calls: Inner) -> None:
        """Say what the strategy does from now on instead of paying."""
        place_hostile_strategy(self.chain, HOSTILE, calls)

    def wait(self, seconds: int) -> None:
        """Rewards accrue."""
        self.chain.set_time(self.chain.timestamp + seconds, self.chain.block_number + 1)

    def claim(self) -> Outcome:
        """The user claims everything, and all storage is compared."""
        outcome = self.recorder.transact(self.user, REWARDS, CLAIM_ALL, self.assets)
        self.chain.compare_storage()
        return outcome

    def owed(self, account: str, symbol: str) -> int:
        """What somebody is owed of a reward."""
        signature, arguments = "getUserRewards(address[],address,address)", (self.assets, account, self.address(symbol))
        return int.from_bytes(must(self.recorder, ADMIN, REWARDS, signature, *arguments))

    # --- what a strategy may think of

    def moves(self, rng: random.Random) -> list[Inner]:
        """Calls of controller, manager, pool and tokens, each drawn with amounts of its own."""
        controller, pool, manager = self.address(REWARDS), self.address("pool"), self.address(EMISSIONS)
        weth, usdc, amount = self.address("WETH"), self.address("USDC"), rng.randrange(1, 10**17)
        rewards = [self.address(symbol) for symbol in ("GUSD", "LINK", "USDC")]
        asset, reward = rng.choice(self.assets), rng.choice(rewards)
        payer = rng.choice((HOSTILE, self.address(STRATEGY)))
        one_reward = (self.assets, amount, self.user, reward)
        fresh = (amount, 0, self.end, asset, weth, payer, self.address("agg_LINK"))
        return [
            inner(controller, CLAIM_FOR, self.assets, self.user, HOSTILE),
            inner(controller, CLAIM_ALL, self.assets),
            inner(controller, "claimRewards(address[],uint256,address,address)", *one_reward),
            inner(controller, "handleAction(address,uint256,uint256)", self.user, 10**30, 10**29),
            inner(manager, "setEmissionPerSecond(address,address[],uint88[])", asset, [reward], [amount]),
            inner(manager, "setDistributionEnd(address,address,uint32)", asset, reward, self.chain.timestamp),
            inner(manager, "setTransferStrategy(address,address)", reward, payer),
            inner(manager, f"configureAssets({CONFIG}[])", [fresh]),
            inner(pool, SUPPLY, weth, amount, rng.choice((HOSTILE, self.user)), 0),
            inner(pool, "withdraw(address,uint256,address)", weth, amount, HOSTILE),
            inner(pool, "repay(address,uint256,uint256,address)", usdc, amount % 10**7 + 1, 2, self.user),
            inner(pool, "borrow(address,uint256,uint256,uint16,address)", usdc, amount % 10**7 + 1, 2, 0, HOSTILE),
            inner(self.address("aWETH"), "transfer(address,uint256)", self.user, amount),
            inner(rng.choice(rewards), "transfer(address,uint256)", self.user, 1),
        ]


@pytest.fixture(scope="module")
def trap(release: Release) -> Trap:
    """One market for all; what a test changes in it stays."""
    return Trap(release)


def test_a_second_claim_inside_the_first_finds_nothing_left(trap: Trap) -> None:
    controller = trap.address(REWARDS)
    trap.will_do(inner(controller, CLAIM_FOR, trap.assets, trap.user, HOSTILE, must=True))
    owed = {symbol: trap.owed(trap.user, symbol) for symbol in ("GUSD", "LINK")}
    assert all(owed.values())
    paid_before = int.from_bytes(must(trap.recorder, ADMIN, "LINK", "balanceOf(address)", HOSTILE))
    assert trap.claim().ok
    assert trap.owed(trap.user, "GUSD") == trap.owed(trap.user, "LINK") == 0
    assert int.from_bytes(must(trap.recorder, ADMIN, "LINK", "balanceOf(address)", HOSTILE)) == paid_before


def test_a_payment_that_gives_up_takes_the_claim_with_it(trap: Trap) -> None:
    trap.wait(500)
    owed = trap.owed(trap.user, "LINK")
    trap.will_do(inner(trap.address("pool"), SUPPLY, trap.address("WETH"), 0, HOSTILE, 0, must=True))
    assert not trap.claim().ok
    assert trap.owed(trap.user, "LINK") == owed > 0


def test_balances_that_change_in_the_midst_of_a_claim(trap: Trap) -> None:
    trap.wait(500)
    pool, weth = trap.address("pool"), trap.address("WETH")
    trap.will_do(
        inner(pool, SUPPLY, weth, 10**18, trap.user, 0, must=True),
        inner(pool, "withdraw(address,uint256,address)", weth, 10**17, HOSTILE, must=True),
        inner(trap.address("aWETH"), "transfer(address,uint256)", trap.user, 10**17, must=True),
    )
    assert trap.claim().ok
    assert trap.owed(trap.user, "GUSD") == 0


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_strategy_thinks_of(trap: Trap, seed: int) -> None:
    rng, outcomes = random.Random(f"hostile strategy {seed}"), Counter[bool]()
    for _ in range(15):
        trap.wait(rng.randrange(1, 5000))
        chosen = rng.sample(trap.moves(rng), rng.randrange(1, 5))
        trap.will_do(*(call._replace(must=rng.random() < 0.2) for call in chosen))
        outcomes[trap.claim().ok] += 1
        one = (trap.assets, rng.randrange(1, 10**16), ACCOUNTS[2], trap.address(rng.choice(("GUSD", "LINK", "USDC"))))
        trap.recorder.transact(trap.user, REWARDS, "claimRewards(address[],uint256,address,address)", *one)
    trap.chain.compare_storage()
    assert outcomes[True] > 5


def test_a_twin_that_books_too_late_is_noticed(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = Trap(release)
    controller = V3_7.contracts["RewardsController"]
    monkeypatch.setattr(controller, "_book", lambda *_: None)
    trap.will_do(inner(trap.address(REWARDS), CLAIM_FOR, trap.assets, trap.user, HOSTILE))
    with pytest.raises(DifferenceError, match="claimAllRewardsToSelf"):
        trap.claim()
