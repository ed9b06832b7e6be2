"""LIQ-2 is broken by what a probe tries after step 35: it is worth 836.24 USD.
  The law: A borrower whose HF is below 1 can be liquidated: for every enabled
  collateral worth a unit of base currency and two shares of some debt, some
  debt and some amount go through.
  Compared: some amount succeeds must be equal: False against True

 1. dave: pool.withdraw(WETH, everything, dave)
    withdraws 5,000 WETH, 10,000,000.00 USD
 2. dave: pool.withdraw(WSTETH, everything, dave)
    withdraws 4,166 WSTETH, 9,998,400.00 USD
 3. dave: pool.withdraw(USDC, everything, dave)
    withdraws 10,000,000 USDC, 10,000,000.00 USD
 4. dave: pool.withdraw(USDT, everything, dave)
    withdraws 10,000,000 USDT, 9,999,000.00 USD
 5. dave: pool.withdraw(WBTC, everything, dave)
    withdraws 153 WBTC, 9,945,000.00 USD
 6. dave: pool.withdraw(LINK, everything, dave)
    withdraws 661,224 LINK, 9,999,992.59 USD
 7. admin: configurator.initReserves([[aToken code, debtToken code, SPARE,
      Spare, aSPARE, Spare debt, debtSPARE, 0x,
      0x00000000000000000000000000000000... (128 bytes)]])
 8. admin: oracle.setAssetSources([SPARE], [GUSD feed])
 9. admin: configurator.configureReserveAsCollateral(SPARE, 7000 (70%),
      7000 (70%), 10500 (105%))
10. admin: configurator.setReserveBorrowing(SPARE, True)
11. bob: pool.withdraw(DUST, everything, bob)
    withdraws 100,000,000 DUST, 1.00 USD
12. admin: SPARE.mint(dave, 1000000000000000000000 (1,000 SPARE, 1,000.00 USD))
13. dave: SPARE.approve(pool, everything)
14. dave: pool.supply(SPARE, 1000000000000000000000 (1,000 SPARE, 1,000.00 USD),
      dave, 0)
15. dave: pool.withdraw(SPARE, 500000000000000000000 (500 SPARE, 500.00 USD),
      dave)
16. dave: pool.withdraw(SPARE, 250000000000000000000 (250 SPARE, 250.00 USD),
      dave)
17. dave: pool.withdraw(DUST, everything, dave)
    withdraws 100,000,000 DUST, 1.00 USD
18. alice: aDUST.transfer(bob,
      10000000000000000000000000000 (10,000 DUST, under 0.01 USD))
19. bob: pool.borrow(SPARE, 100000000000000000000 (100 SPARE, 100.00 USD), 2, 0,
      bob)
    health factor of bob: no debt before, 468,550.1873 after
20. bob: pool.borrow(DUST,
      70000000000000000000000000000000 (70,000,000 DUST, 0.70 USD), 2, 0, bob)
    health factor of bob: 468,550.1873 before, 465,293.1354 after
21. dave: pool.borrow(SPARE, 109149538040000000000 (109.15 SPARE, 109.15 USD),
      2, 0, dave)
    health factor of dave: no debt before, 1.6033 after
22. dave: pool.borrow(DUST,
      123193964870523280000000000000000 (123,193,964.87 DUST, 1.23 USD), 2, 0,
      dave)
    health factor of dave: 1.6033 before, 1.5854 after
23. dave: pool.repay(DUST,
      10000000000000000000000000000000 (10,000,000 DUST, 0.10 USD), 2, dave)
    health factor of dave: 1.5854 before, 1.5868 after
24. 1 hour passes (3600 seconds)
25. alice: aDUST.transfer(dave,
      100000000000000000000000000000000 (100,000,000 DUST, 1.00 USD))
26. 1,080 days pass (93312000 seconds)
27. alice: pool.flashLoan(receiver, [USDC, DUST, WETH], [0,
      11965207748107734810175343689728 (11,965,207.75 DUST, 0.12 USD),
      1000000 (under 0.000001 WETH, 0.00 USD)], [0, 2, 2], alice, 0x, 0)
    lent for a premium of 0 USDC, 0.00 USD
    health factor of alice: no debt before, over a million after
28. 360 days pass (31104000 seconds)
29. bob: pool.withdraw(DUST, everything, bob)
    withdraws 229,193.78 DUST, under 0.01 USD
30. 360 days pass (31104000 seconds)
31. admin: DUST.mint(bob, 10000000000000000000000000000000000000 (10,000,000,000
      ,000 DUST, 100,000.00 USD))
32. bob: pool.liquidationCall(DUST, DUST, dave, everything, True)
    repays 7,145,398,361.61 DUST, 71.45 USD; takes
      7,752,757,222.35 DUST, 77.53 USD
    health factor of dave: 0.0213 before, 0.0194 after
33. 360 days pass (31104000 seconds)
34. bob: pool.borrow(DUST,
      1000000000000000000000000000 (1,000 DUST, under 0.01 USD), 2, 0, bob)
35. 360 days pass (31104000 seconds)

Debts exceed the collateral of those who owe them by 4,116,812.81 USD, before
  the history by 0.00 USD.
"""

from pathlib import Path

from pooltwin.invariants import read_history, violation_of


def test_liq_2_3_7():
    history = read_history(Path(__file__).parent / "liq_2_3_7.json")
    violation = violation_of(
        history,
        "LIQ-2",
        probe_seed="3/7/1999",
    )
    assert violation is None, str(violation)
