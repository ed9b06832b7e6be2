"""The page of a market's file, made of the models: every field with its type, its default and its description.

`python docs/_tools/market_file.py` writes `docs/reference/market-file.md`; a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pooltwin.protocol.models import MarketConfig

PAGE = Path(__file__).parents[1] / "reference" / "market-file.md"
HEAD = """\
# A market's file

What `load_market` reads, `Market.deploy` takes and every command that wants a market accepts: one JSON object, as
`fixtures/markets/ethereum-core-2026-02.json`. `MarketConfig.model_json_schema()` says the same to a program.

- Amounts, prices and rates are whole numbers in the unit that the contracts use. Decimal strings are taken too.
- Addresses are `0x` and 40 hex digits; where capitals and small letters are mixed, the checksum must be right.
- A market is described as it is. What governance could not make so today, as an asset with 2 decimals or a fixed rate,
  is put into storage when the market is deployed; listings on it refuse that, as the contracts do.
- What a release does not have is refused with field, reserve and release, before anything is deployed.
- Figures that look as if they were in another unit give a `UnitsWarning`, never an error.
- Unknown keys are refused.

This page is made of the models by `python docs/_tools/market_file.py`.
"""
TITLES = {
    "MarketConfig": "The market",
    "MarketAddresses": "`addresses`",
    "ReserveConfig": "A reserve",
    "RateParameters": "`rates`",
    "StableRateParameters": "`stable_rates`",
    "EModeConfig": "An e-mode category",
    "MarketState": "`state`",
    "ReserveState": "`reserves` of a state",
    "AccountState": "`accounts` of a state",
    "AccountReserveState": "`reserves` of an account",
    "StableDebtState": "`stable_debt` of a reserve's state",
}


def page() -> str:
    """The whole page."""
    schema = MarketConfig.model_json_schema()
    models = {"MarketConfig": schema, **schema["$defs"]}
    order = [*(name for name in TITLES if name in models), *(name for name in models if name not in TITLES)]
    return HEAD + "".join(_section(name, models[name]) for name in order if "properties" in models[name])


def _section(name: str, model: dict[str, Any]) -> str:
    told = " ".join(model.get("description", "").split())
    needed = set(model.get("required", ()))
    needed |= {choice["required"][0] for either in model.get("allOf", ()) for choice in either["anyOf"][:1]}
    rows = [_row(field, said, field in needed) for field, said in model["properties"].items()]
    table = ["| key | value | default | meaning |", "|---|---|---|---|", *rows]
    return f"\n## {TITLES.get(name, name)}\n\n{told}\n\n" + "\n".join(table) + "\n"


def _row(field: str, said: dict[str, Any], required: bool) -> str:
    default = said.get("default")
    plain = default not in (None, [], {}) and not isinstance(default, dict)
    shown = "required" if required else f"`{_json(default)}`" if plain else ""
    meaning = " ".join(said.get("description", "").split()).replace("|", "\\|")
    return f"| `{field}` | {_kind(said)} | {shown} | {meaning} |"


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(said: dict[str, Any]) -> str:
    """The values that a field takes, in a few words."""
    kinds = [one for one in said.get("anyOf", [said]) if one.get("type") != "null"]
    if "$ref" in kinds[0]:
        return "object"
    inner = kinds[0]
    if "anyOf" in inner:  # a number that may be a string, or nothing
        inner = inner["anyOf"][0]
    if inner.get("type") == "integer":
        low = inner.get("minimum", inner.get("exclusiveMinimum", -1) + 1)
        high = inner.get("maximum")
        return f"{_number(low)} to {_number(high)}" if high is not None else f"from {low}"
    if inner.get("pattern", "").startswith("^0x"):
        return "address"
    if "enum" in inner:
        return ", ".join(f"`{value}`" for value in inner["enum"])
    names = {"string": "text", "boolean": "`true`, `false`", "array": "list", "object": "object"}
    return names.get(inner.get("type", ""), "")


def _number(value: int) -> str:
    """A bound, as a power where it is large."""
    size = abs(value)
    if size < 10**15:
        return str(value)
    sign = "-" if value < 0 else ""
    bits, digits = (size + 1).bit_length() - 1, len(str(size)) - 1
    if size + 1 == 2**bits:
        return f"{sign}2^{bits} - 1"
    return f"{sign}2^{size.bit_length() - 1}" if size == 2 ** (size.bit_length() - 1) else f"{sign}10^{digits}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
