"""Corners of what stands around the pool, where releases differ: recorded on the real contracts of any release.

`python -m tests.contracts.periphery.corners OUT.jsonl.gz` for v3.6; other releases with `--artifacts` and `--revision`.
The corners of the pool are acted out once more on a rollup's, and whatever is looked at there is shown by every view.
"""

from pathlib import Path
from typing import Annotated

import typer
from pooltwin.protocol.contracts.library import ACCOUNT_DATA

from ..corners.record import CORNERS
from ..corners.scene import LTV, THRESHOLD, WHALE, Scene, open_scene
from ..harness.artifacts import ArtifactSet
from ..harness.evm import ZERO_ADDRESS, Outcome, RealChain, selector
from ..harness.market import ADMIN, MAX_UINT, RECEIVER, UMBRELLA, header, token_arguments
from ..harness.recorder import MakeChain, Recorder
from ..harness.recording import record_on
from ..harness.releases import TREASURY, constructor_arguments, has, token_upgrade
from ..harness.replay import Record
from .around import deploy_around
from .compact import L2_POOL
from .reward_calls import deploy_rewards
from .settable import SET_STORAGE, SETTABLE_TOKEN, TRANSFER_WITH_INDEX

UI, INCENTIVES = "around UiPoolDataProviderV3", "around UiIncentiveDataProviderV3"
LIQUIDATIONS, BALANCES = "around LiquidationDataProvider", "around WalletBalanceProvider"
GATEWAY = "around WrappedTokenGatewayV3"
INFO = "getLiquidationInfo(address,address,address,uint256)"
RAY = 10**27
MINT_UNBACKED = "mintUnbacked(address,uint256,address,uint16)"
"""A function of the pool until v3.3, when the libraries were told how many reserves there are."""


class SceneAround(Scene):
    """A scene in which every liquidation is first asked about, and every look at something shows it in all views."""

    def has(self, label: str) -> bool:
        """Was it deployed in this release?"""
        return label in self.recorder.addresses

    def liquidate(self, borrower: str, collateral: str, debt: str, amount: int = MAX_UINT) -> Outcome:
        self.ask_what_would_be_liquidated(borrower, (collateral,), (debt,), amount)
        return super().liquidate(borrower, collateral, debt, amount)

    def ask_what_would_be_liquidated(
        self, borrower: str, collaterals: tuple[str, ...], debts: tuple[str, ...], amount: int = MAX_UINT
    ) -> None:
        """Ask for the amounts of liquidations, where the release tells them."""
        if self.has(LIQUIDATIONS):
            for collateral in collaterals:
                for debt in debts:
                    self.look(LIQUIDATIONS, INFO, borrower, self.address(collateral), self.address(debt), amount)

    def look_at_reserve(self, symbol: str) -> None:
        super().look_at_reserve(symbol)
        self.look(UI, "getReservesData(address)", self.address("provider"))

    def look_at_position(self, account: str) -> None:
        super().look_at_position(account)
        for view, signature in ((UI, "getUserReservesData"), (INCENTIVES, "getUserReservesIncentivesData")):
            self.look(view, f"{signature}(address,address)", self.address("provider"), account)


def unequal_rewards(recorder: Recorder) -> None:
    """Have the debt tokens name a rewards controller and the aTokens none, where tokens can differ in it."""
    deploy_rewards(recorder)
    kind, owners = "ATokenInstance", [recorder.address("pool"), ZERO_ADDRESS, TREASURY]
    recorder.deploy("atoken_impl", kind, constructor_arguments(recorder.chain.artifacts, kind, owners))


def libraries(scene: SceneAround) -> None:
    """What linked libraries answer by themselves."""
    for name in ("LiquidationLogic", "PoolLogic"):
        for constant in ("CLOSE_FACTOR_HF_THRESHOLD()", "MIN_LEFTOVER_BASE()", "MAX_LIQUIDATION_CLOSE_FACTOR()"):
            scene.look(name, constant)
    counted = ",uint256" if has(scene.recorder.chain.artifacts, "PoolInstance", MINT_UNBACKED) else ""
    shown = f"executeGetUserAccountData(uint256,uint256,uint256,uint256{counted},address,address,uint8)"
    for words in ((1, 2, 3, 1, 129, 0), (1, 2, 3, 1, 129, 0, 0, 0), (1, 2, 3, 0, 0, 0, 0, 0)):
        data = selector(ACCOUNT_DATA) + b"".join(word.to_bytes(32, "big") for word in words)
        scene.recorder.transact_raw(WHALE, "PoolLogic", shown, data)


def encoder_and_gateway(scene: SceneAround) -> None:
    """What they are asked for in one release and not in another."""
    asset = scene.address("WBTC")
    for signature, *arguments in (
        ("encodeSupplyParams(address,uint256,uint16)", asset, 10**8, 7),
        ("encodeSwapBorrowRateMode(address,uint256)", asset, 2),
        ("encodeRebalanceStableBorrowRate(address,address)", asset, WHALE),
    ):
        scene.look("around L2Encoder", signature, *arguments)
    for signature in ("WETH()", "POOL()", "getWETHAddress()"):
        scene.look(GATEWAY, signature)
    scene.recorder.transact_raw(WHALE, BALANCES, "receive()", b"")


def categories_in_views(scene: SceneAround) -> None:
    """What is shown of categories, and which of a rollup's own getters there are."""
    scene.look(UI, "getEModes(address)", scene.address("provider"))
    for signature in ("getEModeCategoryCollateralBitmap(uint8)", "getEModeCategoryLtvzeroBitmap(uint8)"):
        scene.look("pool", signature, 2)
    scene.look("pool", "getEModeLogic()")


def balances_that_anybody_writes(scene: SceneAround) -> None:
    """At an index of one and a half, how many shares is an odd amount? And may an allowance be renounced?"""
    recorder, (user, other) = scene.recorder, (scene.actor(), scene.actor())
    if SETTABLE_TOKEN not in recorder.chain.artifacts:
        return
    code = recorder.deploy("settable code", SETTABLE_TOKEN, token_arguments(recorder, SETTABLE_TOKEN))
    signature, arguments = token_upgrade(recorder, "a", "DUST", ("settable", "set"), code)
    scene.must(ADMIN, "configurator", signature, arguments)
    scene.must(user, "aDUST", SET_STORAGE, user, other, RAY, 1000, 1000)
    for amount in (1, 2, 3, 4, 100):
        scene.must(user, "aDUST", TRANSFER_WITH_INDEX, user, other, amount, RAY * 3 // 2)
        scene.look("aDUST", "scaledBalanceOf(address)", other)
    scene.call(user, "aDUST", "renounceAllowance(address)", other)


def healthy_no_more(scene: SceneAround) -> None:
    """Debts with odd fractions, of users in a category and outside, asked about at every price on the way down."""
    categories = {0: scene.supplier(WETH=7 * 10**18, USDC=999), 1: scene.supplier(WSTETH=5 * 10**18 + 1, GUSD=10**9)}
    for category, borrower in categories.items():
        scene.enter(borrower, category)
        for symbol, amount in (("USDC", 7_000_000_003), ("WBTC", 1_234_567), ("WETH", 10**17 + 7)):
            scene.borrow(borrower, symbol, amount)
    for bps in (8000, 6000, 5100, 3000):
        for symbol, price in (("WETH", 200_000_000_000), ("WSTETH", 240_000_000_000)):
            scene.recorder.set_price(symbol, price * bps // 10_000)
        for borrower in categories.values():
            for amount in (MAX_UINT, 1_000_003):
                pairs = ("WETH", "WSTETH", "USDC", "GUSD"), ("USDC", "WBTC", "WETH")
                scene.ask_what_would_be_liquidated(borrower, *pairs, amount)
            scene.look_at_position(borrower)
    for symbol, price in (("WETH", 200_000_000_000), ("WSTETH", 240_000_000_000)):
        scene.recorder.set_price(symbol, price)


def collateral_of_nothing(scene: SceneAround) -> None:
    """An asset without a threshold of its own, which a category may lend against: is it ready to be seized?"""
    borrower = scene.supplier(LINK=1000 * 10**18, WETH=10 * 10**18)
    scene.borrow(borrower, "USDC", 20_000 * 10**6)
    configuration = scene.configuration("LINK")
    scene.rewrite("LINK", 0, LTV, THRESHOLD)
    scene.recorder.set_price("WETH", 100_000_000_000)
    scene.ask_what_would_be_liquidated(borrower, ("LINK", "WETH"), ("USDC",))
    scene.recorder.set_price("WETH", 200_000_000_000)
    for field in (LTV, THRESHOLD):
        scene.rewrite("LINK", configuration >> field.first & (1 << field.width) - 1, field)


CORNERS_AROUND = (
    libraries,
    encoder_and_gateway,
    categories_in_views,
    balances_that_anybody_writes,
    healthy_no_more,
    collateral_of_nothing,
)


def run(artifacts: ArtifactSet, revision: str, make_chain: MakeChain = RealChain) -> tuple[Record, Recorder]:
    """Act out everything in one history: its header, and the recorder that holds its records."""
    scene = open_scene(artifacts, make_chain, SceneAround, L2_POOL, unequal_rewards)
    assert isinstance(scene, SceneAround)
    recorder = scene.recorder
    deploy_around(recorder)
    weth = recorder.deploy("WRAPPED", "WETH9", [])
    recorder.deploy(GATEWAY, "WrappedTokenGatewayV3", [weth, ADMIN, recorder.address("pool")])
    for corner in CORNERS_AROUND:
        corner(scene)
    for pool_corner in CORNERS:
        pool_corner(scene)
    scene.look(INCENTIVES, "getReservesIncentivesData(address)", recorder.address("provider"))
    users = (WHALE, *scene.actors)
    head = header(recorder, revision, 0, len(CORNERS), users)
    head["reserves"] = [*head["reserves"], "HIGH", "ISO"]
    recorder.record_state(head["reserves"], (*users, RECEIVER, UMBRELLA, TREASURY))
    return head, recorder


def main(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording.", dir_okay=False)],
    *,
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
) -> None:
    """Record all of it on the real contracts."""
    record_on(artifacts, output, lambda compiled: run(compiled, revision))


if __name__ == "__main__":
    typer.run(main)
