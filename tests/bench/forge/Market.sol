// SPDX-License-Identifier: MIT
pragma solidity >=0.8.20;

interface Vm {
    function loadAllocs(string calldata path) external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function startPrank(address sender, address origin) external;
    function stopPrank() external;
    function store(address account, bytes32 slot, bytes32 word) external;
    function envAddress(string calldata name) external view returns (address value);
    function envAddress(string calldata name, string calldata between) external view returns (address[] memory values);
    function envString(string calldata name) external view returns (string memory value);
    function envUint(string calldata name) external view returns (uint256 value);
}

interface Registry {
    function getPriceOracle() external view returns (address);
}

interface Prices {
    function getAssetPrice(address asset) external view returns (uint256);
    function getSourceOfAsset(address asset) external view returns (address);
}

interface Token {
    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function decimals() external view returns (uint8);
    function approve(address spender, uint256 amount) external returns (bool);
    function mint(address account, uint256 amount) external returns (bool);
    function owner() external view returns (address);
}

interface ScaledToken is Token {
    function scaledBalanceOf(address account) external view returns (uint256);
    function scaledTotalSupply() external view returns (uint256);
    function RESERVE_TREASURY_ADDRESS() external view returns (address);
}

interface Pool {
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 code) external;
    function withdraw(address asset, uint256 amount, address to) external returns (uint256);
    function borrow(address asset, uint256 amount, uint256 mode, uint16 code, address onBehalfOf) external;
    function repay(address asset, uint256 amount, uint256 mode, address onBehalfOf) external returns (uint256);
    function setUserUseReserveAsCollateral(address asset, bool use) external;
    function liquidationCall(address collateral, address debt, address user, uint256 amount, bool inShares) external;
    function getReservesList() external view returns (address[] memory);
    function getReserveAToken(address asset) external view returns (address);
    function getReserveVariableDebtToken(address asset) external view returns (address);
    function getReserveNormalizedIncome(address asset) external view returns (uint256);
    function getReserveNormalizedVariableDebt(address asset) external view returns (uint256);
    function getReserveDeficit(address asset) external view returns (uint256);
    function getUserAccountData(address user)
        external
        view
        returns (uint256 collateral, uint256 debt, uint256 available, uint256 threshold, uint256 ltv, uint256 health);
    function ADDRESSES_PROVIDER() external view returns (address);
}

Vm constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
