"""A whole history as a file: the market it begins with, its people, and every action, ready to be replayed.

The file is one JSON document. It carries its market's configuration, so it needs nothing else; or it names a saved
state, whose digest it remembers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pooltwin.protocol.bytecode_name import bytecode_named, is_bytecode
from pooltwin.protocol.contracts.addresses_provider import AddressesProvider
from pooltwin.protocol.file_kinds import FileKind, kind_of
from pooltwin.protocol.files import reason_of, write_text
from pooltwin.protocol.machine.engine import RunningMarket
from pooltwin.protocol.market import START_TIME, Market
from pooltwin.protocol.models import MarketConfig, quiet_about_units
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.refusal import MalformedError, json_in, read_model
from pooltwin.protocol.revisions import Revision
from pooltwin.protocol.saved_state import load, revision_in

from .choice import engine_at
from .histories.action import Action, Stage
from .histories.own_contract import Setup, set_up, setup_path
from .histories.router import build_router, needs_router
from .histories.unfit import ActionError
from .stories.telling import tell

FORMAT = "pooltwin-history"
VERSION = 1
KEYS = ("format", "version", "note", "opening", "engine", "laws", "setups", "actors", "setting", "actions")
"""What a history's file may say; note, engine, laws, setups and setting may be left out."""


class HistoryError(ValueError):
    """A file that is no history; names the file and the place."""


_KEPT: dict[tuple[Path, str, int], Market] = {}
"""Markets in saved states, by file, registry and the identity of a record of one's own, which its chain keeps."""


def saved_market(path: Path, provider: str = "", engine: Revision | None = None) -> Market:
    """Open the market in a saved state, kept for the next time: fork it before anything happens on it.

    A state of a fork needs its record, and the state of a chain the engine that is named with it.
    Raises SavedStateError for a file that is no state, HistoryError where no registry is named and there is not one.
    """
    running = _running_market(path, engine)
    if running is not None:
        return running
    fork = engine if engine is not None and _has_own_kinds(engine) and revision_in(path) == engine.name else None
    key = path, provider, 0 if fork is None else id(fork)
    if key not in _KEPT:
        while len(_KEPT) > 1:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = _loaded_market(path, provider, fork)
    return _KEPT[key]


def running_in(engine: Revision | None) -> RunningMarket | None:
    """The state of a chain that an engine is named with, if it is with one."""
    return None if engine is None or engine.machine is None else engine.machine.running


def state_of_chain(engine: Revision | None) -> Path | None:
    """The file of the state of a chain that an engine is named with, if it is with one."""
    running = running_in(engine)
    return None if running is None else running.state


def _running_market(path: Path, engine: Revision | None) -> Market | None:
    """The market of a chain's state, where the engine is named with that file: its records on the twin."""
    running = running_in(engine)
    market: Market | None = None if running is None else running.market_in(path)
    return market


def _has_own_kinds(engine: Revision) -> bool:
    """May a state of the engine hold contracts that no release has? Those of a fork, or tokens of unknown code."""
    return engine.is_fork or engine.machine is not None


def _loaded_market(path: Path, provider: str, fork: Revision | None) -> Market:
    chain = load(path, fork)
    registries = [where for where, contract in chain.contracts.items() if isinstance(contract, AddressesProvider)]
    if not provider and len(registries) != 1:
        raise HistoryError(f"{path}: has {len(registries)} registries; say which is meant")
    return Market(chain, provider or registries[0])


@dataclass(frozen=True)
class Opening:
    """The beginning of a history: a configuration to deploy, or a saved state with the address of its registry."""

    config: MarketConfig | None = None
    state: Path | None = None
    digest: str = ""
    provider: str = ""
    time: int = START_TIME
    """When it begins, in seconds since 1970; a configuration with a state of its own begins no earlier than that."""

    def __post_init__(self) -> None:
        if self.config is not None and self.config.state is not None and self.time < self.config.state.time:
            object.__setattr__(self, "time", self.config.state.time)

    @classmethod
    def of_state(cls, path: Path, provider: str = "", engine: Revision | None = None) -> Opening:
        """Begin with a saved state. Raises SavedStateError for what is none, HistoryError for an unknown registry.

        A state of a fork needs its record, as `engine`.
        """
        market = saved_market(path, provider, engine)
        return cls(state=path, digest=market.chain.digest(), provider=market.provider.address, time=market.chain.time)

    def market(self, revision: Revision | None = None, made_on: Revision | None = None) -> Market:
        """Open the market. `revision` stands in for its own: a fork, or an engine with a deliberate fault.

        The state of a chain is read by the engine that it was `made_on`, where another stands in. Raises
        HistoryError when a saved state is not the one that was meant.
        """
        if self.config is not None:
            return Market.deploy(self.config, time=self.time, revision=revision)
        if self.state is None:
            raise HistoryError("an opening needs a configuration or a saved state")
        market = _running_market(self.state, made_on) or saved_market(self.state, self.provider, revision)
        if market.chain.digest() != self.digest:
            raise HistoryError(
                f"{self.state}: the digest is {market.chain.digest()}, the history began with {self.digest}"
            )
        running = running_in(made_on)
        if running is not None and revision is not None and running.market_in(self.state) is market:
            return _opened(market, revision, running)
        if revision is not None and revision.machine is not None:
            return Market(revision.machine.take_over(market.chain), market.provider.address, market.keys)
        market = market.fork()
        if revision is not None and revision is not market.chain.revision:
            market.chain.set_revision(revision)
        return market

    @property
    def revision(self) -> str:
        """The release of the configuration; empty for a saved state, which knows its own."""
        return self.config.revision if self.config is not None else ""


def _opened(market: Market, revision: Revision, running: RunningMarket) -> Market:
    """Open the market of a chain: on its own code, on other compiled contracts, or on the twin of its release."""
    if revision.machine is None:
        on_twin: Market = running.on_twin(revision)
        return on_twin
    machine = revision.machine if revision.machine.running is not None else running.with_code_of(revision.machine)
    return Market(machine.take_over(market.chain), market.provider.address, market.keys)


@dataclass(frozen=True)
class History:
    """An opening, the people's names, what prepared the market, and what happened then."""

    opening: Opening
    actors: tuple[str, ...]
    setting: tuple[Action, ...] = ()
    """Actions that prepare the market; shrinking keeps them."""
    actions: tuple[Action, ...] = ()
    note: str = ""
    engine: str = ""
    """The import path of the engine that it was made on, as "my_fork:FORK", or what names bytecode, as
    "bytecode:3.6:out", also with the state of a chain; empty for the opening's own."""
    laws: tuple[str, ...] = ()
    """Import paths of the laws of one's own that were watching, if one of them broke."""
    setups: tuple[str, ...] = ()
    """Import paths of functions that put contracts of one's own on the stage, as "my_vault:with_vault"."""

    def stage(self, revision: Revision | None = None, made_on: Revision | None = None) -> Stage:
        """Prepare a fresh market with the contracts it needs, after the setting, by the history's engine unless given.

        The state of a chain is read by the engine that it was `made_on`, the history's own unless given.
        Raises ImportPathError for what is not found, and SetupError for a setup that fails.
        """
        if made_on is None and self.engine and (revision is None or self.begins_with_a_chain):
            made_on = engine_at(self.engine)
        stage = Stage(self.opening.market(revision or made_on, made_on), self.actors)
        set_up(stage, self.setups)
        if any(needs_router(action) for action in (*self.setting, *self.actions)):
            build_router(stage)
        for action in self.setting:
            stage.perform(action)
        return stage

    @property
    def begins_with_a_chain(self) -> bool:
        """Does it begin with the state of a chain, which the engine names too?"""
        return self.opening.state is not None and self.opening.state == _state_named(self.engine)

    def replay(self, stage: Stage | None = None) -> list[Receipt | None]:
        """Perform the actions, on a fresh stage unless one is given. Returns the receipts."""
        stage = stage or self.stage()
        return [stage.perform(action) for action in self.actions]

    def with_actions(self, actions: Sequence[Action]) -> History:
        """Return the same beginning with other actions."""
        return replace(self, actions=tuple(actions))

    def with_setups(self, *setups: Setup) -> History:
        """Return the same beginning with contracts of one's own, put on the stage by functions or their import paths.

        Raises ImportPathError for a function that nobody else could import.
        """
        return replace(self, setups=(*self.setups, *map(setup_path, setups)))

    def story(self, engine: Revision | None = None) -> str:
        """Tell the actions as numbered steps, performed on a fresh stage, with amounts in tokens and dollars."""
        return tell(self.stage(engine), self.actions)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        opening = self.opening
        start: dict[str, Any] = {"time": opening.time}
        if opening.config is not None:
            start["config"] = json.loads(opening.config.model_dump_json(exclude_none=True))
        else:
            start.update(state=str(opening.state), digest=opening.digest, provider=opening.provider)
        own = {"engine": self.engine, "laws": list(self.laws), "setups": list(self.setups)}
        return {
            "format": FORMAT,
            "version": VERSION,
            "note": self.note,
            "opening": start,
            **{name: value for name, value in own.items() if value},
            "actors": list(self.actors),
            "setting": [action.to_json() for action in self.setting],
            "actions": [action.to_json() for action in self.actions],
        }

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all. Bytecode is told by its path as seen from the file's folder."""
        data = self.to_json()
        if is_bytecode(self.engine):
            seen = bytecode_named(self.engine).seen_from(path.parent)
            data["engine"] = str(seen)
            if self.begins_with_a_chain and seen.state is not None:
                data["opening"]["state"] = seen.state.as_posix()
        setting, actions = data.pop("setting"), data.pop("actions")
        head = json.dumps(data, indent=1)[:-2]
        write_text(path, f"{head},\n{_lines('setting', setting)},\n{_lines('actions', actions)}\n}}\n")


def _lines(name: str, actions: list[Any]) -> str:
    rows = ",\n".join("  " + json.dumps(action) for action in actions)
    return f' "{name}": [\n{rows}\n ]' if rows else f' "{name}": []'


def read_history(path: Path) -> History:
    """Read a history back. Raises HistoryError, naming the file and the place, for anything else."""
    path = Path(path)
    try:
        kind = kind_of(path)
        data = json_in(path.read_text(encoding="utf-8")) if kind in (FileKind.HISTORY, FileKind.TEXT) else None
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise HistoryError(f"{path}: cannot be read: {reason_of(error)}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise HistoryError(f'{path}: is {kind.value}, not a history, which has "format": "{FORMAT}"')
    if data.get("version") != VERSION:
        raise HistoryError(f"{path}: is not a {FORMAT} of version {VERSION}")
    try:
        _require_known(data)
        engine = _read_engine(str(data.get("engine", "")), path.parent)
        return History(
            _where_it_lies(_read_opening(data["opening"]), engine, path.parent),
            _read_texts(data["actors"], "actors", "names"),
            _read_actions(data.get("setting", []), "setting"),
            _read_actions(data["actions"], "actions"),
            str(data.get("note", "")),
            engine,
            _read_texts(data.get("laws", []), "laws", "import paths"),
            _read_texts(data.get("setups", []), "setups", "import paths"),
        )
    except KeyError as error:
        raise HistoryError(f"{path}: {error} is missing") from None
    except (ActionError, TypeError, ValueError) as error:
        raise HistoryError(f"{path}: {error}") from error


def _require_known(data: dict[str, Any]) -> None:
    unknown = ", ".join(map(repr, sorted(data.keys() - KEYS)))
    if unknown:
        raise ValueError(f"{unknown}: there is no such key; there are {', '.join(KEYS)}")


def _read_engine(engine: str, folder: Path) -> str:
    """Read where an engine is; bytecode lies where its path leads from the folder of the history."""
    return str(bytecode_named(engine).found_from(folder)) if is_bytecode(engine) else engine


def _state_named(engine: str) -> Path | None:
    return bytecode_named(engine).state if is_bytecode(engine) else None


def _where_it_lies(opening: Opening, engine: str, folder: Path) -> Opening:
    """Give an opening whose state is that of the engine's chain the whole path of it, as the engine has."""
    state = _state_named(engine)
    if state is None or opening.state is None or (folder / opening.state).resolve() != state.resolve():
        return opening
    return replace(opening, state=state)


def _read_texts(data: Any, key: str, what: str) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(text, str) for text in data):
        raise ValueError(f"{key}: {data!r} is not a list of {what}")
    return tuple(data)


def _read_actions(data: Any, key: str) -> tuple[Action, ...]:
    if not isinstance(data, list):
        raise ValueError(f"{key}: {data!r} is not a list of actions")
    found = []
    for number, each in enumerate(data, 1):
        try:
            found.append(Action.from_json(each))
        except ValueError as error:
            raise ValueError(f"{key}, number {number}: {error}") from None
    return tuple(found)


def _read_opening(data: Any) -> Opening:
    if not isinstance(data, dict):
        raise ValueError(f"opening: {data!r} is not an object with config, or with state, digest and provider")
    time = data.get("time", START_TIME)
    if type(time) is not int or not 0 <= time < 2**40:
        raise ValueError(f"opening.time: {time!r} is not a time in seconds since 1970")
    if "config" in data:
        try:
            with quiet_about_units():  # whoever wrote the history meant what it says
                config = read_model(MarketConfig, json.dumps(data["config"]))
        except MalformedError as error:
            raise ValueError("; ".join(f"opening.config: {fault}" for fault in error.faults)) from None
        return Opening(config=config, time=time)
    missing = [f"opening.{name}" for name in ("state", "digest", "provider") if not isinstance(data.get(name), str)]
    if missing:
        raise ValueError(f"{', '.join(missing)} is missing; an opening has config, or state, digest and provider")
    return Opening(state=Path(data["state"]), digest=data["digest"], provider=data["provider"], time=time)
