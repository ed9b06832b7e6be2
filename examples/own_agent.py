"""An agent of one's own among those that ship: people who keep their leverage while the price wanders.

How many steps they take together is an argument: `own_agent.py 100000`.
"""

import sys
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market
from pooltwin.scenarios import (
    Agent,
    ConstantProduct,
    Draws,
    Hand,
    Lender,
    Liquidator,
    Path,
    Simulation,
    SingleVenue,
    Wake,
    World,
)

WAD, UNIT, ETHER, PEOPLE, BLOCKS_A_PRICE, SECONDS_A_BLOCK = 10**18, 10**6, 10**18, 4, 25, 12


class Balancer(Agent):
    """Borrows and buys while its health factor is high, sells and repays while it is low. Looks in every block."""

    wakes_on: ClassVar[Wake] = Wake.NOTHING

    lowest: int = 140 * WAD // 100
    highest: int = 144 * WAD // 100
    _steps: int = 0

    def start(self, world: World, me: Hand) -> None:
        """Bring ten ether."""
        me.fund("WETH", 10 ** (1 + world.decimals("WETH")))
        me.supply("WETH", me.balance("WETH"))

    def act(self, world: World, me: Hand) -> int:
        """Take one step, and come back in the next block."""
        self._steps += 1
        if me.health_factor < self.lowest and (withdrawn := me.withdraw("WETH", ETHER // 4)):
            me.sell("WETH", withdrawn.value, into="USDC")
            me.repay("USDC", me.balance("USDC"))
        elif me.health_factor > self.highest:
            me.borrow("USDC", 500 * UNIT)
            me.buy("WETH", world.units("WETH", Fraction(490)), paying="USDC")
            me.supply("WETH", me.balance("WETH"))
        return world.block + 1


def wandering(price: Fraction, blocks: int) -> Path:
    """A price that moves by up to 1% every five minutes."""
    draws, ticks = Draws(7, "price of ether"), []
    for block in range(0, blocks + 1, BLOCKS_A_PRICE):
        ticks.append((block * SECONDS_A_BLOCK, price))
        price = Fraction(round(price * (9_900 + draws.below(201)) / 10_000 * 100), 100)
    return Path(ticks)


def play(blocks: int) -> World:
    """Four people, who lends to them, and who watches them."""
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    path = wandering(Fraction(2_239), blocks)
    world = World(
        market,
        agents=[
            Lender(name="lender", supplies={"USDC": Decimal(10**6)}),
            Liquidator(name="liquidator", funding="flash loan"),
            *(Balancer(name=f"balancer {number}") for number in range(PEOPLE)),
        ],
        prices={"WETH": path},
        venues={"WETH": SingleVenue(ConstantProduct(Fraction(10**8)), 18, path.price(0), half_life_s=600)},
        seed=1,
        rows_every=300,
    )
    Simulation(world, blocks).run()
    return world


def main() -> None:
    """Play the steps twice, and show that both runs are the same."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    world, again = (play(steps // PEOPLE) for _ in range(2))
    taken = sum(seat.agent._steps for seat in world.seats.values() if isinstance(seat.agent, Balancer))
    calls = world.record.calls
    print(f"{taken} steps in {world.block - world.first_block} blocks, {len(calls)} calls")
    print("refused:", sorted({call.words for call in world.record.refusals}) or "nothing")
    print("liquidations:", len(world.record.notes("liquidation")))
    row = world.observe()
    print("ether costs", row.prices["WETH"][1] // 10**8, "dollars; liquidatable accounts:", row.liquidatable)
    print("the same again:", world.record.digest() == again.record.digest())


if __name__ == "__main__":
    main()
