"""How long a step of a recorded walk takes in one checkout, made directly and through a contract, watched and not.

As `timing.py`, it imports nothing of the tests, and of the twin only what has long had its name.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time
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


def seconds_of_steps(history: Any, way: str, *, watched: bool) -> list[float]:
    """Replay a history once, on a fresh market. Returns the time of each step."""
    stage = history.stage()
    send = senders(stage, way)
    monitor = None
    if watched:
        laws = found_in("all_laws", "invariants.catalogue")()
        monitor = found_in("Monitor", "invariants.monitor")(stage.market, laws, stop=False).attach()
    gc.collect()
    gc.disable()
    times = []
    for action in history.actions:
        started = perf_counter()
        send(action)
        times.append(perf_counter() - started)
    gc.enable()
    if monitor is not None:
        monitor.detach()
    return times


def measure_walk(path: Path, seconds: float) -> dict[str, float]:
    """The mean time of a step by each way, watched by every law and by nobody, each step's shortest of many replays.

    The ways take turns. What else the machine does meets now this step and now that, so that the shortest are clean.
    """
    history = found_in("read_history", "invariants.history")(path)
    kinds = [(way, watched) for watched in (False, True) for way in WAYS]
    shortest: dict[tuple[str, bool], list[float]] = {}
    end = process_time() + 20 * seconds
    while not shortest or process_time() < end:
        for way, watched in kinds:
            times = seconds_of_steps(history, way, watched=watched)
            shortest[way, watched] = list(map(min, times, shortest.get((way, watched), times)))
    return {
        f"step {way}, {'every law watching' if watched else 'unwatched'}": sum(times) / len(times)
        for (way, watched), times in shortest.items()
    }
