"""A market as another release can build it: what the release lacks is left out, and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .lacking import complaints
from .logic.decisions import PlainDecisions
from .models import EModeConfig, MarketConfig, StrictModel

PARTS = ("reserves", "e_modes", "addresses")
"""Fields of a market that are told by their own fields."""
LISTS = ("collateral", "borrowable", "ltv_zero")


class Fitted(NamedTuple):
    """A configuration that a release can build, and what had to be changed for it, a sentence each."""

    config: MarketConfig
    changes: tuple[str, ...]


def fitted(config: MarketConfig, release: PlainDecisions) -> Fitted:
    """Give the configuration on a release, without what the release lacks.

    Fields fall back to what is meant where nothing is said. Where an asset can be in one e-mode category only, it stays
    in the first; a category of which nothing is left is dropped. Raises ValueError, naming the first thing that the
    release lacks and that cannot be left out.
    """
    config = config.model_copy(update={"revision": release.name})
    here = config
    while before := complaints(here, release):
        for change in _changes(here):
            after = complaints(change.config, release)
            gone = set(before) - set(after)
            if set(after) < set(before) and any(change.answers(complaint) for complaint in gone):
                here = change.config
                break
        else:
            raise ValueError(before[0])
    asked = {category.id for category in config.e_modes if category.collateral or category.borrowable}
    kept = [each for each in here.e_modes if each.collateral or each.borrowable or each.id not in asked]
    here = here.model_copy(update={"e_modes": tuple(kept)})
    return Fitted(here, tuple(_told(config, here)))


# --- what is told -----------------------------------------------------------------------------------------------------


def _told(asked: MarketConfig, built: MarketConfig) -> Iterator[str]:
    """Tell in what a market differs from what was asked for."""
    for name, value in _differing(asked, built, PARTS):
        yield f"without {name} ({value})"
    for name, value in _differing(asked.addresses, built.addresses):
        yield f"without addresses.{name} ({value})"
    members: dict[str, list[str]] = {}
    for reserve, other in zip(asked.reserves, built.reserves, strict=True):
        for name, _ in _differing(reserve, other):
            members.setdefault(name, []).append(reserve.handle)
    for name, symbols in members.items():
        yield f"{', '.join(symbols)} without {name}"
    kept = {category.id: category for category in built.e_modes}
    for category in asked.e_modes:
        if category.id in kept:
            yield from _told_of(category, kept[category.id])
    dropped = [str(category.id) for category in asked.e_modes if category.id not in kept]
    if dropped:
        which = "category" if len(dropped) == 1 else "categories"
        yield f"without e-mode {which} {', '.join(dropped)}: an asset is in one category only"


def _told_of(asked: EModeConfig, built: EModeConfig) -> Iterator[str]:
    where = f"e-mode category {asked.id}"
    for name, value in _differing(asked, built, ("collateral", "borrowable")):
        shown = value if isinstance(value, str) else ", ".join(value) if isinstance(value, tuple) else ""
        yield f"{where} without {name}{shown and f' ({shown})'}"
    moved = ", ".join(_moved(asked, built))
    if moved:
        yield f"{where} {moved}"


def _differing(asked: StrictModel, built: StrictModel, but: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Fields that differ, with what was asked for."""
    names = [name for name in type(asked).model_fields if name not in but]
    return [(name, getattr(asked, name)) for name in names if getattr(asked, name) != getattr(built, name)]


def _moved(asked: EModeConfig, built: EModeConfig) -> Iterator[str]:
    here = {*built.collateral, *built.borrowable}
    gone = [each for each in dict.fromkeys((*asked.collateral, *asked.borrowable)) if each not in here]
    if gone:
        yield f"without {', '.join(gone)}"
    for name in ("collateral", "borrowable"):
        before, after = getattr(asked, name), getattr(built, name)
        for how, members in (
            ("with", [each for each in after if each not in before]),
            ("without", [each for each in before if each not in after and each in here]),
        ):
            if members:
                yield f"{how} {', '.join(members)} as {name}"


# --- what is tried ----------------------------------------------------------------------------------------------------


class _Change(NamedTuple):
    """A change that may please a release."""

    config: MarketConfig
    place: str = ""
    """How the complaints begin that it may answer."""
    field: str = ""
    """What they name."""

    def answers(self, complaint: str) -> bool:
        """Is it about the field that the complaint is about?"""
        return complaint.startswith(self.place) and self.field in complaint


def _changes(config: MarketConfig) -> Iterator[_Change]:
    """The changes that may help, from the smallest to the dropping of a whole category."""
    for name, model in _without_each(config):
        yield _Change(model, name, name)
    for name, addresses in _without_each(config.addresses):
        yield _Change(config.model_copy(update={"addresses": addresses}), "addresses", name)
    for index, reserve in enumerate(config.reserves):
        for name, model in _without_each(reserve):
            yield _Change(_with_member(config, "reserves", index, model), f"reserve {reserve.handle}:", name)
    for index, category in enumerate(config.e_modes):
        place = f"e-mode category {category.id}"
        for name, model in _without_each(category):
            yield _Change(_with_member(config, "e_modes", index, model), place, name)
        for model in _with_more(category):
            yield _Change(_with_member(config, "e_modes", index, model), place)
    for index, category in reversed([*enumerate(config.e_modes)]):  # the first keeps what can be in one only
        for model in (*_with_less(category), None):
            yield _Change(_with_member(config, "e_modes", index, model), f"e-mode category {category.id}")


def _without_each(model: StrictModel) -> Iterator[tuple[str, Any]]:
    """The name of a field and the model without it, for each that says something and need not."""
    for name, field in type(model).model_fields.items():
        if name not in (*PARTS, "collateral", "borrowable") and not field.is_required():
            default = field.get_default(call_default_factory=True)
            if getattr(model, name) != default:
                yield name, model.model_copy(update={name: default})


def _with_more(category: EModeConfig) -> Iterator[EModeConfig]:
    """The category with one of its assets in another of its lists too."""
    for name in ("borrowable", "collateral"):
        for member in dict.fromkeys((*category.collateral, *category.borrowable)):
            if member not in getattr(category, name):
                yield category.model_copy(update={name: (*getattr(category, name), member)})


def _with_less(category: EModeConfig) -> Iterator[EModeConfig]:
    """The category without one asset as collateral, or without it altogether."""
    for member in category.collateral:
        if member in category.borrowable:
            yield _without(category, member, "collateral", "ltv_zero")
    for member in dict.fromkeys((*category.collateral, *category.borrowable)):
        yield _without(category, member, *LISTS)


def _without(category: EModeConfig, member: str, *lists: str) -> EModeConfig:
    kept = {name: tuple(each for each in getattr(category, name) if each != member) for name in lists}
    return category.model_copy(update=kept)


def _with_member(config: MarketConfig, field: str, index: int, member: Any) -> MarketConfig:
    members = list(getattr(config, field))
    members[index : index + 1] = [] if member is None else [member]
    return config.model_copy(update={field: tuple(members)})
