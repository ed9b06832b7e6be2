"""Settings of a campaign: what to run, by which engine, with which laws watching, and when to stop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.revisions import Revision, revision_named

from ..bytecode_law import laws_of_code
from ..call_names import is_foreign, refuse_unknown_calls
from ..catalogue import all_laws
from ..choice import Deviations, LawLike, chosen, engine_meant, marks_of, one_or_more
from ..history import History, saved_market
from ..isolation import NAMED as ISOLATION_LAWS
from ..isolation import isolated_assets
from ..law import Law
from ..rules import declaration_of

MOST_NAMED = 3
"""How many changed contracts are named."""


@dataclass(frozen=True)
class CampaignOptions:
    """Settings of a campaign: what to run, where, and when to stop. It stops at whichever limit comes first."""

    history: History
    """The market to begin each episode with, its people and its setting."""
    seed: int = 1
    steps: int | None = None
    """Stop after so many steps, at the end of an episode."""
    seconds: float | None = None
    """Stop after so long, at the end of an episode."""
    processes: int = 1
    episode_steps: int = 2_000
    probe_every: int = 250
    """How many steps lie between two rounds of the laws that try alternatives."""
    laws: tuple[LawLike, ...] = ()
    """The laws to check, by id, import path, or themselves; empty for all."""
    own_laws: tuple[LawLike, ...] = ()
    """Laws of one's own to check besides."""
    without: tuple[str, ...] = ()
    """Ids of laws to leave out."""
    strict: bool = False
    """Do known deviations of the release count as violations?"""
    judged_by: str = ""
    """Another release, whose laws the market is held to instead of its own."""
    worth_at_least: int = 0
    """Breaks worth less (base currency, 8 decimals) are counted apart; those without a worth are always reported."""
    engine: Revision | str | None = None
    """Stands in for the release's own engine: a fork, or one with a deliberate fault; a record or its import path."""
    guided: bool = True
    """Does the adversary go where laws were hardly asked? Bytecode has fewer steps to judge than the twin, since calls
    inside others are not told apart there: only unguided walks are the same on both."""
    stop_at_violation: bool = True
    resume: Path | None = None
    """A file to keep the campaign's progress in, and to go on from where it exists."""

    def __post_init__(self) -> None:
        for name in ("laws", "own_laws", "without"):
            object.__setattr__(self, name, one_or_more(getattr(self, name)))
        if self.steps is None and self.seconds is None:
            raise ValueError("a campaign needs a limit: steps or seconds")
        if self.worth_at_least < 0:
            raise ValueError(f"worth_at_least is {self.worth_at_least}: no worth is below zero")
        for name in ("processes", "episode_steps", "probe_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be at least 1")
        if self.judged_by:
            revision_named(self.judged_by)
        if self.record is not None:
            Deviations(self.record, self.chosen_laws())
        watching = [law for law in self.chosen_laws() if any(map(is_foreign, law.on))]
        if watching:
            self.history.stage()  # whatever the setups define is there then
        for law in watching:
            try:
                refuse_unknown_calls(law.on)
            except ValueError as error:
                raise ValueError(f"{law.id}: on={error}") from None

    @property
    def record(self) -> Revision | None:
        """The engine that stands in for the release's own, if one does."""
        return engine_meant(self.engine or self.history.engine or None)

    @property
    def deviations(self) -> Deviations:
        """What is known of the engine, or of the release that it is judged by, to break laws."""
        if self.judged_by:
            return Deviations(revision_named(self.judged_by))
        engine = self.record or self.history.stage().market.chain.revision
        return Deviations(declaration_of(engine), self.chosen_laws())

    @property
    def laws_of_ones_own(self) -> tuple[LawLike, ...]:
        """Laws that are checked besides the catalogue's: those given, those of compiled contracts on bytecode, and
        those of isolated collateral where the market begins with some."""
        isolation = ISOLATION_LAWS if self._isolates() else ()
        return (*self.own_laws, *laws_of_code(self.record), *isolation)

    def _isolates(self) -> bool:
        """Does the market begin with isolated collateral?"""
        opening = self.history.opening
        if opening.config is not None:
            return any(reserve.debt_ceiling for reserve in opening.config.reserves)
        if opening.state is None:
            return False
        return bool(isolated_assets(saved_market(opening.state, opening.provider, self.record)))

    def chosen_laws(self) -> list[Law]:
        """The laws to check. Raises ValueError for an id that no law has."""
        return chosen(self.laws, own=self.laws_of_ones_own, without=self.without)

    def watching_laws(self) -> list[Law]:
        """The laws to check, with those whose memory they need."""
        laws = {law.id: law for law in self.chosen_laws()}
        return list({**laws, **{law.id: law for law in all_laws() if law.remembers}}.values())

    def fingerprint(self) -> str:
        """What must be the same for a campaign to be continued."""
        return json.dumps(
            [
                *(self.seed, self.episode_steps, self.probe_every, self.strict, self.history.to_json()["opening"]),
                *filter(None, [self.judged_by, self.worth_at_least, self._own_marks(), *self.history.setups]),
                *([] if self.guided else ["unguided"]),
            ]
        )

    def difference(self, fingerprint: str) -> str:
        """Say what of the campaign with another fingerprint is different; empty if nothing is."""
        mine, other = (json.loads(each) for each in (self.fingerprint(), fingerprint))
        if mine == other:
            return ""
        compiled, compiled_there = (_taken_contracts(each) for each in (mine, other))
        if mine != other or not compiled_there:
            return "its seed, market, engine or settings differ"
        changed = [name for name, mark in compiled.items() if compiled_there.get(name) != mark]
        changed = sorted({*changed, *(compiled_there.keys() - compiled.keys())})
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        label = self.record and self.record.machine and self.record.machine.label
        return f"the contracts of {label} are others now: {', '.join(changed[:MOST_NAMED])}{more}"

    def _own_marks(self) -> dict[str, Any]:
        """Tell apart campaigns of other engines and laws."""
        laws = [law.id for law in self.chosen_laws()] if self.laws or self.own_laws or self.without else []
        marks = {"engine": self.record and marks_of(self.record), "laws": laws}
        return {name: mark for name, mark in marks.items() if mark}


def _taken_contracts(marks: Any) -> dict[str, Any]:
    """Take out of a campaign's marks those of its compiled contracts; none where it has none."""
    for mark in marks if isinstance(marks, list) else ():
        engine = mark.get("engine") if isinstance(mark, dict) else None
        if isinstance(engine, list) and isinstance(engine[-1], dict):
            taken = engine[-1].pop("machine", None)
            return taken if isinstance(taken, dict) else {}
    return {}
