// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {PoolInstance} from 'aave-v3-origin/contracts/instances/PoolInstance.sol';
import {IPoolAddressesProvider} from 'aave-v3-origin/contracts/interfaces/IPoolAddressesProvider.sol';
import {IReserveInterestRateStrategy} from 'aave-v3-origin/contracts/interfaces/IReserveInterestRateStrategy.sol';

/// A pool that keeps a book of deposits, so that a front end can show what an account has earned.
contract EarningsPool is PoolInstance {
  /// What an account has put into a reserve and has not taken out again, in units of the asset.
  mapping(address asset => mapping(address account => uint256)) internal _deposited;

  constructor(
    IPoolAddressesProvider provider,
    IReserveInterestRateStrategy rates
  ) PoolInstance(provider, rates) {}

  function depositedOf(address asset, address account) external view returns (uint256) {
    return _deposited[asset][account];
  }

  function supply(address asset, uint256 amount, address account, uint16 referral) public override {
    super.supply(asset, amount, account, referral);
    _deposited[asset][account] += amount;
  }

  function supplyWithPermit(
    address asset,
    uint256 amount,
    address account,
    uint16 referral,
    uint256 deadline,
    uint8 v,
    bytes32 r,
    bytes32 s
  ) public override {
    super.supplyWithPermit(asset, amount, account, referral, deadline, v, r, s);
    _deposited[asset][account] += amount;
  }

  function deposit(address asset, uint256 amount, address account, uint16 referral) external override {
    supply(asset, amount, account, referral);
  }

  function withdraw(address asset, uint256 amount, address to) public override returns (uint256) {
    uint256 paid = super.withdraw(asset, amount, to);
    uint256 left = _deposited[asset][msg.sender];
    _deposited[asset][msg.sender] = left > paid ? left - paid : 0; // interest was never put in
    return paid;
  }
}
