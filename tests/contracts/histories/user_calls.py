"""Random calls that users make on the pool; amounts lie near balances, debts and borrowing power."""

from collections.abc import Callable

from ..harness.evm import calldata
from ..harness.market import RECEIVER, SUPPLY, UMBRELLA
from ..harness.signing import Signature, Signer, malleated, permit_digest
from ..harness.world import MAX_UINT, WAD, Call, World

MakeCall = Callable[[World], Call | None]

VARIABLE = 2
BORROW = "borrow(address,uint256,uint256,uint16,address)"
SIGNED = "uint256,uint8,bytes32,bytes32)"


def supply(w: World) -> Call:
    """Supply for oneself, sometimes for another."""
    symbol, user = w.symbol(), w.user()
    amount = w.worth(symbol) if w.chance(0.8) else w.near(w.balance(symbol, user))
    signature = SUPPLY if w.chance(0.9) else SUPPLY.replace("supply", "deposit")
    asset = w.recorder.address(symbol) if w.chance(0.97) else w.asset()
    return Call(user, "pool", signature, (asset, amount, _beneficiary(w, user), w.rng.randrange(4)))


def withdraw(w: World) -> Call:
    """Withdraw around the balance, to oneself or another."""
    user = w.user()
    symbol = _pick_or(w, w.holdings(user, "a"))
    amount = w.near(w.balance(f"a{symbol}", user))
    return Call(user, "pool", "withdraw(address,uint256,address)", (_address(w, symbol), amount, _beneficiary(w, user)))


def borrow(w: World) -> Call:
    """Borrow around the borrowing power, on one's own account or a delegator's."""
    symbol = w.symbol()
    debtor, available = solvent_user(w)
    user = debtor if w.chance(0.8) else w.user()
    limit = w.to_amount(symbol, available)
    if w.chance(0.3):
        limit = w.worth(symbol)
    elif debtor != user:
        allowance = w.number(f"v{symbol}", "borrowAllowance(address,address)", debtor, user)
        limit = min(limit, allowance) if allowance else limit
    amount = limit if w.chance(0.2) else w.near(min(limit, liquidity(w, symbol)))
    return Call(user, "pool", BORROW, (_address(w, symbol), amount, _mode(w), w.rng.randrange(4), debtor))


def solvent_user(w: World) -> tuple[str, int]:
    """A user and what it can borrow in base currency; the best off of a few."""
    users = [w.user() for _ in range(w.pick((1, 2, 4)))]
    return max(((user, w.account(user)[2]) for user in users), key=lambda pair: pair[1])


def liquidity(w: World, symbol: str) -> int:
    """Read what a reserve can lend out."""
    if not w.has("PoolInstance", "getVirtualUnderlyingBalance(address)"):
        return w.balance(symbol, w.recorder.address(f"a{symbol}"))
    return w.number("pool", "getVirtualUnderlyingBalance(address)", w.recorder.address(symbol))


def repay(w: World) -> Call:
    """Repay around the debt, one's own or another's."""
    user = w.user()
    debtor = user if w.chance(0.8) else w.user()
    symbol = _pick_or(w, w.holdings(debtor, "v"))
    amount = w.near(w.balance(f"v{symbol}", debtor))
    arguments = (_address(w, symbol), amount, _mode(w), debtor)
    return Call(user, "pool", "repay(address,uint256,uint256,address)", arguments)


def repay_with_atokens(w: World) -> Call:
    """Repay with one's own aTokens."""
    user = w.user()
    symbol = _pick_or(w, w.holdings(user, "v"))
    amount = w.near(w.balance(f"v{symbol}", user))
    return Call(user, "pool", "repayWithATokens(address,uint256,uint256)", (_address(w, symbol), amount, _mode(w)))


def supply_with_permit(w: World) -> Call:
    """Supply with a signed allowance, sometimes a bad one: the pool goes on without it."""
    symbol, signer = w.symbol(), w.pick(list(w.signers.values()))
    amount = w.worth(symbol)
    asset = w.recorder.address(symbol)
    permit = token_permit(w, symbol, signer, w.recorder.address("pool"), amount)
    arguments = (asset, amount, _beneficiary(w, signer.address), 0, permit[0], *permit[1])
    signature = f"supplyWithPermit(address,uint256,address,uint16,{SIGNED}"
    return Call(_sender(w, signer), "pool", signature, arguments)


def repay_with_permit(w: World) -> Call:
    """Repay with a signed allowance."""
    signer = w.pick(list(w.signers.values()))
    debtor = signer.address if w.chance(0.8) else w.user()
    symbol = _pick_or(w, w.holdings(debtor, "v"))
    amount = w.near(w.balance(f"v{symbol}", debtor))
    permit = token_permit(w, symbol, signer, w.recorder.address("pool"), amount)
    arguments = (w.recorder.address(symbol), amount, _mode(w), debtor, permit[0], *permit[1])
    signature = f"repayWithPermit(address,uint256,uint256,address,{SIGNED}"
    return Call(_sender(w, signer), "pool", signature, arguments)


def use_as_collateral(w: World) -> Call:
    """Switch a holding on or off as collateral."""
    user = w.user()
    symbol = _pick_or(w, w.holdings(user, "a"))
    signature = "setUserUseReserveAsCollateral(address,bool)"
    return Call(user, "pool", signature, (_address(w, symbol), w.chance(0.6)))


def use_as_collateral_for(w: World) -> Call:
    """The same, by a position manager."""
    manager, user = manager_pair(w)
    symbol = _pick_or(w, w.holdings(user, "a"))
    signature = "setUserUseReserveAsCollateralOnBehalfOf(address,bool,address)"
    return Call(manager, "pool", signature, (_address(w, symbol), w.chance(0.6), user))


def set_emode(w: World) -> Call:
    """Enter or leave an e-mode category."""
    return Call(w.user(), "pool", "setUserEMode(uint8)", (_category(w),))


def set_emode_for(w: World) -> Call:
    """The same, by a position manager."""
    manager, user = manager_pair(w)
    return Call(manager, "pool", "setUserEModeOnBehalfOf(uint8,address)", (_category(w), user))


def approve_manager(w: World) -> Call:
    """Name a position manager, or dismiss one."""
    return Call(w.user(), "pool", "approvePositionManager(address,bool)", (w.user(), w.chance(0.7)))


def renounce_manager(w: World) -> Call:
    """A position manager steps down."""
    manager, user = manager_pair(w)
    return Call(manager, "pool", "renouncePositionManagerRole(address)", (user,))


def mint_to_treasury(w: World) -> Call:
    """Anybody may have the accrued fees minted."""
    assets = [w.asset() for _ in range(w.rng.randrange(4))]
    if w.chance(0.3):
        assets = [w.recorder.address(symbol) for symbol in w.symbols]
    return Call(w.user(), "pool", "mintToTreasury(address[])", (assets,))


def flash_loan_simple(w: World) -> Call:
    """A loan of one asset to the receiver, rarely to an account that cannot answer."""
    symbol = w.symbol()
    amount = w.within(liquidity(w, symbol))
    receiver = _receiver(w)
    arguments = (receiver, _address(w, symbol), amount, _bytes(w), w.rng.randrange(3))
    return Call(w.user(), "pool", "flashLoanSimple(address,address,uint256,bytes,uint16)", arguments)


def flash_loan(w: World) -> Call:
    """Up to three assets, each to be returned or to stay as debt of the caller or a delegator."""
    debtor = solvent_user(w)[0]
    user = debtor if w.chance(0.8) else w.user()
    symbols = [w.symbol() for _ in range(w.pick((1, 1, 2, 2, 3)))]
    modes = [w.pick((0, 0, 0, VARIABLE, VARIABLE, 1 if w.chance(0.1) else VARIABLE)) for _ in symbols]
    amounts = [_flash_amount(w, symbol, mode, debtor) for symbol, mode in zip(symbols, modes, strict=True)]
    if w.chance(0.03):
        w.pick((modes, amounts)).append(0)
    if w.chance(0.02):
        modes[0] = w.pick((3, MAX_UINT))
    receiver = _receiver(w)
    signature = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
    assets = [_address(w, symbol) for symbol in symbols]
    return Call(user, "pool", signature, (receiver, assets, amounts, modes, debtor, _bytes(w), w.rng.randrange(3)))


def liquidate(w: World) -> Call | None:
    """Liquidate, somebody unhealthy if there is anybody; else mostly let it be."""
    unhealthy = [user for user in (*w.users, UMBRELLA) if w.account(user)[5] < WAD]
    if not unhealthy and w.chance(0.8):
        return None
    borrower = w.pick(unhealthy) if unhealthy and w.chance(0.95) else w.user()
    debt = _pick_or(w, w.holdings(borrower, "v"))
    collateral = _pick_or(w, w.holdings(borrower, "a"))
    if w.chance(0.15) and debt in w.holdings(borrower, "a"):
        collateral = debt
    owed = w.balance(f"v{debt}", borrower)
    amount = MAX_UINT if w.chance(0.4) else w.near(w.pick((owed, owed // 2)))
    signature = "liquidationCall(address,address,address,uint256,bool)"
    liquidator = w.user() if w.chance(0.97) else borrower
    arguments = (_address(w, collateral), _address(w, debt), borrower, amount, w.chance(0.4))
    return Call(liquidator, "pool", signature, arguments)


def eliminate_deficit(w: World) -> Call:
    """The umbrella covers a deficit, if there is one."""
    with_deficit = [s for s in w.symbols if w.number("pool", "getReserveDeficit(address)", w.recorder.address(s))]
    symbol = _pick_or(w, with_deficit)
    deficit = w.number("pool", "getReserveDeficit(address)", w.recorder.address(symbol))
    sender = UMBRELLA if w.chance(0.9) else w.sender()
    return Call(sender, "pool", "eliminateReserveDeficit(address,uint256)", (_address(w, symbol), w.near(deficit)))


def umbrella_supply(w: World) -> Call:
    """The umbrella needs aTokens to cover deficits."""
    symbol = w.symbol()
    return Call(UMBRELLA, "pool", SUPPLY, (w.recorder.address(symbol), w.worth(symbol), UMBRELLA, 0))


def umbrella_debt(w: World) -> Call:
    """An umbrella in debt may not cover deficits; it borrows, or repays everything."""
    symbol = w.symbol()
    owing = w.holdings(UMBRELLA, "v")
    if owing:
        arguments = (w.recorder.address(owing[0]), MAX_UINT, VARIABLE, UMBRELLA)
        return Call(UMBRELLA, "pool", "repay(address,uint256,uint256,address)", arguments)
    amount = w.within(w.to_amount(symbol, w.account(UMBRELLA)[2]))
    return Call(UMBRELLA, "pool", BORROW, (w.recorder.address(symbol), amount, VARIABLE, 0, UMBRELLA))


def multicall(w: World) -> Call:
    """Several pool calls by one user in one transaction, sometimes nested."""
    inner = [make(w) for make in (w.pick(MULTICALLABLE) for _ in range(w.rng.randrange(4)))]
    calls = [calldata(call.signature, *call.arguments) for call in inner if call is not None and call.to == "pool"]
    if w.chance(0.05):
        calls.append(calldata("multicall(bytes[])", list(calls)))
    if w.chance(0.05):
        calls.append(w.rng.randbytes(w.rng.randrange(8)))
    sender = inner[0].sender if inner and inner[0] is not None else w.user()
    return Call(sender, "pool", "multicall(bytes[])", (calls,))


def token_permit(w: World, token: str, signer: Signer, spender: str, value: int) -> tuple[int, Signature]:
    """A deadline and a signature for a token's next permit; one in five is bad in some way."""
    domain = w.read(token, "DOMAIN_SEPARATOR()", ["bytes32"]) or (bytes(32),)
    nonce = w.number(token, "nonces(address)", signer.address)
    deadline = w.recorder.chain.timestamp + w.pick((0, 1, 3600, 10**9))
    if w.chance(0.05):
        deadline = w.recorder.chain.timestamp - 1
    if w.chance(0.05):
        nonce += 1
    signature = signer.sign(permit_digest(domain[0], (signer.address, spender), value, nonce, deadline))
    return deadline, spoiled(w, signature)


def spoiled(w: World, signature: Signature) -> Signature:
    """The signature itself in nine of ten cases, else one that must be refused."""
    v, r, s = signature
    if w.chance(0.9):
        return signature
    return w.pick((malleated(signature), (v - 27, r, s), (0, bytes(32), bytes(32)), (v, s, r), (v, r, b"\xff" * 32)))


def manager_pair(w: World) -> tuple[str, str]:
    """A position manager and its user, if any pair can be found."""
    pairs = [(manager, user) for user in w.users for manager in w.users]
    w.rng.shuffle(pairs)
    signature = "isApprovedPositionManager(address,address)"
    return next((p for p in pairs if w.number("pool", signature, p[1], p[0])), pairs[0])


def _flash_amount(w: World, symbol: str, mode: int, debtor: str) -> int:
    if mode == 0:
        return w.within(liquidity(w, symbol))
    return w.within(min(liquidity(w, symbol), w.to_amount(symbol, w.account(debtor)[2]) // 2))


def _receiver(w: World) -> str:
    if w.chance(0.92):
        return RECEIVER
    return w.recorder.address("refusing_receiver") if w.chance(0.5) else w.anyone()


def _beneficiary(w: World, user: str) -> str:
    if w.chance(0.03):
        return w.recorder.address(f"a{w.symbol()}")
    return user if w.chance(0.85) else w.anyone()


def _sender(w: World, signer: Signer) -> str:
    return signer.address if w.chance(0.95) else w.user()


def _pick_or(w: World, symbols: list[str]) -> str:
    return w.pick(symbols) if symbols and w.chance(0.97) else w.symbol()


def _address(w: World, symbol: str) -> str:
    return w.recorder.address(symbol) if w.chance(0.985) else w.asset()


def _mode(w: World) -> int:
    return VARIABLE if w.chance(0.97) else w.pick((0, 1, 3, MAX_UINT))


def _category(w: World) -> int:
    return w.pick((0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 255)) if w.chance(0.5) else w.pick((0, 1, 2, 3))


def _bytes(w: World) -> bytes:
    return w.rng.randbytes(w.pick((0, 0, 1, 32, 33)))


POOL_CALLS: dict[MakeCall, float] = {
    supply: 12,
    withdraw: 11,
    borrow: 16,
    repay: 9,
    repay_with_atokens: 4,
    supply_with_permit: 2,
    repay_with_permit: 2,
    use_as_collateral: 5,
    use_as_collateral_for: 1,
    set_emode: 5,
    set_emode_for: 1,
    approve_manager: 1.5,
    renounce_manager: 0.4,
    mint_to_treasury: 1.5,
    flash_loan_simple: 2,
    flash_loan: 3,
    multicall: 2,
    umbrella_supply: 0.7,
    umbrella_debt: 0.4,
}
LIQUIDATION_CALLS: dict[MakeCall, float] = {liquidate: 8, eliminate_deficit: 1.5}
MULTICALLABLE: list[MakeCall] = [supply, withdraw, borrow, repay, repay_with_atokens, use_as_collateral, set_emode]
