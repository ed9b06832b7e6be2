"""A market with vaults of aTokens, and random calls of them."""

from collections.abc import Sequence
from typing import Any

from ..harness.calldata import AROUND
from ..harness.evm import ZERO_ADDRESS, calldata
from ..harness.market import ADMIN, must
from ..harness.recorder import Recorder
from ..harness.releases import REWARDS
from ..harness.signing import PERMIT, Signer, typed_digest
from ..harness.world import MAX_UINT, Call, World
from ..histories.history import PROFILES, Profile
from ..histories.user_calls import MakeCall, spoiled
from .reward_calls import KEEPER, PROXY, REWARD_CALLS, REWARD_SYMBOLS, fill_vault

VAULT = "StataTokenV2"
CODE = f"{AROUND}{VAULT}"
SYMBOLS = ("WETH", "USDC", "GUSD")


def vault(symbol: str) -> str:
    """The label of an asset's vault."""
    return f"{AROUND}vault {symbol}"


def open_vaults(recorder: Recorder) -> None:
    """Deploy the vaults' code and a proxy of it for some reserves. The rewards controller is there already."""
    code = recorder.deploy(CODE, VAULT, [recorder.address("pool"), recorder.address(REWARDS)])
    for symbol in SYMBOLS:
        label = vault(symbol)
        recorder.deploy(label, PROXY, [KEEPER])
        recorder.kinds[label] = VAULT
        a_token = recorder.address(f"a{symbol}")
        setup = calldata("initialize(address,string,string)", a_token, f"Wrapped a{symbol}", f"wa{symbol}")
        must(recorder, KEEPER, label, "initialize(address,bytes)", code, setup)


def start(w: World) -> None:
    """Begin with rewards, with vaults, and with everybody's leave for the vaults to take tokens."""
    fill_vault(w)
    for symbol in SYMBOLS:
        must(w.recorder, ADMIN, vault(symbol), "refreshRewardTokens()")
        for user in w.users:
            for token in (symbol, f"a{symbol}"):
                must(w.recorder, user, token, "approve(address,uint256)", w.recorder.address(vault(symbol)), MAX_UINT)


def _symbol(w: World) -> str:
    return str(w.pick(SYMBOLS))


def _receiver(w: World, user: str) -> str:
    if w.chance(0.6):
        return user
    return w.user() if w.chance(0.95) else w.pick((ZERO_ADDRESS, w.anyone()))


def _limit(w: World, label: str, name: str, user: str) -> int:
    """What a view says is the most, or something near it, or anything."""
    most = w.number(label, f"{name}(address)", user)
    if w.chance(0.25):
        return int(w.pick((most, min(most + 1, MAX_UINT), max(most - 1, 0), MAX_UINT, 0, 1, 2)))
    return w.near(min(most, 10**30))


def put_in(w: World) -> Call:
    """Deposit the asset, for an amount or for shares."""
    symbol, user = _symbol(w), w.user()
    name = w.pick(("deposit", "mint"))
    amount = _limit(w, vault(symbol), "maxDeposit" if name == "deposit" else "maxMint", user)
    if w.chance(0.8):
        amount = min(amount, w.near(w.balance(symbol, user) // 50))
    return Call(user, vault(symbol), f"{name}(uint256,address)", (amount, _receiver(w, user)))


def put_in_a_tokens(w: World) -> Call:
    """Deposit aTokens."""
    symbol, user = _symbol(w), w.user()
    held = w.balance(f"a{symbol}", user)
    amount = MAX_UINT if w.chance(0.1) else w.near(held // w.pick((1, 2, 10)))
    return Call(user, vault(symbol), "depositATokens(uint256,address)", (amount, _receiver(w, user)))


def take_out(w: World) -> Call:
    """Withdraw, redeem, or redeem aTokens; sometimes of others."""
    symbol, user = _symbol(w), w.user()
    owner = user if w.chance(0.8) else w.user()
    name, limit = w.pick((("withdraw", "maxWithdraw"), ("redeem", "maxRedeem"), ("redeemATokens", "maxRedeem")))
    amount = _limit(w, vault(symbol), limit, owner)
    if w.chance(0.6):
        amount //= w.pick((2, 3, 10))
    return Call(user, vault(symbol), f"{name}(uint256,address,address)", (amount, _receiver(w, user), owner))


def send(w: World) -> Call:
    """Send shares, or allow somebody to."""
    symbol, user, other = _symbol(w), w.user(), w.user()
    amount = w.near(w.balance(vault(symbol), user) // w.pick((1, 2, 5)))
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        ("transfer(address,uint256)", (_receiver(w, other), amount)),
        ("transferFrom(address,address,uint256)", (w.user(), _receiver(w, other), amount)),
        ("approve(address,uint256)", (_receiver(w, other), w.pick((amount, MAX_UINT, 0)))),
    )
    return Call(user, vault(symbol), *w.pick(choices))


def permit(w: World) -> Call:
    """Permit by signature; one in five is bad in some way."""
    label, signer = vault(_symbol(w)), w.pick(list(w.signers.values()))
    spender, value = w.user(), w.near(10**20)
    deadline, signature = _signed(w, label, signer, spender, value)
    arguments = (signer.address, spender, value, deadline, *signature)
    return Call(w.user(), label, "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", arguments)


def put_in_with_permit(w: World) -> Call:
    """Deposit with a permit of the asset or of the aToken, good or bad."""
    symbol, signer, to_pool = _symbol(w), w.pick(list(w.signers.values())), w.chance(0.5)
    token = symbol if to_pool else f"a{symbol}"
    amount = w.near(w.balance(token, signer.address) // w.pick((1, 10)))
    deadline, signature = _signed(w, token, signer, w.recorder.address(vault(symbol)), amount)
    name = "depositWithPermit(uint256,address,uint256,(uint8,bytes32,bytes32),bool)"
    arguments = (amount, _receiver(w, signer.address), deadline, tuple(signature), to_pool)
    return Call(signer.address, vault(symbol), name, arguments)


def _signed(w: World, token: str, signer: Signer, spender: str, value: int) -> tuple[int, tuple[int, bytes, bytes]]:
    domain = (w.read(token, "DOMAIN_SEPARATOR()", ["bytes32"]) or (bytes(32),))[0]
    nonce = w.number(token, "nonces(address)", signer.address) + w.chance(0.05)
    deadline = w.recorder.chain.timestamp + int(w.pick((0, 3600, -1 if w.chance(0.1) else 10**6)))
    digest = typed_digest(domain, PERMIT, signer.address, spender, value, nonce, deadline)
    return deadline, spoiled(w, signer.sign(digest))


def claim(w: World) -> Call:
    """Claim rewards of shares, for oneself or another."""
    label, user, to = vault(_symbol(w)), w.user(), w.user()
    known = (w.read(label, "rewardTokens()", ["address[]"]) or ((),))[0]
    if not known or w.chance(0.15):
        known = [w.recorder.address(symbol) for symbol in w.symbols]
    rewards = [w.pick(known) for _ in range(w.pick((0, 1, 1, 2, 3)))]
    if w.chance(0.05):
        rewards.append(ZERO_ADDRESS)
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        ("claimRewards(address,address[])", (to, rewards)),
        ("claimRewardsToSelf(address[])", (rewards,)),
        ("claimRewardsOnBehalf(address,address,address[])", (user if w.chance(0.6) else w.user(), to, rewards)),
        ("collectAndUpdateRewards(address)", ((rewards or [ZERO_ADDRESS])[0],)),
        ("refreshRewardTokens()", ()),
    )
    return Call(user, label, *w.pick(choices))


def manage(w: World) -> Call:
    """Pause, go on, or take out what was sent here; mostly by those who may."""
    symbol = _symbol(w)
    token = w.recorder.address(w.pick((symbol, f"a{symbol}", "LINK")))
    who = ADMIN if w.chance(0.85) else w.user()
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        ("setPaused(bool)", (not w.number(vault(symbol), "paused()"),)),
        ("setPaused(bool)", (w.chance(0.3),)),
        ("emergencyTokenTransfer(address,address,uint256)", (token, w.user(), w.pick((0, 1, 10**18, MAX_UINT)))),
        ("emergencyEtherTransfer(address,uint256)", (w.user(), w.pick((0, 1)))),
        ("initialize(address,string,string)", (token, "again", "again")),
    )
    return Call(who, vault(symbol), *w.pick(choices))


def give(w: World) -> Call:
    """Give a vault aTokens, assets or rewards for nothing."""
    symbol, user = _symbol(w), w.user()
    token = w.pick((symbol, f"a{symbol}", "LINK"))
    return Call(
        user,
        token,
        "transfer(address,uint256)",
        (w.recorder.address(vault(symbol)), w.near(w.balance(token, user) // 100)),
    )


def ask(w: World) -> Call:
    """Ask a view."""
    symbol, user, amount = _symbol(w), w.user(), w.pick((0, 1, 10**18, 2**128, 2**255, MAX_UINT, w.near(10**24)))
    reward = w.recorder.address(w.pick((*REWARD_SYMBOLS, w.symbol())))
    choices: Sequence[tuple[str, tuple[Any, ...]]] = (
        *((f"{name}(address)", (user,)) for name in ("maxDeposit", "maxMint", "maxRedeem", "maxWithdraw", "canPause")),
        *((f"preview{name}(uint256)", (amount,)) for name in ("Deposit", "Mint", "Redeem", "Withdraw")),
        *((f"{name}()", ()) for name in ("totalAssets", "latestAnswer", "eip712Domain", "rewardTokens", "paused")),
        *((f"{name}(address)", (reward,)) for name in ("getTotalClaimableRewards", "getCurrentRewardsIndex")),
        *((f"{name}(address,address)", (user, reward)) for name in ("getClaimableRewards", "getUnclaimedRewards")),
        ("maxRescue(address)", (w.recorder.address(w.pick((symbol, f"a{symbol}"))),)),
        ("convertToShares(uint256)", (amount,)),
        ("convertToAssets(uint256)", (amount,)),
    )
    return Call(user, vault(symbol), *w.pick(choices))


VAULT_CALLS: dict[MakeCall, float] = {
    put_in: 4,
    put_in_a_tokens: 3,
    take_out: 5,
    send: 3,
    permit: 1,
    put_in_with_permit: 2,
    claim: 4,
    manage: 0.8,
    give: 1,
    ask: 3,
}
USUAL = PROFILES["prices"]
VAULTED = Profile(
    calls=(*USUAL.calls, (4.0, REWARD_CALLS), (20.0, VAULT_CALLS)), scripts=USUAL.scripts, careful=0.6, start=start
)
"""Ordinary use of a market, of its rewards, and of vaults of its aTokens."""


# --- the factory ------------------------------------------------------------------------------------------------------

FACTORY, PROXY_FACTORY = "vault factory", "proxy factory"


def open_factory(recorder: Recorder) -> None:
    """Deploy the vaults' code, what makes proxies, and the factory behind a proxy of its own. Rewards are there."""
    code = recorder.deploy(CODE, VAULT, [recorder.address("pool"), recorder.address(REWARDS)])
    proxies = recorder.deploy(PROXY_FACTORY, "TransparentProxyFactory", [])
    arguments = [recorder.address("pool"), ADMIN, proxies, code]
    inside = recorder.deploy("vault factory code", "StataTokenFactory", arguments)
    recorder.deploy(FACTORY, PROXY, [KEEPER])
    must(recorder, KEEPER, FACTORY, "initialize(address,bytes)", inside, calldata("initialize()"))
