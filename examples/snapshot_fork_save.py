"""Going back in time, living in parallel, and keeping a state in a file."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market, SavedStateError, load, named_address, save

ETHER = 10**18


def main() -> None:
    """Do one after the other with the same market."""
    market, alice = Market.deploy(load_market("ethereum-core-2026-02")), named_address("alice")
    weth = market.asset("WETH")
    market.fund("WETH", alice, ETHER)
    before = market.chain.digest()

    moment = market.chain.snapshot()
    market.pool.supply(weth, ETHER, sender=alice)
    market.chain.advance(86_400)
    market.chain.revert_to(moment)
    print("back as it was:", market.chain.digest() == before)

    branch = market.fork()
    branch.pool.supply(weth, ETHER, sender=alice)
    print("here", market.a_token("WETH").balance_of(alice), "and there", branch.a_token("WETH").balance_of(alice))

    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        save(branch.chain, path)
        again = Market(load(path), branch.provider.address)
        print("loaded as saved:", again.chain.digest() == branch.chain.digest())
        path.write_text(path.read_text().replace(f"{ETHER}", f"{ETHER + 1}", 1))
        try:
            load(path)
        except SavedStateError as refused:
            print("edited by a wei:", "has been edited" in str(refused))


if __name__ == "__main__":
    main()
