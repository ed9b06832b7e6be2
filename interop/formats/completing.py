"""From a draft to a market of a release: what is lacking is taken from defaults or asked for, and all is reported.

What the file says wins over the defaults. What a release does not have is left out, and named if it says anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS
from pooltwin.protocol.lacking import refuse_what_is_lacking
from pooltwin.protocol.models import MarketConfig, quiet_about_units
from pooltwin.protocol.refusal import faults_in
from pooltwin.protocol.revisions import Revision
from pydantic import ValidationError

from . import states
from .defaults import Defaults
from .draft import Draft, Fields, keys_of, some
from .errors import ForeignFileError, LackingError
from .needs import ADDRESSES, ADDRESSES_OF_MARKET, E_MODE, MARKET, RESERVE, SENTINEL, Has, is_said

THE_MARKET = "the market"
E_MODE_NUMBER = "e-mode "
THE_STATE, OF_STATE = "the state", "state."
ORDER = {name: number for number, name in enumerate({**MARKET, **SENTINEL, **RESERVE, **states.RESERVE, **E_MODE})}
"""What is lacking is listed in this order."""
NEUTRAL = {"virtual_accounting": True}
"""What says nothing where a release has no such field; of all other fields it is zero, no, or nothing."""


@dataclass(frozen=True)
class ImportedMarket:
    """A market read from a foreign file, and what was done to make it one."""

    config: MarketConfig
    kind: str
    """The form of the file in words."""
    from_defaults: tuple[str, ...]
    """What the file does not say and the defaults do: field, whose, value."""
    left_out: tuple[str, ...]
    """What the file says and the release does not have."""
    notes: tuple[str, ...]
    """What else should be known, as how reserves are numbered."""


class Completion:
    """One draft on its way to a market of a release."""

    def __init__(self, draft: Draft, release: Revision, defaults: Defaults, *, state: bool = False) -> None:
        if state and not draft.states:
            raise ForeignFileError(f"{draft.kind} says nothing of the state of reserves")
        self.draft, self.release, self.defaults, self.with_state = draft, release, defaults, state
        self.lacking: dict[str, list[str]] = {}
        self.taken: dict[tuple[str, str], list[str]] = {}
        self.left_out: dict[str, list[str]] = {}
        self.notes = list(draft.notes)
        if draft.states and not state:
            self.notes.append("The state of the reserves (indexes, rates, totals) was not asked for, and is not taken.")
        self._name_reserves()

    def _name_reserves(self) -> None:
        """Find each reserve's own defaults, and give it a key."""
        names = {asset: {**self.draft.presumed.get(asset, {}), **said} for asset, said in self.draft.reserves.items()}
        by_name: dict[str, list[str]] = {}
        for asset, key in keys_of(names).items():
            for name in {asset.lower(), key, str(names[asset].get("symbol", key))}:
                by_name.setdefault(name, []).append(asset)
        self.own: dict[str, Fields] = {asset: {} for asset in names}
        for name, fields in self.defaults.reserves.items():
            assets = by_name.get(name.lower() if name[:2] in ("0x", "0X") else name, [])
            if len(assets) != 1:
                why = f"several reserves have that name: {some(assets)}" if assets else "there is no such reserve"
                raise ForeignFileError(f"the defaults name the reserve {name!r}: {why}")
            self.own[assets[0]].update(fields)
        named = {
            asset: {**self.draft.presumed.get(asset, {}), **_only(self.own[asset], ("key", "symbol")), **said}
            for asset, said in self.draft.reserves.items()
        }
        self.keys = keys_of(named)
        told = {asset: (fields.get("symbol"), fields.get("key")) for asset, fields in named.items()}
        chosen = [key for asset, key in self.keys.items() if key not in told[asset]]
        if chosen:
            self.notes.append(f"Where two reserves have one symbol, their keys tell them apart: {', '.join(chosen)}.")

    # --- fields -----------------------------------------------------------------------------------------------------

    def fields(
        self, said: Fields, table: Mapping[str, Any], whose: str, *levels: Fields, without: Iterable[str] = ()
    ) -> Fields:
        """What is said, and what is lacking of it from the first level of defaults that has it."""
        found = dict(said)
        for name in (*table, *dict.fromkeys(name for level in levels for name in level)):
            if is_said(name, found) or (name in table and not table[name](self.release)):
                continue
            for level in levels:
                finer = name.replace("_bps", "_ray")
                spelling = name if name in level else finer if finer in level else None
                if spelling is not None:
                    found[spelling] = level[spelling]
                    if any(level is presumed for presumed in self.draft.presumed.values()):
                        break
                    self.taken.setdefault((spelling, str(level[spelling])), []).append(whose)
                    break
            else:
                if name in table and name not in without:
                    self.lacking.setdefault(name, []).append(whose)
        return self._without_what_the_release_lacks(found, table, whose)

    def _without_what_the_release_lacks(self, fields: Fields, table: Mapping[str, Any], whose: str) -> Fields:
        kept = {}
        for name, value in fields.items():
            coarse = name.replace("_ray", "_bps")
            if coarse in table and not table[coarse](self.release):
                if value if coarse not in NEUTRAL else value != NEUTRAL[coarse]:
                    self.left_out.setdefault(name, []).append(whose)
                continue
            kept[name] = value
        return kept

    # --- parts ------------------------------------------------------------------------------------------------------

    def market(self, name: str) -> Fields:
        """Everything of the market that is no reserve and no category."""
        said = {"name": name, **self.draft.market}
        if "name" in self.defaults.market:
            said.pop("name")
        with_sentinel = "sentinel" in {*self.draft.addresses, *self.defaults.addresses}
        table = {**MARKET, **SENTINEL} if with_sentinel else MARKET
        fields = self.fields(said, table, THE_MARKET, self.defaults.market)
        fields["revision"] = self.release.name
        said = dict(self.draft.addresses)
        if not self.release.strategies_per_reserve:
            said |= self._common_strategy()
        fields["addresses"] = self.fields(
            said, ADDRESSES_OF_MARKET, THE_MARKET, self.defaults.addresses, without=ADDRESSES_OF_MARKET
        )
        return fields

    def _common_strategy(self) -> Fields:
        """The strategy that all reserves have in common, where the pool has one for all."""
        strategies = {fields.pop("rate_strategy", None) for fields in self.draft.reserves.values()} - {None}
        if len(strategies) > 1:
            self.left_out["rate_strategy"] = list(self.keys.values())
            return {}
        return dict.fromkeys(("rate_strategy",), *strategies) if strategies else {}

    def reserve(self, asset: str) -> Fields:
        """One reserve, with its state if that is asked for."""
        whose, said = self.keys[asset], dict(self.draft.reserves[asset])
        table: dict[str, Has] = {**RESERVE, **ADDRESSES}
        given = (self.own[asset], self.defaults.every_reserve)
        if self.with_state:
            table |= states.RESERVE
            said |= self.draft.states[asset]
        else:
            given = (_without_state(given[0]), _without_state(given[1]))
        levels = (*given, self.draft.presumed.get(asset, {}))
        not_asked = {*ADDRESSES, *(("pending_ltv_bps",) if _has_nothing_pending(said, *given) else ())}
        fields = self.fields(said, table, whose, *levels, without=not_asked)
        fields.setdefault("underlying", asset)
        if whose != fields.get("symbol"):
            fields["key"] = whose
        return _nested(fields)

    def state(self, name: str, reserves: list[Fields]) -> Fields:
        """The market's state, taken out of the reserves."""
        fields = self.fields({}, states.MARKET, THE_STATE, self.defaults.state)
        fields.setdefault("rest_holder", states.rest_holder(name))
        fields["reserves"] = {}
        for reserve in reserves:
            key, state = str(reserve.get("key", reserve.get("symbol"))), reserve.pop("state", {})
            if not self.lacking:
                fields["reserves"][key] = states.settled(state, reserve, self.release, key)
        self.notes.append(
            f"Everything that lenders and borrowers have is one account's, {fields['rest_holder']}, without collateral."
        )
        return fields

    def e_modes(self) -> list[Fields]:
        """The categories, or what the defaults say of them where the form says nothing."""
        said, own = self.draft.e_modes, self.defaults.e_modes
        if said is None and own is None:
            self.lacking["e_modes"] = [THE_MARKET]
            return []
        if said is None:
            self.taken[("e_modes", some([str(number) for number in own or ()]) or "none")] = [THE_MARKET]
        elif strange := sorted((own or {}).keys() - said.keys()):
            raise ForeignFileError(f"the defaults name the e-mode category {strange[0]}, which the file does not have")
        found = []
        for number, fields in sorted((own or {} if said is None else said).items()):
            level = {} if said is None else (own or {}).get(number, {})
            category = self.fields(fields, E_MODE, f"{E_MODE_NUMBER}{number}", level, self.defaults.every_e_mode)
            found.append({"id": number, **self._with_keys(category)})
        return found

    def _with_keys(self, category: Fields) -> Fields:
        """Members are named by key."""
        keys = {asset.lower(): key for asset, key in self.keys.items()}

        def named(asset: Any) -> Any:
            return keys.get(asset.lower(), asset) if isinstance(asset, str) else asset

        for name in ("collateral", "borrowable", "ltv_zero"):
            if isinstance(category.get(name), list):
                category[name] = [named(asset) for asset in category[name]]
        source = category.get("price_source")
        if source is not None:
            category["price_source"] = None if source == ZERO_ADDRESS else named(source)
        return category

    # --- the whole --------------------------------------------------------------------------------------------------

    def run(self, name: str) -> ImportedMarket:
        """Make the market. Raises LackingError naming all that is lacking, ForeignFileError for what is no market."""
        fields = self.market(name)
        fields["reserves"] = [self.reserve(asset) for asset in self.draft.reserves]
        fields["e_modes"] = self.e_modes()
        if self.with_state:
            fields["state"] = self.state(fields["name"], fields["reserves"])
        if self.lacking:
            raise self._asking()
        try:
            with quiet_about_units():  # the units of a form are known
                config = MarketConfig.model_validate(fields)
            refuse_what_is_lacking(config, self.release)
        except ValidationError as error:
            raise ForeignFileError("\n".join(faults_in(error, fields, MarketConfig))) from error
        except ValueError as error:
            raise ForeignFileError(str(error)) from error
        taken = [f"{field} of {self._whom(whose)}: {value}" for (field, value), whose in self.taken.items()]
        left_out = [f"{field} of {self._whom(whose)}" for field, whose in self.left_out.items()]
        return ImportedMarket(config, self.draft.kind, tuple(taken), tuple(left_out), tuple(self.notes))

    def _whom(self, whose: list[str]) -> str:
        if len(whose) > 1 and set(whose) == set(self.keys.values()):
            return f"all {len(whose)} reserves"
        modes = self.draft.e_modes if self.draft.e_modes is not None else self.defaults.e_modes
        if len(whose) > 1 and len(whose) == len(modes or ()) and whose[0].startswith(E_MODE_NUMBER):
            return f"all {len(whose)} e-modes"
        return some(whose, 8)

    def _asking(self) -> LackingError:
        self.lacking = dict(sorted(self.lacking.items(), key=lambda item: ORDER.get(item[0], len(ORDER))))
        lines = [f"{self.draft.kind} does not say everything that a market of {self.release.label} has. Lacking:"]
        width = max(len(name) for name in self.lacking)
        lines += [f"  {name:{width}}  {self._whom(whose)}" for name, whose in self.lacking.items()]
        lines.append("Give them as defaults, under these names.")
        return LackingError("\n".join(lines), self.lacking, self._template())

    def _template(self) -> dict[str, Any]:
        """A file of defaults with a null for everything that is lacking."""
        template: dict[str, Any] = {}
        for name, whose in self.lacking.items():
            if whose == [THE_MARKET]:
                template[name] = None
            elif whose == [THE_STATE]:
                template.setdefault("state", {})[name] = None
            elif set(whose) <= set(self.keys.values()) and 2 * len(whose) > len(self.keys):
                _put(template.setdefault("every_reserve", {}), name)
            elif whose[0].startswith(E_MODE_NUMBER):
                template.setdefault("every_e_mode", {})[name] = None
            else:
                for key in whose:
                    _put(template.setdefault("reserves", {}).setdefault(key, {}), name)
        return template


def _only(fields: Fields, names: Iterable[str]) -> Fields:
    return {name: fields[name] for name in names if name in fields}


def _without_state(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if not name.startswith(OF_STATE)}


def _has_nothing_pending(*levels: Fields) -> bool:
    """No LTV can be put aside where the asset is no collateral and nothing is frozen."""
    first = {name: value for level in reversed(levels) for name, value in level.items()}
    return first.get("liquidation_threshold_bps") == 0 and first.get("frozen") is False


def _put(section: dict[str, Any], name: str, value: Any = None) -> None:
    *parts, inner = name.split(".")
    for part in parts:
        section = section.setdefault(part, {})
    section[inner] = value


def _nested(fields: Fields) -> Fields:
    """Dotted names as objects in objects."""
    found: Fields = {}
    for name, value in fields.items():
        _put(found, name, value)
    return found
