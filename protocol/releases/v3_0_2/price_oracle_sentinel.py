"""The price-oracle sentinel and the source it asks as they were in v3.0.2.

Solidity: `PriceOracleSentinel`, `SequencerOracle`, v3.0.2.
"""

from __future__ import annotations

from ...contracts.oracle import PriceOracleSentinel, SequencerOracle
from ...machine.function import view
from ...math.uint import sub


class SequencerOracleV302(SequencerOracle):
    """Says since when as the time of its last update. Solidity: `SequencerOracle`, v3.0.2."""

    CODE = "SequencerOracle@3.0.2"
    __slots__ = ()

    @view("latestRoundData()", "uint80,int256,uint256,uint256,uint80")
    def latest_round_data(self) -> tuple[int, int, int, int, int]:
        """Answer 1 means down; the fourth figure is since when."""
        return 0, int(self.is_down), 0, self.changed_at, 0


class PriceOracleSentinelV302(PriceOracleSentinel):
    """Counts the grace period from the sequencer's last update. Solidity: `PriceOracleSentinel`, v3.0.2."""

    CODE = "PriceOracleSentinel@3.0.2"
    __slots__ = ()

    def _is_up_and_grace_period_passed(self) -> bool:
        _, answer, _, updated_at, _ = self.chain.at(self.sequencer_oracle).latest_round_data()
        return answer == 0 and sub(self.chain.time, updated_at) > self.grace_period
