"""Keeps a world's liquidations and written-off debts as they happen, whoever brings them about and by whichever way."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.events.pool import DeficitCreated, LiquidationCall

from ..units import PRICE_UNIT
from .outside import Outside
from .record import Liquidation, WrittenOff

TOLD = (Liquidation, WrittenOff)


class EventKeeper:
    """Recorder of a chain: what it keeps is dropped again where a snapshot is reverted."""

    def __init__(self, world: Outside) -> None:
        """Keep events of a world's chain from now on, in the world's record."""
        self.world, self.kept = world, 0
        chain = world.market.chain
        chain.recorders = (*chain.recorders, self)

    def transaction_opened(self) -> None:
        """Nothing to keep yet."""

    def keep(self, logs: list[tuple[Address, Any]]) -> None:
        """Keep what a transaction that took effect has liquidated and written off."""
        for _, event in logs:
            if isinstance(event, LiquidationCall):
                self._put(self._liquidation(event))
            elif isinstance(event, DeficitCreated):
                self._put(self._written_off(event))

    def restore(self, name: str, old: int) -> None:  # noqa: ARG002 - as the journal calls it
        """Forget what is undone."""
        entries = self.world.record.entries
        for index in range(len(entries) - 1, -1, -1):
            if self.kept <= old:
                break
            if isinstance(entries[index], TOLD):
                del entries[index]
                self.kept -= 1

    def _put(self, entry: Liquidation | WrittenOff) -> None:
        self.world.market.chain.journal.entries.append((self, "kept", self.kept))
        self.world.record.entries.append(entry)
        self.kept += 1

    def _liquidation(self, event: LiquidationCall) -> Liquidation:
        repaid, received = event.debt_to_cover, event.liquidated_collateral_amount
        return Liquidation(
            *self._now(),
            self._name(event.liquidator),
            self._name(event.user),
            self._key(event.collateral_asset),
            self._key(event.debt_asset),
            repaid,
            received,
            self._base(event.debt_asset, repaid),
            self._base(event.collateral_asset, received),
            event.receive_a_token,
        )

    def _written_off(self, event: DeficitCreated) -> WrittenOff:
        asset, amount = event.debt_asset, event.amount_created
        return WrittenOff(*self._now(), self._name(event.user), self._key(asset), amount, self._base(asset, amount))

    def _now(self) -> tuple[int, int]:
        return self.world.time, self.world.block

    def _name(self, where: Address) -> str:
        return self.world.names.get(where, where)

    def _key(self, asset: Address) -> str:
        return self.world.market.keys.get(asset, asset)

    def _base(self, asset: Address, amount: int) -> int:
        try:
            return int(self.world.value(self._key(asset), amount) * PRICE_UNIT)
        except Revert:
            return 0
