"""Laws of ERC-4626 vaults, of one's own as of Aave's `StataTokenV2`: what crytic's and a16z's properties ask, as laws.

They are no part of the catalogue, since a market has no vaults of itself: `VAULT_LAWS` is given to monitors, machines
and campaigns beside it, and `with_vaults` puts Aave's vaults on a market. Any contract counts as a vault that answers
`asset()`, `convertToAssets(uint256)` and the four ways in and out; all of it is asked as calldata, and undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.token_interface import let_spend
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.receipt import Receipt

from .law import Kind, Law, Subject, Verdict, all_of, at_least, at_most, equal, law
from .laws.overflow import can_be_changed
from .reading.probe import STRANGER, Probe, each_apart
from .reference import EVERYTHING
from .worth import Unit

DEPOSIT, MINT = "deposit(uint256,address)", "mint(uint256,address)"
WITHDRAW, REDEEM = "withdraw(uint256,address,address)", "redeem(uint256,address,address)"
WAYS = (DEPOSIT, MINT, WITHDRAW, REDEEM)
VIEWS = ("asset()", "totalAssets()", "totalSupply()", "convertToShares(uint256)", "convertToAssets(uint256)")
PREVIEWS = tuple(f"preview{name}(uint256)" for name in ("Deposit", "Mint", "Withdraw", "Redeem"))
LIMITS = tuple(f"max{name}(address)" for name in ("Deposit", "Mint", "Withdraw", "Redeem"))
SELECTORS = frozenset(map(selector_of, (*WAYS, *VIEWS, *PREVIEWS, *LIMITS, "balanceOf(address)")))
CRYTIC, A16Z = "crytic/properties ERC-4626", "a16z/erc4626-tests"
ASKED = 16
"""How many people at most are asked about their shares."""
MOST = 2**100
"""No amount that is tried is larger."""


class Vault:
    """One vault in a probed state, asked by calldata."""

    def __init__(self, probe: Probe, contract: Any) -> None:
        self.probe = probe
        self.contract = contract
        self.asset: Address = self.ask("asset()")

    def call(self, sender: Address, signature: str, *arguments: Any) -> Receipt:
        """Make a call; a revert is in the receipt."""
        return self.probe.send(sender, self.contract.address, signature, *arguments)

    def ask(self, signature: str, *arguments: Any) -> Any:
        """What a view answers, None where it reverts."""
        return self.probe.answer(self.contract.address, signature, *arguments)

    def holders(self) -> list[Address]:
        """Some of those with a name who have shares, in a random order."""
        names = list(self.probe.census.names)
        asked = self.probe.rng.sample(names, min(len(names), ASKED))
        return [user for user in asked if (self.ask("balanceOf(address)", user) or 0) > 0]

    def token(self) -> Any:
        """The asset's contract."""
        return self.probe.census.chain.at(self.asset)

    def fund(self, amount: int) -> None:
        """Give the stranger so much of the asset, and the vault leave to take it."""
        token = self.token()
        token.mint(STRANGER, amount, sender=token.owner_address)
        let_spend(token, STRANGER, self.contract.address, EVERYTHING)

    def amount(self) -> int:
        """Draw an amount: a few units, about a token, or up to a thousand tokens."""
        unit = 10 ** self.token().token_decimals
        return int(self.probe.rng.choice((1, 2, 3, unit, unit + 1, self.probe.rng.randrange(1, 1000 * unit))))

    def put_in(self, amount: int) -> int | None:
        """Deposit for the stranger. Returns the shares, None where it is refused."""
        self.fund(amount)
        receipt = self.call(STRANGER, DEPOSIT, amount, STRANGER)
        return receipt.value if receipt.ok else None


def vaults_of(probe: Probe) -> Iterator[Vault]:
    """Every vault on the chain whose asset is a reserve of the market with test tokens."""
    for contract in list(probe.census.chain.contracts.values()):
        if contract is not None and contract.functions.keys() >= SELECTORS:
            vault = Vault(probe, contract)
            if vault.asset in probe.census.homes and hasattr(vault.token(), "owner_address"):
                yield vault


def _each(judge: Callable[[Vault], Verdict]) -> Callable[[Probe], Verdict]:
    """Judge each vault on a state of its own."""

    def check(probe: Probe) -> Verdict:
        return each_apart(probe, vaults_of(probe), judge)

    check.__doc__ = judge.__doc__
    return check


def _has_vault(market: Any) -> bool:
    return any(one is not None and one.functions.keys() >= SELECTORS for one in market.chain.contracts.values())


LAWS: list[Law] = []


def vault_law(
    identifier: str, statement: str, source: str, bound: str = ""
) -> Callable[[Callable[[Vault], Verdict]], Law]:
    """Make a law of a function that judges one vault."""

    def declare(judge: Callable[[Vault], Verdict]) -> Law:
        made = law(
            identifier,
            statement,
            kind=Kind.TWO_RUNS,
            subject=Subject.PROBE,
            source=source,
            bound=bound,
            needs="a vault of a reserve's tokens",
            met=_has_vault,
        )(_each(judge))
        LAWS.append(made)
        return made

    return declare


@vault_law("ERC4626-1", "No view of a vault reverts, whatever state market and vault are in.", CRYTIC)
def views_answer(vault: Vault) -> Verdict:
    """Ask all of them, conversions of an ordinary amount."""
    amount, asked = vault.amount(), []
    for signature in (*VIEWS, *PREVIEWS, *LIMITS):
        arguments = [amount] if "uint256" in signature else [STRANGER] if "address" in signature else []
        asked.append(equal(f"{signature} answers", vault.ask(signature, *arguments) is not None, True))
    return all_of(asked)


@vault_law("ERC4626-2", "Converting there and back never gives more than one had.", A16Z)
def conversions_round_down(vault: Vault) -> Verdict:
    """Convert an amount both ways."""
    amount = vault.amount()
    shares, worth = vault.ask("convertToShares(uint256)", amount), vault.ask("convertToAssets(uint256)", amount)
    if shares is None or worth is None:
        return None
    back, again = vault.ask("convertToAssets(uint256)", shares), vault.ask("convertToShares(uint256)", worth)
    return all_of(
        (
            at_most("assets after both conversions, assets", back, amount, Unit.WEI, vault.asset),
            at_most("shares after both conversions, shares", again, amount),
        )
    )


@vault_law(
    "ERC4626-3", "A deposit gives at least the shares that were announced, and a redemption at least the assets.", A16Z
)
def previews_promise(vault: Vault) -> Verdict:
    """Deposit what was previewed, and redeem half of it."""
    amount = vault.amount()
    promised = vault.ask("previewDeposit(uint256)", amount)
    shares = vault.put_in(amount)
    if shares is None:
        return None
    verdicts = [at_least("shares, those announced", shares, promised)]
    half = shares - shares // 2
    worth = vault.ask("previewRedeem(uint256)", half)
    paid = vault.call(STRANGER, REDEEM, half, STRANGER, STRANGER)
    if paid.ok:
        verdicts.append(at_least("assets, those announced", paid.value, worth, Unit.WEI, vault.asset))
    return all_of(verdicts)


@vault_law(
    "ERC4626-4", "Minting costs at most what was announced, and a withdrawal burns at most the shares announced.", A16Z
)
def previews_limit(vault: Vault) -> Verdict:
    """Mint what was previewed, and withdraw part of it."""
    shares = vault.amount()
    announced = vault.ask("previewMint(uint256)", shares)
    if announced is None or announced > MOST:
        return None
    vault.fund(announced + 1)
    minted = vault.call(STRANGER, MINT, shares, STRANGER)
    if not minted.ok:
        return None
    verdicts = [at_most("cost, that announced", minted.value, announced, Unit.WEI, vault.asset)]
    part = announced // 2
    burnt = vault.ask("previewWithdraw(uint256)", part)
    taken = vault.call(STRANGER, WITHDRAW, part, STRANGER, STRANGER)
    if taken.ok:
        verdicts.append(at_most("shares burnt, those announced", taken.value, burnt))
    return all_of(verdicts)


@vault_law("ERC4626-5", "Nobody gains by going in and out within a block, in any of the four ways.", A16Z)
def no_free_round_trip(vault: Vault) -> Verdict:
    """Go in by deposit or mint, out by redeem or withdraw; compare what was paid with what came back."""
    token, amount = vault.token(), vault.amount()
    vault.fund(2 * amount + 10)
    before = token.balance_of(STRANGER)
    way_in = vault.probe.rng.choice((DEPOSIT, MINT))
    if not vault.call(STRANGER, way_in, amount, STRANGER).ok:
        return None
    if vault.probe.rng.random() < 0.5:
        shares = vault.ask("balanceOf(address)", STRANGER)
        out = vault.call(STRANGER, REDEEM, shares, STRANGER, STRANGER)
    else:
        worth = vault.ask("maxWithdraw(address)", STRANGER) or 0
        out = vault.call(STRANGER, WITHDRAW, worth, STRANGER, STRANGER)
    if not out.ok:
        return None
    return at_most("tokens after, tokens before", token.balance_of(STRANGER), before, Unit.WEI, vault.asset)


@vault_law(
    "ERC4626-6",
    "What a vault says may be withdrawn or redeemed can be, to the last unit, and not a unit more. Of reserves whose "
    "figures have not outgrown Solidity's types.",
    A16Z,
)
def limits_hold_for_leaving(vault: Vault) -> Verdict:
    """Try the limit and one more, for somebody who holds shares."""
    if not can_be_changed(vault.probe.now, vault.asset):
        return None
    verdicts: list[Verdict] = []
    for holder in vault.holders()[:2]:
        for way, view in ((REDEEM, "maxRedeem(address)"), (WITHDRAW, "maxWithdraw(address)")):
            most = vault.ask(view, holder)
            if not most:
                continue
            with vault.probe.undone():
                verdicts.append(equal(f"{view} can be had", vault.call(holder, way, most, holder, holder).ok, True))
            with vault.probe.undone():
                more = vault.call(holder, way, most + 1, holder, holder)
                verdicts.append(equal(f"more than {view} can be had", more.ok, False))
    return all_of(verdicts)


@vault_law("ERC4626-7", "More than a vault says may be deposited is refused.", A16Z)
def limits_hold_for_coming(vault: Vault) -> Verdict:
    """Try one more than the limit, where there is one."""
    most = vault.ask("maxDeposit(address)", STRANGER)
    if most is None or most >= MOST:
        return None
    vault.fund(most + 1)
    return equal("more than maxDeposit is taken", vault.call(STRANGER, DEPOSIT, most + 1, STRANGER).ok, False)


@vault_law("ERC4626-8", "Nobody's shares are burnt by another without an allowance, which is spent.", CRYTIC)
def allowances_are_needed(vault: Vault) -> Verdict:
    """Redeem somebody's shares without an allowance, and with one."""
    holders = vault.holders()
    if not holders:
        return None
    holder = holders[0]
    most = vault.ask("maxRedeem(address)", holder)
    if not most or vault.ask("allowance(address,address)", holder, STRANGER):
        return None
    with vault.probe.undone():
        stolen = vault.call(STRANGER, REDEEM, most, STRANGER, holder)
    verdicts = [equal("shares taken without an allowance", stolen.ok, False)]
    vault.call(holder, "approve(address,uint256)", STRANGER, most)
    if vault.call(STRANGER, REDEEM, most, STRANGER, holder).ok:
        left = vault.ask("allowance(address,address)", holder, STRANGER)
        verdicts.append(equal("allowance left after all of it was used", left, 0))
    return all_of(verdicts)


@vault_law(
    "ERC4626-9",
    "A gift to the vault takes no shares' worth, and no deposit after it is worth less than promised.",
    CRYTIC,
)
def gifts_dilute_nobody(vault: Vault) -> Verdict:
    """Give tokens, then deposit: new shares are worth the deposit but for one of the old shares, and a unit."""
    gift, amount = vault.amount(), vault.amount()
    before, one = vault.ask("convertToAssets(uint256)", 10**18), vault.ask("convertToAssets(uint256)", 1)
    vault.fund(gift)
    vault.token().transfer(vault.contract.address, gift, sender=STRANGER)
    after = vault.ask("convertToAssets(uint256)", 10**18)
    if before is None or after is None:
        return None
    shares = vault.put_in(amount)
    if shares is None:
        return at_least("worth of shares after a gift, before", after, before, Unit.WEI, vault.asset)
    worth = vault.ask("convertToAssets(uint256)", shares)
    return all_of(
        (
            at_least("worth of shares after a gift, before", after, before, Unit.WEI, vault.asset),
            at_least("worth of new shares, deposit less a share", worth + one + 1, amount, Unit.WEI, vault.asset),
        )
    )


@vault_law(
    "ERC4626-10", "All shares together are worth no more than the tokens and aTokens that the vault holds.", CRYTIC
)
def shares_are_covered(vault: Vault) -> Verdict:
    """Compare what all shares are worth with what the vault has of the reserve."""
    supply = vault.ask("totalSupply()")
    if not supply:
        return None
    worth = vault.ask("convertToAssets(uint256)", supply)
    home, where = vault.probe.census.homes[vault.asset], vault.contract.address
    held = home.a_token.balance_of(where) + vault.token().balance_of(where)
    return at_least("held, all shares' worth", held, worth, Unit.WEI, vault.asset)


VAULT_LAWS = tuple(LAWS)
"""Every law of vaults."""


def with_vaults(stage: Any) -> None:
    """Put Aave's vault of each reserve on a stage, called `vault_SYMBOL`, with everybody's leave to take tokens."""
    market = stage.market
    for symbol, asset in market.assets.items():
        vault = market.periphery.wrap(asset)
        stage.add(f"vault_{symbol}", vault)
        for user in stage.actors:
            market.chain.at(asset).approve(vault.address, EVERYTHING, sender=stage.address_of(user))
