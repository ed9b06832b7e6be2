"""What stands around the pool of v3.0.2: data provider, sentinel and its source, which changed later."""

from __future__ import annotations

from ..address import Address
from ..logic.priced_e_modes import category_of
from ..math.uint import sub
from .data_provider import DataProvider
from .function import view
from .oracle import PriceOracleSentinel, SequencerOracle


class FirstDataProvider(DataProvider):
    """Knows of stable rates, and of an asset's one e-mode category. Solidity: `AaveProtocolDataProvider`, v3.0.2."""

    CODE = "AaveProtocolDataProvider@3.0.2"
    ABSENT = ("getIsVirtualAccActive(address)", "getVirtualUnderlyingBalance(address)")
    __slots__ = ()

    @view("getReserveEModeCategory(address)", "uint256")
    def get_reserve_e_mode_category(self, asset: Address) -> int:
        """The asset's category, 0 for none."""
        return category_of(self._configuration(asset))

    @view(
        "getReserveData(address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40",
    )
    def get_reserve_data(self, asset: Address) -> tuple[int, ...]:
        """As later, with the stable rate after the variable one."""
        stable_rate: int = self._pool().reserves[asset].current_stable_borrow_rate
        data = self.reserve_data(asset)
        return (*data[:7], stable_rate, *data[8:])

    @view("getReserveTokensAddresses(address)", "address,address,address")
    def get_reserve_tokens_addresses(self, asset: Address) -> tuple[Address, Address, Address]:
        """aToken, stable debt token, variable debt token."""
        reserve = self._pool().reserves[asset]
        return reserve.a_token, reserve.stable_debt_token, reserve.variable_debt_token


class FirstSequencerOracle(SequencerOracle):
    """Says since when as the time of its last update. Solidity: `SequencerOracle`, v3.0.2."""

    CODE = "SequencerOracle@3.0.2"
    __slots__ = ()

    @view("latestRoundData()", "uint80,int256,uint256,uint256,uint80")
    def latest_round_data(self) -> tuple[int, int, int, int, int]:
        """Answer 1 means down; the fourth figure is since when."""
        return 0, int(self.is_down), 0, self.changed_at, 0


class FirstPriceOracleSentinel(PriceOracleSentinel):
    """Counts the grace period from the sequencer's last update. Solidity: `PriceOracleSentinel`, v3.0.2."""

    CODE = "PriceOracleSentinel@3.0.2"
    __slots__ = ()

    def _is_up_and_grace_period_passed(self) -> bool:
        _, answer, _, updated_at, _ = self.chain.at(self.sequencer_oracle).latest_round_data()
        return answer == 0 and sub(self.chain.time, updated_at) > self.grace_period
