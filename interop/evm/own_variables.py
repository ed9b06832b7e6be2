"""Variables that a fork stores besides those of the release it comes from, and those of the release that it moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pooltwin.protocol.evm_storage.layout import Layout, Variable
from pooltwin.protocol.evm_storage.places import HASHED
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.evm_storage.words import INDEX, value_of
from pooltwin.protocol.machine.contract import Contract, ledger_of
from pooltwin.protocol.machine.spelling import snake_case
from pooltwin.protocol.models.fields import StrictModel
from pooltwin.protocol.revisions import REVISIONS, Revision
from pydantic import AfterValidator, Field

from .artifacts import Artifact, ArtifactSet
from .compiled_layout import Leaf, leaves_of, place_of
from .source_names import alike, called

UNUSED = {"initializing", "_emissionManager", "delegationMode", "_allowances"}
"""Members that no function of any release writes, besides gaps and those that the source calls deprecated."""
_GAP = re.compile(r"_*[a-z]*gap\d*_*(\[\d+\])?", re.IGNORECASE)
_KINDS = re.compile(r"address|bool|bytes32|string|u?int(8|16|24|32|40|48|56|64|72|80|88|96|1\d\d|2[0-4]\d|25[0-6])")
SHOWN = 5
"""How many moved variables are told one by one."""


class LayoutError(ValueError):
    """Storage of a fork that cannot be read as the release's. Names contract and variable."""


def _kind(text: str) -> str:
    if not _KINDS.fullmatch(text):
        raise ValueError(f"{text!r} is no type that a word can be read as")
    return text


def _key_kind(text: str) -> str:
    return text if text == INDEX else _kind(text)


def _name(text: str) -> str:
    if not text.isidentifier() or text.startswith("_"):
        raise ValueError(f"{text!r} is no name for a variable in Python")
    return text


class OwnVariable(StrictModel):
    """One variable that a fork stores besides those of its release."""

    name: Annotated[str, AfterValidator(_name)]
    """What laws read it by, as an attribute of the contract; of a mapping, a dictionary by key."""
    source: str = ""
    """What the source calls it, with the struct that it is in."""
    type: Annotated[str, AfterValidator(_kind)]
    slot: Annotated[int, Field(ge=0, lt=2**256)]
    offset: Annotated[int, Field(ge=0, lt=32)] = 0
    keys: Annotated[tuple[Annotated[str, AfterValidator(_key_kind)], ...], Field(strict=False)] = ()
    member: Annotated[int, Field(ge=0)] = 0
    inner: Annotated[int, Field(ge=0)] = 0
    stride: Annotated[int, Field(ge=1)] = 1
    """Words that an element takes, of an array of structs, which are read word by word."""

    @property
    def variable(self) -> Variable:
        """The variable as layouts have it."""
        place = (self.slot, self.offset, self.keys, self.member, self.inner)
        return Variable(self.name, self.type, *place, stride=self.stride)


class Difference(NamedTuple):
    """A contract's layout beside that of its release."""

    own: tuple[OwnVariable, ...]
    """What it stores besides."""
    moved: tuple[str, ...]
    """Variables of the release that are elsewhere or of another type, a sentence each."""
    lost: tuple[Leaf, ...]
    """What it stores in places that no known key leads to, as mappings in structs of mappings in structs."""


def layout_entries(artifact: Artifact, kind: str, revision: Revision) -> tuple[OwnVariable, ...]:
    """The variables that a fork's contract stores besides those of a release's contract of that kind.

    Raises LayoutError if it moved what the release has, and ArtifactError without the compiler's storage layout.
    """
    found = layout_difference(artifact, kind, revision)
    if found.moved:
        raise LayoutError(f"{kind}: {moved_in_words(found.moved, revision)}")
    return found.own


def layout_difference(artifact: Artifact, kind: str, revision: Revision) -> Difference:
    """The layout that the compiler gave a contract, beside that of the kind in a release."""
    cls = revision.contracts[kind]
    leaves = leaves_of(artifact, kind)
    left = {leaf.place: leaf for leaf in leaves}
    moved: dict[str, str] = {}
    for variable in layout_of(cls.code(), revision):
        found = left.pop(place_of(variable), None)
        if variable.slot < HASHED and variable.keys != (INDEX,) and not variable.derived:
            fault = _moved(variable, found, leaves)
            if fault:
                moved.setdefault(_first(variable.name), fault)
    own = [leaf for leaf in left.values() if not _is_unused(leaf.label)]
    taken = {name for name in dir(cls) if not name.startswith("__")}
    return Difference(
        tuple(_own(leaf, taken) for leaf in own if leaf.kind),
        tuple(moved.values()),
        tuple(leaf for leaf in own if not leaf.kind),
    )


def layouts_of(artifacts: ArtifactSet, revision: Revision) -> dict[str, Difference]:
    """The layouts of all compiled contracts that a release has too, beside its own.

    Raises LayoutError if there is none, and ArtifactError for one without the compiler's storage layout.
    """
    kinds = [kind for kind in revision.contracts if kind in artifacts]
    if not kinds:
        raise LayoutError(
            f"none of the {len(artifacts.contracts)} compiled contracts is called like one of v{revision.name}: say "
            "which they are, as --contract PoolInstance=MyPool"
        )
    return {kind: layout_difference(artifacts[kind], kind, revision) for kind in kinds}


def known_layouts(artifacts: ArtifactSet, revision: Revision, kinds: Iterable[str]) -> dict[str, Difference]:
    """The layouts of those compiled contracts whose layout the compiler was asked for, beside a release's."""
    known = {kind: artifacts[kind] for kind in kinds if kind in artifacts}
    return {kind: layout_difference(each, kind, revision) for kind, each in known.items() if each.storage is not None}


def moved_in_words(moved: Sequence[str], revision: Revision) -> str:
    """Say that variables of a release lie elsewhere: how many, and the first of them, a line each."""
    lines = [f"  {sentence}" for sentence in moved[:SHOWN]]
    lines += [f"  and {len(moved) - SHOWN} more"] if len(moved) > SHOWN else []
    lie = f"variable{'s' * (len(moved) > 1)} of v{revision.name} {'lie' if len(moved) > 1 else 'lies'}"
    return "\n".join([f"{len(moved)} {lie} elsewhere, so its state cannot be read:", *lines])


def refuse_moved(artifacts: ArtifactSet, found: Mapping[str, Difference], revision: Revision, where: Any) -> None:
    """Raise LayoutError if contracts have moved what is read of a release; `where` is what they are called."""
    moved = [f"{kind} {each}" for kind, difference in found.items() for each in difference.moved]
    if moved:
        meant = release_of(artifacts)
        hint = f"\nThe layouts are those of v{meant}: --revision {meant}" if meant else ""
        raise LayoutError(f"{where}: {moved_in_words(moved, revision)}{hint}")


def release_of(artifacts: ArtifactSet) -> str | None:
    """The newest release whose variables all lie where the compiled contracts have them; None if none does."""
    for name, revision in reversed(REVISIONS.items()):
        found = known_layouts(artifacts, revision, revision.contracts)
        if found and not any(each.moved for each in found.values()):
            return name
    return None


def _first(label: str) -> str:
    return re.split(r"[.\[]", label)[0]


def _moved(variable: Variable, found: Leaf | None, leaves: Sequence[Leaf]) -> str:
    """Say how a variable of the release differs here; nothing where it does not, or only by its name."""
    names = called(_first(variable.name))
    is_here = found is not None and alike(_first(found.label)) in names
    fits = found is not None and (found.kind, found.size) == (variable.kind, variable.size)
    homes = [leaf for leaf in leaves if alike(_first(leaf.label)) in names and leaf.place[1] == variable.keys]
    if fits and (is_here or not homes):
        return ""
    home = None if is_here else next((leaf for leaf in homes if leaf.place[0] != variable.slot), None)
    if home is None:
        here = f"{found.label} ({found.type})" if found is not None else "nothing"
        return f"{variable.name}: {_shown(place_of(variable))} holds {here}"
    there = next(
        (f"{_first(leaf.label)} ({leaf.type})" for leaf in leaves if leaf.place[0] == variable.slot), "nothing"
    )
    return (
        f"{_first(variable.name)}: slot {variable.slot} holds {there}; {_first(home.label)} is at slot {home.place[0]}"
    )


def _shown(place: Any) -> str:
    slot, keys, inner, member, offset = place
    words = f", word {inner or member}" if inner or member else ""
    return f"slot {slot}{''.join(f'[{kind}]' for kind in keys)}{words}{f', byte {offset}' if offset else ''}"


def _is_unused(label: str) -> bool:
    last = label.rpartition(".")[2]
    return last in UNUSED or "deprecated" in label.lower() or _GAP.fullmatch(last) is not None


def _own(leaf: Leaf, taken: set[str]) -> OwnVariable:
    plain = re.sub(r"\W+", "_", leaf.label.replace("[]", ".items")).strip("_")
    name = re.sub(r"_+", "_", snake_case(plain))
    while name in taken or not name.isidentifier():
        name = f"own_{name}"
    taken.add(name)
    slot, keys, inner, member, offset = leaf.place
    return OwnVariable(
        name=name,
        source=leaf.label,
        type=leaf.kind,
        slot=slot,
        offset=offset,
        keys=keys,
        member=member,
        inner=inner,
        stride=leaf.stride,
    )


# --- as part of a contract --------------------------------------------------------------------------------------------


def with_own_variables(cls: type[Contract], layout: Layout, own: Iterable[OwnVariable]) -> type[Contract]:
    """A class of contracts that stores the fork's variables too, each under its name.

    As long as they are zero they are in no dump, so that digests are those of the release. Raises LayoutError for a
    name that the contract has already, and for one whose place is taken.
    """
    variables = tuple(each.variable for each in own)
    _refuse_clashes(cls, layout, variables)
    names = tuple(variable.name for variable in variables)
    zeros = {variable.name: "" if variable.kind == "string" else value_of(variable.kind, 0) for variable in variables}
    keyed = {variable.name for variable in variables if variable.keys}

    def assumed(self: Any, name: str) -> Any:
        if name not in zeros:
            return cls.assumed(self, name)
        return {} if name in keyed else zeros[name]

    def assume(self: Any, known: Any) -> None:
        cls.assume(self, {*known, *names})

    storage = {name: ledger_of(zero) if name in keyed else zero for name, zero in zeros.items()}
    members: dict[str, Any] = {
        "__slots__": names,
        "__module__": cls.__module__,
        "__doc__": cls.__doc__,
        "STORAGE": {**cls.STORAGE, **storage},
        "LAYOUT": (*layout, *variables),
        "ASSUMED": (*cls.ASSUMED, *names),
        "assumed": assumed,
        "assume": assume,
    }
    return type(cls.__name__, (cls,), members)


def _refuse_clashes(cls: type[Contract], layout: Layout, own: tuple[Variable, ...]) -> None:
    seen: set[str] = set()
    taken = {bit: variable.name for variable in layout for bit in _bytes_of(variable)}
    for variable in own:
        if hasattr(cls, variable.name) or variable.name in seen:
            raise LayoutError(f"{cls.KIND}: there is a {variable.name} already: call the fork's variable otherwise")
        seen.add(variable.name)
        for place in _bytes_of(variable):
            if taken.setdefault(place, variable.name) != variable.name:
                raise LayoutError(
                    f"{cls.KIND}: {variable.name} lies at {_shown(place_of(variable))}, where {taken[place]} is"
                )


def _bytes_of(variable: Variable) -> list[Any]:
    size = 32 if variable.kind == "string" else variable.size
    return [(*place_of(variable)[:4], at) for at in range(variable.offset, variable.offset + size)]
