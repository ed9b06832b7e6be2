"""History that provokes, on the real contracts of v3.7, what only this release has; npm does not publish it.

`python -m tests.contracts.provoked.history_of_v3_7 OUT.jsonl.gz ARTIFACTS` writes the recording. The calls run in
lockstep with the twin, each must come to what is written beside it, and unlike arrangements they are not undone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ..harness.artifacts import load_file
from ..harness.evm import ZERO_ADDRESS, selector
from ..harness.hits import outcomes
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, MAX_UINT, RECEIVER, UMBRELLA, open_market
from ..harness.releases import TREASURY
from ..harness.world import Call
from ..histories.user_calls import BORROW
from ..histories.usurped import CONFIGURATOR_ID, SET_ADDRESS
from ..situations.arrangement import Cast, Permit, call
from ..situations.offices import ALLOW, COLLATERAL, DETHRONED, TRANSFER, TRANSFER_FROM
from ..situations.pool import MANAGER, USE_FOR, pool

CATEGORY = "setEModeCategory(uint8,uint16,uint16,uint16,string,bool)"
CATEGORY_ISOLATED = "setEModeCategoryIsolated(uint8,bool)"
POOL_CATEGORY = "configureEModeCategory(uint8,(uint16,uint16,uint16,bool,string))"
POOL_ISOLATED = "configureEModeCategoryIsolated(uint8,bool)"
IS_ISOLATED = "getIsEModeCategoryIsolated(uint8)"
OWNERSHIP, RENOUNCE = "transferOwnership(address)", "renounceOwnership()"
MINT, MINT_TO_SELF = "mint(address,uint256)", "mint(uint256)"
GOOD = (9, 9000, 9300, 10200, "good", True)
EMPTY = "empty revert"
NO_ANSWER = "Error('Cannot call fallback function from the proxy admin')"
OK = ""
"""No matter which events."""


class Cut(NamedTuple):
    """A call whose calldata ends behind the selector."""

    sender: str
    to: str
    signature: str


def _set_up(signature: str, *arguments: object) -> Call:
    return call("admin", "configurator", signature, *arguments)


HISTORY: Sequence[tuple[str, Call | Permit | Cut]] = (
    # Categories that isolate
    ("CallerNotRiskOrPoolAdmin", call("bob", "configurator", CATEGORY, *GOOD)),
    ("EModeCategoryReserved", _set_up(CATEGORY, 0, *GOOD[1:])),
    ("InvalidEmodeCategoryParams", _set_up(CATEGORY, 9, 9400, 9300, 10200, "bad", True)),
    ("EModeCategoryReserved", _set_up(CATEGORY_ISOLATED, 0, True)),
    ("CallerNotPoolConfigurator", pool("bob", POOL_CATEGORY, 9, (9000, 9300, 10200, True, "good"))),
    ("CallerNotPoolConfigurator", pool("bob", POOL_ISOLATED, 9, True)),
    *(
        (EMPTY, Cut("admin", to, signature))
        for to, signature in (
            ("configurator", CATEGORY),
            ("configurator", CATEGORY_ISOLATED),
            ("pool", POOL_CATEGORY),
            ("pool", POOL_ISOLATED),
            ("pool", IS_ISOLATED),
        )
    ),
    (OK, DETHRONED),
    ("CallerNotPoolConfigurator", _set_up(CATEGORY, *GOOD)),
    ("CallerNotPoolConfigurator", _set_up(CATEGORY_ISOLATED, 1, True)),
    ("EModeCategoryReserved", pool("erin", POOL_CATEGORY, 0, (9000, 9300, 10200, True, "good"))),
    ("EModeCategoryReserved", pool("erin", POOL_ISOLATED, 0, True)),
    (OK, call("admin", "provider", SET_ADDRESS, CONFIGURATOR_ID, "configurator")),
    ("event EModeCategoryAdded", _set_up(CATEGORY, *GOOD)),
    ("event EModeCategoryIsolationChanged", _set_up(CATEGORY_ISOLATED, 9, False)),
    # Collateral that lends nothing
    (OK, pool("bob", BORROW, "WETH", 10**20, 2, 0, "bob")),
    (OK, pool("bob", MANAGER, "alice", True)),
    (OK, pool("bob", "setUserUseReserveAsCollateral(address,bool)", "USDT", False)),
    (OK, _set_up(COLLATERAL, "USDT", 0, 7800, 10450)),
    ("UserHasAssetWithZeroLtv", pool("alice", USE_FOR, "USDT", True, "bob")),
    # The test token's own errors
    ("OwnableUnauthorizedAccount", call("bob", "GUSD", MINT, "bob", 1)),
    ("OwnableUnauthorizedAccount", call("bob", "GUSD", MINT_TO_SELF, 1)),
    ("OwnableUnauthorizedAccount", call("bob", "GUSD", OWNERSHIP, "bob")),
    ("OwnableUnauthorizedAccount", call("bob", "GUSD", RENOUNCE)),
    ("OwnableInvalidOwner", call("admin", "GUSD", OWNERSHIP, "nobody")),
    ("ERC20InvalidReceiver", call("admin", "GUSD", MINT, "nobody", 1)),
    ("Panic(0x11)", call("admin", "GUSD", MINT, "bob", MAX_UINT)),
    ("Panic(0x11)", call("admin", "GUSD", MINT_TO_SELF, MAX_UINT)),
    ("ERC20InvalidSpender", call("bob", "GUSD", ALLOW, "nobody", 1)),
    ("ERC20InvalidApprover", call("nobody", "GUSD", ALLOW, "bob", 1)),
    ("ERC20InvalidReceiver", call("bob", "GUSD", TRANSFER, "nobody", 1)),
    ("ERC20InvalidSender", call("nobody", "GUSD", TRANSFER, "bob", 0)),
    ("ERC20InsufficientBalance", call("bob", "GUSD", TRANSFER, "carol", 2**200)),
    (OK, call("bob", "GUSD", ALLOW, "carol", 2**200)),
    ("ERC20InsufficientAllowance", call("carol", "GUSD", TRANSFER_FROM, "bob", "carol", 2**201)),
    ("ERC20InsufficientBalance", call("carol", "GUSD", TRANSFER_FROM, "bob", "carol", 2**199)),
    ("ERC20InvalidReceiver", call("carol", "GUSD", TRANSFER_FROM, "bob", "nobody", 1)),
    ("ERC20InvalidSpender", call("nobody", "GUSD", TRANSFER_FROM, "bob", "carol", 0)),
    ("ERC20InvalidApprover", call("carol", "GUSD", TRANSFER_FROM, "nobody", "carol", 0)),
    ("ERC20InvalidSpender", Permit("GUSD", "nobody", 1)),
    (OK, call("admin", "GUSD", RENOUNCE)),
    ("ERC20InvalidReceiver", call("nobody", "GUSD", MINT_TO_SELF, 1)),
    # Roles that a token of the market is to keep
    (OK, call("admin", "provider", "setACLManager(address)", "aUSDC")),
    (NO_ANSWER, _set_up(CATEGORY, *GOOD)),
    (NO_ANSWER, _set_up(CATEGORY_ISOLATED, 9, True)),
)


def _call(cast: Cast, chain: LockstepChain, asked: Permit) -> Call:
    return cast.permit(asked, chain.twin.at(cast.at(asked.token)).domain_separator())


def main(
    output: Annotated[Path, typer.Argument(help="File to write.", dir_okay=False)],
    artifacts: Annotated[Path, typer.Argument(help="Artifacts of v3.7, as v3.6's are read.", exists=True)],
) -> None:
    """Record the history. Raises DifferenceError, or ValueError for a call that comes to something else."""
    head, recorder = open_market(load_file(artifacts), "3.7", 0, len(HISTORY), in_lockstep_with("3.7"))
    head["addresses"] = {**head["addresses"], "nobody": ZERO_ADDRESS}
    cast, chain = Cast(recorder), recorder.chain
    assert isinstance(chain, LockstepChain)
    for expected, asked in HISTORY:
        made = _call(cast, chain, asked) if isinstance(asked, Permit) else asked
        data = selector(made.signature) if isinstance(made, Cut) else cast.data(made)
        recorder.transact_raw(cast.at(made.sender), made.to, made.signature, data)
        receipt = chain.twin.receipt
        assert receipt is not None
        seen = outcomes(receipt)
        if expected not in seen and not (expected == OK and receipt.ok):
            raise ValueError(f"{asked} comes to {sorted(seen)}, not {expected or 'anything'}")
    recorder.record_state(head["reserves"], (*ACCOUNTS, RECEIVER, UMBRELLA, TREASURY))
    recorder.write(output, head)
    typer.echo(f"{output}: {len(recorder.records)} records")


if __name__ == "__main__":
    typer.run(main)
