"""Your contract in machines, campaigns and histories: named once, it is used like the pool itself."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from pooltwin.invariants import (
    Action,
    CampaignOptions,
    DynamicMachine,
    LawBroken,
    Stage,
    all_laws,
    check,
    read_history,
    run_campaign,
    standard_history,
)
from pooltwin.protocol import ZERO_ADDRESS, Address, EmptyRevert, external, named_address, view
from vault import Vault, deposits_keep_their_worth, with_vault

QUICK = settings(max_examples=20, stateful_step_count=40, deadline=None, derandomize=True)


class NaiveVault(Vault):
    """The same with a bug: a share is a part of all that the vault holds, gifts included."""

    @view("convertToAssets(uint256)", "uint256")
    def convert_to_assets(self, shares: int) -> int:
        """What shares are worth, rounded down."""
        total: int = self.shares[ZERO_ADDRESS]
        return shares * self._held() // total if total else shares

    @external("deposit(uint256)", "uint256")
    def deposit(self, amount: int, *, sender: Address) -> int:
        """Take tokens from the sender, who has approved them, and supply them for shares."""
        total: int = self.shares[ZERO_ADDRESS]
        shares = amount * total // self._held() if total else amount
        if not shares:
            raise EmptyRevert("too little for a share")
        self._lend(amount, sender)
        self._move(sender, shares)
        return shares

    def _held(self) -> int:
        held: int = self.chain.at(self.a_token).balance_of(self.address)
        return held


def with_naive_vault(stage: Stage) -> None:
    """Put a naive vault on a stage."""
    market = stage.market
    vault = market.chain.deploy(lambda chain, at: NaiveVault(chain, at, market, "USDC"), named_address("vault"))
    stage.add("vault", vault)


class VaultMachine(DynamicMachine):
    """Whatever can happen to the pool, with a vault between it and people."""

    setups = (with_vault,)
    laws = (*all_laws(), deposits_keep_their_worth)
    expected = ("vault.deposit", "vault.redeem")


class NaiveVaultMachine(VaultMachine):
    """The same with the bug, and the one law that hears it."""

    setups = (with_naive_vault,)
    laws = (deposits_keep_their_worth,)


def main() -> None:
    """Find the bug, see it gone without it, attack the pool and the vault, and keep a history in a file."""
    try:
        check(NaiveVaultMachine, QUICK)
    except LawBroken as broken:
        print("the naive vault:", broken, *broken.__notes__, sep="\n")
    tally = check(VaultMachine, QUICK)
    print("the vault: deposits tried", tally.attempts["vault.deposit"] > 0, "and every law held")

    history = standard_history().with_setups(with_vault)
    campaign = run_campaign(CampaignOptions(history, steps=1_000, episode_steps=1_000))
    print("a campaign with", *history.setups, "holds:", campaign.ok)

    history = history.with_actions(
        [
            Action("alice", "USDC", "approve", ("vault", 5 * 10**6)),
            Action("alice", "vault", "deposit", (5 * 10**6,)),
            Action.wait(86_400),
            Action("alice", "vault", "redeem", (10**6,)),
        ]
    )
    with TemporaryDirectory() as folder:
        history.write(Path(folder) / "history.json")
        receipts = read_history(Path(folder) / "history.json").replay()
    print("alice redeems from a history that was read:", receipts[-1] is not None and receipts[-1].value)


if __name__ == "__main__":
    main()
