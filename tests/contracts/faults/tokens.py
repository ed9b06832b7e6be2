"""Faults in tokens, allowances and who may do what, and in prices."""

from .edits import Edit, How, after, first, last, left_out, renamed, replaced
from .fault import Fault
from .syntax import Place

TOKEN, SCALED, INCENTIVIZED = "AToken", "ScaledBalanceTokenBase", "IncentivizedERC20"
CONFIGURATOR = "PoolConfigurator"

MOVES_DEBT = """
contract Faulty is VariableDebtTokenInstance {
  constructor(IPool pool, address rewards) VariableDebtTokenInstance(pool, rewards) {}

  function transfer(address to, uint256 amount) external override returns (bool) {
    uint120 held = _userState[msg.sender].balance;
    uint120 moved = amount < held ? uint120(amount) : held;
    _userState[msg.sender].balance = held - moved;
    _userState[to].balance += moved;
    emit Transfer(msg.sender, to, amount);
    return true;
  }
}
"""

OBEYS_ANYBODY = """
contract Faulty is PoolInstance {
  constructor(IPoolAddressesProvider provider, IReserveInterestRateStrategy strategy)
    PoolInstance(provider, strategy) {}

  function _onlyPositionManager(address) internal view override {}
}
"""

SHARES_WITH_TREASURY = """
import 'contracts/protocol/libraries/helpers/TokenMath.sol';

contract Faulty is ATokenInstance {
  constructor(IPool pool, address rewards, address treasury) ATokenInstance(pool, rewards, treasury) {}

  function mint(address caller, address to, uint256 scaled, uint256 index)
    external override onlyPool returns (bool none)
  {
    none = _mintScaled(caller, to, scaled, index, TokenMath.getATokenBalance);
    _mintScaled(caller, TREASURY, 1, index, TokenMath.getATokenBalance);
  }
}
"""

TRANSFERS = (
    Fault(
        "M43",
        "transfers",
        (last(TOKEN, "_transfer/5", "if (sender == recipient) _userState[recipient].balance += scaledAmount;"),),
    ),
    Fault(
        "M102",
        "transfers",
        (
            last(
                TOKEN,
                "_transfer/5",
                "if (scaledAmount != 0 && sender != recipient) _userState[recipient].balance += 1;",
            ),
        ),
    ),
    Fault(
        "M103",
        "rounding",
        (
            renamed(TOKEN, "_transfer/3", "getATokenTransferScaledAmount", "getATokenMintScaledAmount"),
            renamed(TOKEN, "transferFrom", "getATokenTransferScaledAmount", "getATokenMintScaledAmount"),
        ),
    ),
    Fault("M104", "transfers", (left_out(TOKEN, "_transfer/5", "BalanceTransfer", kind="EmitStatement"),)),
    Fault("M143", "rounding", (first(TOKEN, "mint", "scaledAmount += uint160(onBehalfOf) & 1;"),)),
    Fault("M142", "treasury", contracts={"ATokenInstance": SHARES_WITH_TREASURY}),
    Fault("M110", "transfers", contracts={"VariableDebtTokenInstance": MOVES_DEBT}),
    Fault(
        "M109",
        "books",
        (
            after(
                Place("MintableIncentivizedERC20", "_burn", "BinaryOperation", "-", nth=0),
                " + 1",
            ),
        ),
    ),
)

ALLOWANCES = (
    Fault("M106", "allowances", (replaced(INCENTIVIZED, "_spendAllowance", "BinaryOperation", "==", "true"),)),
    Fault("M107", "allowances", (replaced(INCENTIVIZED, "_spendAllowance", "BinaryOperation", "==", "false"),)),
    Fault("M108", "allowances", (left_out("VariableDebtToken", "mint", "_decreaseBorrowAllowance"),)),
)

RIGHTS = (
    Fault("M111", "access", (left_out(INCENTIVIZED, "onlyPool", "CallerMustBePool"),)),
    Fault("M115", "access", (left_out(CONFIGURATOR, "_onlyRiskOrPoolAdmins", "CallerNotRiskOrPoolAdmin"),)),
    Fault("M116", "access", (left_out("Pool", "onlyUmbrella", "CallerNotUmbrella"),)),
    Fault("M117", "access", contracts={"PoolInstance": OBEYS_ANYBODY}),
)

CONFIGURATION = (
    Fault(
        "M119",
        "freezing",
        (left_out(CONFIGURATOR, "setReserveFreeze", "_setReserveLtvzero", kind="IfStatement"),),
    ),
    Fault(
        "M120",
        "freezing",
        (replaced(CONFIGURATOR, "setReserveFreeze", "FunctionCall", "isReserveEnabledOnBitmap", "false"),),
    ),
    Fault("M125", "grace period", (replaced(CONFIGURATOR, "MAX_GRACE_PERIOD", "Literal", "4", "5 hours"),)),
    Fault(
        "M126",
        "caps",
        (
            after(
                Place(CONFIGURATOR, "setSupplyCap", "ExpressionStatement", mentions="setSupplyCap"),
                "currentConfig.setBorrowCap(newSupplyCap);",
            ),
        ),
    ),
)

PRICES = (
    Fault(
        "M127",
        "oracle",
        (Edit(Place("AaveOracle", "getAssetPrice", "BinaryOperation", ">"), How.OPERATOR, " != "),),
    ),
    Fault(
        "M132",
        "oracle",
        (first("GenericLogic", "_getUserBalanceInBaseCurrency", "if (assetPrice > 5_000e8) return 0;"),),
    ),
    Fault(
        "M131",
        "views",
        (after(Place("GenericLogic", "calculateAvailableBorrows", "FunctionCall", "percentMulFloor"), " + 2"),),
    ),
)

TOKENS = (*TRANSFERS, *ALLOWANCES, *RIGHTS, *CONFIGURATION, *PRICES)
