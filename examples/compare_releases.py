"""Two releases living through one history: which call comes out differently, and what it adds up to."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pooltwin.invariants import Action, standard_history
from pooltwin.scenarios import compare, print_comparison
from rich.console import Console

ACTIONS = (
    Action("bob", "pool", "borrow", ("USDC", 3 * 10**13 + 1, 2, 0, "bob")),
    Action.wait(30 * 86_400),
    Action("bob", "pool", "repay", ("USDC", 10**12 + 1, 2, "bob")),
    Action.price("WETH", 150_000_000_000),
    Action("carol", "pool", "withdraw", ("WETH", 10**18 + 1, "carol")),
)


def main() -> None:
    """Play the history on v3.4 and v3.5, which began to round in the pool's favour."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "history.json"
        standard_history("3.5").with_actions(ACTIONS).write(path)
        comparison = compare(path, ["3.4"], "3.5")
    print_comparison(comparison, Console(width=160))


if __name__ == "__main__":
    main()
