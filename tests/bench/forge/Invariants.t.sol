// SPDX-License-Identifier: MIT
pragma solidity >=0.8.20;

import {Handler} from "./Handler.sol";
import {Pool, ScaledToken, Token, VM} from "./Market.sol";

/// What a good suite asks of a lending pool after every step. The market is whatever state the environment names.
contract InvariantsTest {
    Handler private handler;
    Pool private pool;
    /// Whoever holds tokens of the market at the start, the treasury with them.
    address[] private holders;

    function setUp() public {
        VM.loadAllocs(VM.envString("ALLOC"));
        VM.warp(VM.envUint("TIME"));
        VM.roll(VM.envUint("NUMBER"));
        pool = Pool(VM.envAddress("POOL"));
        address[] memory actors = new address[](5);
        for (uint256 i = 0; i < actors.length; i++) {
            actors[i] = address(uint160(uint256(keccak256(abi.encode("actor", i)))));
        }
        handler = new Handler(pool, actors);
        holders = VM.envAddress("HOLDERS", ",");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Asked after every step, all at once: each invariant by itself would be a campaign of its own.
    function invariant_allHold() public {
        VM.warp(handler.time());
        VM.roll(handler.number());
        require(bytes(handler.broken()).length == 0, handler.broken());
        for (uint256 i = 0; i < handler.numberOfTouched(); i++) {
            address asset = handler.touched(i);
            _supplyIsBacked(asset);
            _mustAddUp(_supplied(asset));
            _mustAddUp(_owed(asset));
        }
    }

    /// Supply is backed: cash and what is owed cover what lenders have, but for a unit a step that rounding may take.
    function _supplyIsBacked(address asset) private view {
        ScaledToken supplied = _supplied(asset);
        uint256 there = Token(asset).balanceOf(address(supplied)) + _owed(asset).totalSupply();
        uint256 claims = supplied.totalSupply();
        require(there + pool.getReserveDeficit(asset) + handler.steps() + 10 >= claims, "supply is not backed");
    }

    function _supplied(address asset) private view returns (ScaledToken) {
        return handler.lent(asset);
    }

    function _owed(address asset) private view returns (ScaledToken) {
        return handler.owing(asset);
    }

    /// The balances of everybody add up to the supply, of aTokens and of debt tokens.
    function _mustAddUp(ScaledToken token) private view {
        uint256 held;
        for (uint256 i = 0; i < holders.length; i++) {
            held += token.scaledBalanceOf(holders[i]);
        }
        for (uint256 i = 0; i < handler.numberOfActors(); i++) {
            held += token.scaledBalanceOf(handler.actors(i));
        }
        require(held == token.scaledTotalSupply(), "balances do not add up to the supply");
    }
}
