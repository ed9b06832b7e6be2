"""A market with fewer reserves: its categories keep what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from pooltwin.protocol.models import EModeConfig, MarketConfig

LISTS = ("collateral", "borrowable", "ltv_zero")


def narrowed(config: MarketConfig, only: Sequence[str]) -> tuple[MarketConfig, tuple[str, ...]]:
    """Keep some reserves, by their names and in the market's order; all if none is named.

    Returns the market, and what of the rest had to go with the others. Raises ValueError, with what was probably meant,
    for a reserve that there is not.
    """
    if not only:
        return config, ()
    known = [reserve.handle for reserve in config.reserves]
    for name in only:
        if name not in known:
            by_lower = {each.lower(): each for each in known}
            near = get_close_matches(name.lower(), by_lower, 1)
            hint = f"did you mean {by_lower[near[0]]}?" if near else f"there are {', '.join(known)}"
            raise ValueError(f"{config.name} has no reserve {name!r}; {hint}")
    kept = tuple(reserve for reserve in config.reserves if reserve.handle in only)
    categories = [_kept(category, only) for category in config.e_modes]
    left = tuple(category for category in categories if category.collateral)
    empty = [str(category.id) for category in categories if not category.collateral]
    which = "category" if len(empty) == 1 else "categories"
    gone = [f"e-mode {which} {', '.join(empty)}, of which no collateral is left"] if empty else []
    plain: dict[str, object] = {"reserves": kept, "e_modes": left}
    if getattr(config, "state", None) is not None and len(kept) < len(known):
        plain["state"] = None
        gone.append("the state: it is that of all reserves")
    return config.model_copy(update=plain), tuple(gone)


def _kept(category: EModeConfig, only: Sequence[str]) -> EModeConfig:
    members = {name: tuple(each for each in getattr(category, name) if each in only) for name in LISTS}
    source = category.price_source if category.price_source in only else None
    return category.model_copy(update={**members, "price_source": source})
