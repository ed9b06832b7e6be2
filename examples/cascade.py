"""A cascade: a fall liquidates, the liquidators' sales push the price, and the oracle tells the pool of it."""

import sys
from decimal import Decimal

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market
from pooltwin.scenarios import Agent, Hand, Lender, Liquidator, Simulation, World, make_paths, open_oracle, open_venue

WHOLE, CENT, THRESHOLD = 10**18, 10**6, 83
BEFORE, AFTER = 2_100, 1_900
HOURS = 2


class Holder(Agent):
    """Holds ether, owes dollars, and does nothing about it."""

    ether: int
    """Whole ether."""
    trigger: int
    """Dollars for an ether at which the position can be liquidated."""

    def start(self, world: World, me: Hand) -> None:
        """Supply and borrow."""
        del world
        me.fund("WETH", self.ether * WHOLE)
        me.supply("WETH", self.ether * WHOLE)
        me.borrow("USDC", self.ether * self.trigger * CENT * THRESHOLD // 100)

    def act(self, world: World, me: Hand) -> None:
        """Sleep."""


def play(depth_usd: int | None) -> World:
    """Let the price fall once, into a venue of this depth (dollars until the price is 2% lower); None is infinite."""
    venue = {"kind": "infinite"} if depth_usd is None else {"kind": "constant_product", "depth_2pct_usd": depth_usd}
    falls = {"kind": "given", "points": [[0, BEFORE], [600, AFTER]]}
    paths = make_paths({"WETH": falls}, duration_s=HOURS * 3600)
    price = paths["WETH"].price(0)
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    market.set_price("WETH", BEFORE * 10**8)
    world = World(
        market,
        agents=[
            Lender(name="lender", supplies={"USDC": Decimal(2 * 10**9)}),
            *(Holder(name=f"trigger {at}", ether=24_000, trigger=at) for at in range(1_400, 1_995, 20)),
            Liquidator(name="liquidator", funding="unlimited"),
        ],
        prices=paths,
        venues={"WETH": open_venue({**venue, "half_life_s": 3600}, 18, price)},
        oracles={"WETH": open_oracle([{"kind": "deviation", "deviation_bps": 50, "heartbeat_s": 3600}], price)},
    )
    Simulation(world, HOURS * 300).run()
    return world


def tell(depth_usd: int | None) -> None:
    """Print what came of it."""
    record = play(depth_usd).record
    struck = len({each.borrower for each in record.liquidations})
    seized = sum(each.received for each in record.liquidations) // WHOLE
    low = min(each.raw for each in record.prints) // 10**8
    uncovered = max(row.uncovered_at_print_base for row in record.rows) / 10**14
    lost = record.rows[-1].lenders_loss_base / 10**14
    depth = "infinite" if depth_usd is None else f"{depth_usd / 10**6:.0f}M"
    print(f"{depth:>8} {struck:11} {seized:14,} {low:13,} {uncovered:13.1f}M {lost:13.1f}M")


def main(depths: list[str]) -> None:
    """Compare depths, in millions of dollars."""
    print(f"Ether falls once, from {BEFORE:,} to {AFTER:,} dollars. 30 positions of 24,000.")
    print("2% depth  liquidated   ether seized  lowest price  uncovered at  lost by")
    print("                                                       a print   lenders")
    asked: list[int | None] = [int(each) * 10**6 for each in depths]
    for depth in asked or [None, 180_000_000, 110_000_000, 35_000_000]:
        tell(depth)
    print("The fall is the same in every line; what sales do to the price is not.")
    print("Assumed: owners sleep, nobody else sells, half of what was sold is bought back")
    print("in an hour, and liquidators have all the money they want for what pays.")


if __name__ == "__main__":
    main(sys.argv[1:])
