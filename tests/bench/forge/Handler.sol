// SPDX-License-Identifier: MIT
pragma solidity >=0.8.20;

import {Pool, Prices, Registry, ScaledToken, Token, VM} from "./Market.sol";

/// Everything that the runner may do: what lenders, borrowers and liquidators do, prices that move and time that passes.
/// Amounts are bounded by what makes sense, so that most calls succeed. What must hold of one call is noted in `broken`.
contract Handler {
    Pool public immutable pool;
    Prices public immutable oracle;
    address[] public assets;
    address[] public actors;
    string public broken;
    /// The assets of the last call: what must hold of assets is asked of them.
    address[] public touched;
    uint256 public steps;
    uint256 public succeeded;
    /// The runner forgets the time that a call moved the clock to, so it is kept here.
    uint256 public time = block.timestamp;
    uint256 public number = block.number;
    mapping(address asset => ScaledToken) public lent;
    mapping(address asset => ScaledToken) public owing;
    mapping(address asset => uint256) public highestIncome;
    mapping(address asset => uint256) public highestDebtIndex;

    uint256 private constant WAD = 1e18;
    address private constant REGISTRY_OWNER = address(0xad);

    constructor(Pool pool_, address[] memory actors_) {
        pool = pool_;
        oracle = Prices(Registry(pool_.ADDRESSES_PROVIDER()).getPriceOracle());
        assets = pool_.getReservesList();
        actors = actors_;
        for (uint256 i = 0; i < assets.length; i++) {
            lent[assets[i]] = ScaledToken(pool.getReserveAToken(assets[i]));
            owing[assets[i]] = ScaledToken(pool.getReserveVariableDebtToken(assets[i]));
            _provide(assets[i]);
            _indexesNeverFall(assets[i]);
        }
    }

    modifier now_() {
        VM.warp(time);
        VM.roll(number);
        _;
    }

    // --- what the runner calls ---------------------------------------------------------------------------------------

    function supply(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        _act(actor);
        try pool.supply(asset, _within(amount, 1, 10_000 * _dollar(asset)), actor, 0) {
            succeeded++;
        } catch {}
        _done(asset);
    }

    function withdraw(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        uint256 balance = lent[asset].balanceOf(actor);
        if (balance == 0) return;
        amount = amount % 4 == 0 ? type(uint256).max : _within(amount, 1, balance);
        bool healthy = _isHealthy(actor);
        _act(actor);
        try pool.withdraw(asset, amount, actor) {
            succeeded++;
            if (healthy && !_isHealthy(actor)) broken = "withdraw leaves its caller unhealthy";
        } catch {}
        _done(asset);
    }

    function borrow(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        (,, uint256 available,,,) = pool.getUserAccountData(actor);
        uint256 most = available * 10 ** Token(asset).decimals() / _price(asset);
        if (most == 0) return;
        amount = amount % 4 == 0 ? most * 11 / 10 : _within(amount, 1, most);
        _act(actor);
        try pool.borrow(asset, amount, 2, 0, actor) {
            succeeded++;
            if (!_isHealthy(actor)) broken = "borrow leaves its caller unhealthy";
        } catch {}
        _done(asset);
    }

    function repay(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        uint256 debt = owing[asset].balanceOf(actor);
        if (debt == 0) return;
        amount = amount % 4 == 0 ? type(uint256).max : _within(amount, 1, debt);
        _act(actor);
        try pool.repay(asset, amount, 2, actor) {
            succeeded++;
        } catch {}
        _done(asset);
    }

    function useAsCollateral(uint256 who, uint256 what, bool use) external now_ {
        (address actor, address asset) = _choice(who, what);
        bool healthy = _isHealthy(actor);
        _act(actor);
        try pool.setUserUseReserveAsCollateral(asset, use) {
            succeeded++;
            if (healthy && !_isHealthy(actor)) broken = "a change of collateral leaves its owner unhealthy";
        } catch {}
        _done(asset);
    }

    function liquidate(uint256 who, uint256 whom, uint256 seized, uint256 repaid, uint256 amount, bool inShares)
        external
        now_
    {
        (address liquidator, address collateral) = _choice(who, seized);
        address user = _riskiest(whom);
        address debt = assets[repaid % assets.length];
        uint256 owed = owing[debt].balanceOf(user);
        if (owed == 0 || user == liquidator) return;
        (uint256 collateralBefore, uint256 debtBefore,,,, uint256 healthBefore) = pool.getUserAccountData(user);
        amount = amount % 2 == 0 ? type(uint256).max : _within(amount, 1, owed);
        _act(liquidator);
        try pool.liquidationCall(collateral, debt, user, amount, inShares) {
            succeeded++;
            _liquidated(user, collateralBefore, debtBefore, healthBefore);
        } catch {}
        _done(collateral);
        _touch(debt);
    }

    function roundTripOfALender(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        uint256 before = _wealth(actor, asset);
        amount = _within(amount, 1, 10_000 * _dollar(asset));
        _act(actor);
        try pool.supply(asset, amount, actor, 0) {
            try pool.withdraw(asset, amount, actor) {
                succeeded++;
                if (_wealth(actor, asset) > before + 1) broken = "supply and withdraw bring a profit";
            } catch {}
        } catch {}
        _done(asset);
    }

    function roundTripOfABorrower(uint256 who, uint256 what, uint256 amount) external now_ {
        (address actor, address asset) = _choice(who, what);
        uint256 before = _wealth(actor, asset);
        (,, uint256 available,,,) = pool.getUserAccountData(actor);
        uint256 most = available * 10 ** Token(asset).decimals() / _price(asset);
        if (most == 0) return;
        amount = _within(amount, 1, most);
        _act(actor);
        try pool.borrow(asset, amount, 2, 0, actor) {
            try pool.repay(asset, amount, 2, actor) {
                succeeded++;
                if (_wealth(actor, asset) > before + 1) broken = "borrow and repay bring a profit";
            } catch {}
        } catch {}
        _done(asset);
    }

    function movePrice(uint256 what, uint256 bps) external {
        address asset = assets[what % assets.length];
        uint256 price = _price(asset) * _within(bps, 6_000, 14_000) / 10_000;
        if (price == 0 || price > 1e20) return;
        VM.store(oracle.getSourceOfAsset(asset), bytes32(0), bytes32(price));
        steps++;
    }

    function wait(uint256 long) external {
        time += _within(long, 1, 90 days);
        number++;
        steps++;
    }

    // --- what the invariants ask -------------------------------------------------------------------------------------

    function numberOfAssets() external view returns (uint256) {
        return assets.length;
    }

    function numberOfTouched() external view returns (uint256) {
        return touched.length;
    }

    function numberOfActors() external view returns (uint256) {
        return actors.length;
    }

    // --- within ------------------------------------------------------------------------------------------------------

    function _provide(address asset) private {
        uint256 each = 1_000_000_000 * _dollar(asset);
        for (uint256 i = 0; i < actors.length; i++) {
            VM.startPrank(Token(asset).owner(), REGISTRY_OWNER);
            Token(asset).mint(actors[i], each);
            VM.stopPrank();
            _act(actors[i]);
            Token(asset).approve(address(pool), type(uint256).max);
            VM.stopPrank();
        }
    }

    function _act(address actor) private {
        VM.startPrank(actor, actor);
    }

    function _done(address asset) private {
        VM.stopPrank();
        steps++;
        delete touched;
        _touch(asset);
    }

    function _touch(address asset) private {
        touched.push(asset);
        _indexesNeverFall(asset);
    }

    function _indexesNeverFall(address asset) private {
        uint256 income = pool.getReserveNormalizedIncome(asset);
        if (income < highestIncome[asset]) broken = "the liquidity index falls";
        highestIncome[asset] = income;
        // While nobody owes anything, the index only seems to grow: the next call takes that back.
        bool owed = owing[asset].totalSupply() != 0;
        uint256 index = owed ? pool.getReserveNormalizedVariableDebt(asset) : 0;
        if (owed && index < highestDebtIndex[asset]) broken = "the debt index falls";
        highestDebtIndex[asset] = index;
    }

    function _isHealthy(address actor) private view returns (bool) {
        (, uint256 debt,,,, uint256 health) = pool.getUserAccountData(actor);
        return debt == 0 || health >= WAD;
    }

    function _liquidated(address user, uint256 collateralBefore, uint256 debtBefore, uint256 healthBefore) private {
        if (healthBefore >= WAD) broken = "a healthy account is liquidated";
        (uint256 collateral, uint256 debt,,,, uint256 health) = pool.getUserAccountData(user);
        if (debt > debtBefore) broken = "a liquidation raises the debt";
        // No threshold times its bonus is more than 0.88 here: above that, what is seized cannot make things worse.
        bool improves = healthBefore >= 0.88e18;
        if (improves && debt != 0 && health + 1e12 < healthBefore) broken = "a liquidation lowers the health factor";
        if (collateral > collateralBefore) broken = "a liquidation leaves its victim more collateral";
    }

    function _riskiest(uint256 whom) private view returns (address user) {
        for (uint256 i = 0; i < actors.length; i++) {
            address candidate = actors[(whom % actors.length + i) % actors.length];
            (, uint256 debt,,,, uint256 health) = pool.getUserAccountData(candidate);
            if (user == address(0) || (debt != 0 && health < WAD)) user = candidate;
        }
    }

    function _wealth(address actor, address asset) private view returns (uint256) {
        uint256 owed = owing[asset].balanceOf(actor);
        return Token(asset).balanceOf(actor) + lent[asset].balanceOf(actor) + WAD ** 2 - owed;
    }

    function _choice(uint256 who, uint256 what) private view returns (address actor, address asset) {
        return (actors[who % actors.length], assets[what % assets.length]);
    }

    function _price(address asset) private view returns (uint256) {
        return oracle.getAssetPrice(asset);
    }

    /// About a dollar's worth of an asset, one unit at least.
    function _dollar(address asset) private view returns (uint256) {
        uint256 amount = 10 ** Token(asset).decimals() * 1e8 / _price(asset);
        return amount == 0 ? 1 : amount;
    }

    function _within(uint256 value, uint256 least, uint256 most) private pure returns (uint256) {
        return most <= least ? least : least + value % (most - least + 1);
    }
}
