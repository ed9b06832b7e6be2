"""Random calls on aTokens, debt tokens and underlying tokens."""

from ..harness.evm import ZERO_ADDRESS
from ..harness.signing import Signer, delegation_digest
from ..harness.world import MAX_UINT, Call, World
from .user_calls import SIGNED, MakeCall, spoiled, token_permit


def transfer(w: World) -> Call:
    """Send aTokens around the balance to anybody, oneself included."""
    user = w.user()
    label = _held(w, user)
    to = w.user() if w.chance(0.85) else w.anyone()
    return Call(user, label, "transfer(address,uint256)", (to, w.near(w.balance(label, user))))


def transfer_from(w: World) -> Call:
    """Spend an allowance, around its limit or the balance."""
    owner, spender = w.user(), w.user()
    label = _held(w, owner)
    allowance = w.number(label, "allowance(address,address)", owner, spender)
    amount = w.near(min(allowance, w.balance(label, owner)))
    to = w.pick((spender, owner, w.user(), w.anyone()))
    return Call(spender, label, "transferFrom(address,address,uint256)", (owner, to, amount))


def allow_and_spend(w: World) -> Call:
    """Grant an allowance around the balance, so that `transfer_from` finds one."""
    user, spender = w.user(), w.user()
    label = _held(w, user)
    return Call(user, label, "approve(address,uint256)", (spender, w.near(w.balance(label, user))))


def change_allowance(w: World) -> Call:
    """Raise, lower or give up an allowance."""
    user, other = w.user(), w.user()
    label = _held(w, user)
    if w.chance(0.2):
        return Call(other, label, "renounceAllowance(address)", (user,))
    allowance = w.number(label, "allowance(address,address)", user, other)
    name = w.pick(("increaseAllowance", "decreaseAllowance"))
    amount = w.near(allowance or w.balance(label, user))
    return Call(user, label, f"{name}(address,uint256)", (other, amount))


def permit(w: World) -> Call:
    """A signed allowance on an aToken or an underlying token, sent by anybody."""
    signer = w.pick(list(w.signers.values()))
    label = w.pick((f"a{w.symbol()}", w.symbol()))
    spender, value = w.user(), w.near(w.balance(label, signer.address))
    deadline, signature = token_permit(w, label, signer, spender, value)
    owner = signer.address if w.chance(0.95) else w.pick((ZERO_ADDRESS, w.user()))
    arguments = (owner, spender, value, deadline, *signature)
    return Call(w.user(), label, f"permit(address,address,uint256,{SIGNED}", arguments)


def approve_delegation(w: World) -> Call:
    """Let somebody borrow on one's account."""
    user = w.user()
    symbol = w.symbol()
    amount = w.near(w.to_amount(symbol, w.account(user)[2]))
    return Call(user, f"v{symbol}", "approveDelegation(address,uint256)", (w.user(), amount))


def renounce_delegation(w: World) -> Call:
    """Give up the right to borrow on another's account."""
    return Call(w.user(), f"v{w.symbol()}", "renounceDelegation(address)", (w.user(),))


def delegation_with_signature(w: World) -> Call:
    """A signed credit delegation, sent by anybody."""
    signer: Signer = w.pick(list(w.signers.values()))
    label, delegatee = f"v{w.symbol()}", w.user()
    value = w.near(w.worth(label[1:]))
    domain = w.read(label, "DOMAIN_SEPARATOR()", ["bytes32"]) or (bytes(32),)
    nonce = w.number(label, "nonces(address)", signer.address) + (1 if w.chance(0.05) else 0)
    deadline = w.recorder.chain.timestamp + w.pick((-1, 0, 60, 60, 60, 10**9))
    signature = spoiled(w, signer.sign(delegation_digest(domain[0], delegatee, value, nonce, deadline)))
    delegator = signer.address if w.chance(0.95) else w.pick((ZERO_ADDRESS, w.user()))
    arguments = (delegator, delegatee, value, deadline, *signature)
    return Call(w.user(), label, f"delegationWithSig(address,address,uint256,{SIGNED}", arguments)


def move_debt(w: World) -> Call:
    """Debt cannot be moved: every ERC-20 call on a debt token is refused."""
    signature = w.pick(("transfer(address,uint256)", "approve(address,uint256)", "increaseAllowance(address,uint256)"))
    return Call(w.user(), f"v{w.symbol()}", signature, (w.user(), w.near(10**6)))


def underlying_transfer(w: World) -> Call:
    """Plain token transfers, among users or as a gift to the pool or an aToken."""
    user, symbol = w.user(), w.symbol()
    to = w.pick((w.user(), w.recorder.address("pool"), w.recorder.address(f"a{symbol}"), w.anyone()))
    amount = w.worth(symbol) if w.chance(0.7) else w.near(w.balance(symbol, user))
    return Call(user, symbol, "transfer(address,uint256)", (to, amount))


def underlying_approve(w: World) -> Call:
    """Approve the pool for less than everything, or for everything again."""
    user, symbol = w.user(), w.symbol()
    amount = MAX_UINT if w.chance(0.6) else w.near(w.worth(symbol))
    return Call(user, symbol, "approve(address,uint256)", (w.recorder.address("pool"), amount))


def underlying_transfer_from(w: World) -> Call:
    """Spend an allowance of the underlying token, mostly one that is missing."""
    owner, symbol = w.user(), w.symbol()
    arguments = (owner, w.user(), w.near(w.worth(symbol)))
    return Call(w.user(), symbol, "transferFrom(address,address,uint256)", arguments)


def _held(w: World, user: str) -> str:
    held = w.holdings(user, "a")
    return f"a{w.pick(held) if held and w.chance(0.95) else w.symbol()}"


TOKEN_CALLS: dict[MakeCall, float] = {
    transfer: 5,
    transfer_from: 3,
    allow_and_spend: 2.5,
    change_allowance: 1.5,
    permit: 2,
    approve_delegation: 4,
    renounce_delegation: 0.4,
    delegation_with_signature: 2,
    move_debt: 0.5,
    underlying_transfer: 1,
    underlying_approve: 1,
    underlying_transfer_from: 0.3,
}
