"""What stands around the pool of v3.0.2: data provider, sentinel and its source, which changed later."""

from __future__ import annotations

from typing import Any

from ...address import Address
from ...contracts.data_provider import DataProvider
from ...contracts.oracle import PriceOracleSentinel, SequencerOracle
from ...machine.function import view
from ...math.uint import sub
from .e_modes import category_of


class FirstDataProvider(DataProvider):
    """Knows of stable rates, and of an asset's one e-mode category. Solidity: `AaveProtocolDataProvider`, v3.0.2."""

    CODE = "AaveProtocolDataProvider@3.0.2"
    ABSENT = ("getIsVirtualAccActive(address)", "getVirtualUnderlyingBalance(address)")
    __slots__ = ()

    @view("getReserveEModeCategory(address)", "uint256")
    def get_reserve_e_mode_category(self, asset: Address) -> int:
        """The asset's category, 0 for none."""
        return category_of(self._configuration(asset))

    def _stable_debt_token(self, asset: Address) -> Any:
        """What the pool says it is. Reverts without data where there is none: an unlisted asset, a later pool."""
        return self.chain.at(self._pool().get_reserve_data(asset).stable_debt_token_address)

    @view(
        "getReserveData(address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40",
    )
    def get_reserve_data(self, asset: Address) -> tuple[int, ...]:
        """As later, with the stable rate after the variable one."""
        stable_rate = self._pool().get_reserve_data(asset).current_stable_borrow_rate
        self._stable_debt_token(asset)
        data = self.reserve_data(asset)
        return (*data[:7], stable_rate, *data[8:])

    @view("getReserveTokensAddresses(address)", "address,address,address")
    def get_reserve_tokens_addresses(self, asset: Address) -> tuple[Address, Address, Address]:
        """aToken, stable debt token, variable debt token."""
        reserve = self._pool().get_reserve_data(asset)
        return reserve.a_token_address, reserve.stable_debt_token_address, reserve.variable_debt_token_address

    @view("getTotalDebt(address)", "uint256")
    def get_total_debt(self, asset: Address) -> int:
        """All debt to the reserve, of both kinds, in underlying units."""
        self._stable_debt_token(asset)
        return self.total_debt(asset)

    @view(
        "getUserReserveData(address,address)",
        "uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint40,bool",
    )
    def get_user_reserve_data(
        self, asset: Address, user: Address
    ) -> tuple[int, int, int, int, int, int, int, int, bool]:
        """As later; there has to be a stable debt token."""
        self._stable_debt_token(asset)
        return super().get_user_reserve_data(asset, user)


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
