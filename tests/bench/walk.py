"""How long a step of a recorded walk takes in one checkout, made directly and through a contract, watched and not.

As `timing.py`, it imports nothing of the tests, and of the twin only what has long had its name.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from importlib import import_module
from math import inf
from pathlib import Path
from time import process_time
from typing import Any

WAYS = ("directly", "through a contract")


def found_in(name: str, *modules: str) -> Any:
    """A name from the first of some modules that there is. Raises ImportError where none of them has it."""
    for module in modules:
        try:
            return getattr(import_module(f"pooltwin.{module}"), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(f"no {name} in {', '.join(modules)}")


def build_courier(stage: Any) -> Any:
    """A contract that performs actions, and swallows reverts as a stage does."""
    external = found_in("external", "protocol.machine.function", "protocol.contracts.function")
    foreign = found_in("ForeignContract", "protocol.contracts.foreign")

    def carry(self: Any, *, sender: str) -> None:
        stage.act(self.action)

    courier = type("Courier", (foreign,), {"KIND": "Courier", "carry": external("carry()")(carry), "action": None})
    return stage.chain.deploy(courier, "0x" + "c0" * 20)


def senders(stage: Any, way: str) -> Callable[[Any], object]:
    """Returns what performs an action, by some way; what is no call is performed as ever."""
    if way == "directly":
        perform: Callable[[Any], object] = stage.perform
        return perform
    courier = build_courier(stage)

    def send(action: Any) -> None:
        if not action.sender or action.function in ("initReserves", "dropReserve", "setAssetSources"):
            stage.perform(action)
            return
        courier.action = action
        courier.carry(sender=stage.address_of(action.sender))

    return send


def seconds_a_step(history: Any, way: str, *, watched: bool) -> float:
    """Replay a history once, on a fresh market. Returns seconds of processor time for a step."""
    stage = history.stage()
    send = senders(stage, way)
    actions: Sequence[Any] = history.actions
    monitor = None
    if watched:
        laws = found_in("all_laws", "invariants.catalogue")()
        monitor = found_in("Monitor", "invariants.monitor")(stage.market, laws, stop=False).attach()
    gc.collect()
    gc.disable()
    started = process_time()
    for action in actions:
        send(action)
    spent = process_time() - started
    gc.enable()
    if monitor is not None:
        monitor.detach()
    return spent / len(actions)


def measure_walk(path: Path, seconds: float) -> dict[str, float]:
    """The shortest time of a step by each way, watched by every law and by nobody, the ways by turns."""
    history = found_in("read_history", "invariants.history")(path)
    times: dict[str, float] = {}
    end = process_time() + 4 * seconds
    while not times or process_time() < end:
        for watched in (False, True):
            for way in WAYS:
                name = f"step {way}, " + ("every law watching" if watched else "unwatched")
                times[name] = min(times.get(name, inf), seconds_a_step(history, way, watched=watched))
    return times
