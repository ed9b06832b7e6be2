"""What is asked for: every field of a market is, or it is told why not."""

from __future__ import annotations

import json

from pooltwin.interop import LackingError, import_market
from pooltwin.interop.formats import needs
from pooltwin.protocol import Market
from pooltwin.protocol.models import EModeConfig, MarketConfig, RateParameters, ReserveConfig, StableRateParameters

from .forms import BOOK, DATA, SENTINEL, answers
from .test_snapshots import new

PARTS = {"rates": RateParameters, "stable_rates": StableRateParameters}


def test_every_field_of_a_market_is_asked_for_or_told_why_not() -> None:
    asked = {*needs.MARKET, *needs.SENTINEL, *needs.RESERVE, *needs.ADDRESSES, *needs.NEVER_ASKED}
    fields = {*MarketConfig.model_fields, *ReserveConfig.model_fields} - {*PARTS, "e_modes"}
    fields |= {f"{part}.{name}" for part, of in PARTS.items() for name in of.model_fields if name.endswith("_bps")}
    assert fields == asked
    assert {*EModeConfig.model_fields} - {"id"} == {*needs.E_MODE}


def test_an_entry_of_the_address_book_and_the_parameters_of_a_snapshot_make_the_real_market() -> None:
    """Both are of Mantle: what the book lacks, the snapshot's market answers; addresses agree."""
    snapshot = new("3.6", "3.6")
    try:
        import_market("address-book", DATA / BOOK, revision="3.6")
    except LackingError as error:
        defaults = answers(error, snapshot) | SENTINEL
    found = import_market("address-book", DATA / BOOK, revision="3.6", defaults=defaults).config
    market = Market.deploy(found)
    assert market.pool.address == snapshot.addresses.pool
    assert {one.symbol: one.a_token for one in found.reserves} == {one.symbol: one.a_token for one in snapshot.reserves}
    assert {one.symbol: one.price for one in found.reserves} == {one.symbol: one.price for one in snapshot.reserves}
    book = json.loads((DATA / BOOK).read_text(encoding="utf-8"))
    assert [one.id for one in found.reserves] == [asset["id"] for asset in book["ASSETS"].values()]
    assert len(found.e_modes) == len(book["E_MODES"])
    assert found.addresses.treasury == book["COLLECTOR"].lower()
