"""Words for people: misspelt names, numbers that are none, and what a panic was about."""

import pickle
from typing import Any

import pytest
from pooltwin.protocol import EmptyRevert, NoSuchFunction, Panic, Revert, revision_named
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.errors import ErrorStyle, InvalidAmount
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import external, view
from pooltwin.protocol.revisions import REVISIONS

from .worlds import ALICE, ALL_REVISIONS, BOB, CAROL, DAVE, MAX, MODERN, USDC, WBTC, WETH, fresh, left_in, lived_in

# --- names of functions -----------------------------------------------------------------------------------------------

MISSPELT = [
    ("suply", "supply"),
    ("getUserAccountData", "get_user_account_data"),
    ("getUserAcountData", "get_user_account_data"),
    ("get_user_acount_data", "get_user_account_data"),
    ("liquidate_call", "liquidation_call"),
]


@pytest.mark.parametrize(("written", "meant"), MISSPELT)
@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_misspelt_function_is_no_revert(revision: str, written: str, meant: str) -> None:
    market = fresh(revision)
    with pytest.raises(AttributeError) as caught:
        getattr(market.pool, written)(market.asset("WETH"), 1, sender=ALICE)
    assert not isinstance(caught.value, Revert)
    said = f"PoolInstance of revision {revision} has no function {written}; did you mean {meant!r}?"
    assert str(caught.value) == said
    assert caught.value.name == written
    assert not hasattr(market.pool, written)


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_what_is_set_under_a_misspelt_name_is_no_revert_either(revision: str) -> None:
    market = fresh(revision)
    before = market.chain.digest()
    with pytest.raises(AttributeError, match="has no function reservs; did you mean 'reserves'") as caught:
        market.pool.reservs = {}
    assert not isinstance(caught.value, Revert)
    assert not hasattr(market.pool, "reservs")
    assert market.chain.digest() == before


def test_nothing_is_proposed_where_nothing_is_like_it() -> None:
    with pytest.raises(AttributeError, match=r"has no function xyzzy$"):
        fresh("3.7").pool.xyzzy()
    with pytest.raises(AttributeError, match=r"PoolInstance has no _repr_html_$"):
        _ = fresh("3.7").pool._repr_html_


def test_python_makes_no_second_proposal() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = fresh("3.7").pool.suply
    assert caught.value.obj is None


ELSEWHERE = [
    ("3.7", "set_debt_ceiling", "configurator"),
    ("3.7", "mint_unbacked", "pool"),
    ("3.7", "swap_borrow_rate_mode", "pool"),
    ("3.2", "set_e_mode_category_isolated", "configurator"),
    ("3.2", "eliminate_reserve_deficit", "pool"),
    ("3.5", "renounce_allowance", "a_token"),
]


@pytest.mark.parametrize(("revision", "name", "contract"), ELSEWHERE)
def test_what_only_another_release_has_is_a_revert_without_data(revision: str, name: str, contract: str) -> None:
    market = fresh(revision)
    asked = market.a_token("WETH") if contract == "a_token" else getattr(market, contract)
    with pytest.raises(NoSuchFunction, match=rf"revision {revision} has no function {name}") as caught:
        getattr(asked, name)(1, sender=ALICE)
    assert caught.value.data() == b""
    assert caught.value.name == ""
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_every_function_of_every_release_is_known_to_all_others() -> None:
    """Newer ones to older releases, and older ones to newer."""
    checked = 0
    for release in REVISIONS.values():
        for other in REVISIONS.values():
            chain = Chain(other, time=1)
            for kind, cls in release.contracts.items():
                if kind in other.contracts:
                    asked = other.contracts[kind].blank(chain, ALICE)
                    for name in set(cls.function_names().values()) - set(type(asked).function_names().values()):
                        with pytest.raises(NoSuchFunction):
                            getattr(asked, name)()
                        checked += 1
    assert checked > 100


def test_calldata_that_names_no_function_is_answered() -> None:
    market = fresh("3.7")
    receipt = market.chain.transact(ALICE, market.pool.address, bytes.fromhex("01020304"))
    assert isinstance(receipt.revert, NoSuchFunction)
    assert receipt.return_data == b""


def test_the_rules_get_an_answer_from_whatever_stands_at_an_address() -> None:
    """A token of the wrong kind as a price feed: the oracle's call reverts, at a view's depth too."""
    market = fresh("3.7")
    weth = market.asset("WETH")
    market.oracle.set_asset_sources([weth], [weth], sender=market.admin)
    with pytest.raises(EmptyRevert):
        market.oracle.get_asset_price(weth)
    market.pool.supply(weth, WETH, sender=ALICE)
    with pytest.raises(EmptyRevert):
        market.pool.borrow(weth, 1, sender=ALICE)


class Asker(ForeignContract):
    """A contract that asks the pool for the name it was given."""

    wanted = ""

    @external("ask()")
    def ask(self, *, sender: str) -> None:
        """Ask the pool."""
        getattr(self.chain.at(self.__dict__["pool"]), self.wanted)()


def test_a_contract_asks_the_wrong_contract_or_misspells() -> None:
    market = fresh("3.7")
    asker = market.chain.deploy(Asker, DAVE)
    asker.pool = market.pool.address
    asker.wanted = "balance_of"  # tokens have it, the pool does not: on chain that is a call without an answer
    with pytest.raises(NoSuchFunction):
        asker.ask(sender=ALICE)
    asker.wanted = "balanze_of"
    with pytest.raises(AttributeError) as caught:
        asker.ask(sender=ALICE)
    assert not isinstance(caught.value, Revert)
    with pytest.raises(AttributeError) as caught:
        market.pool.balance_of(ALICE)  # a person has the pool in hand
    assert not isinstance(caught.value, Revert)


def test_a_contract_of_ones_own_has_proposals_too() -> None:
    market = fresh("3.7")
    with pytest.raises(AttributeError, match=r"revision 3\.7 has no function asc; did you mean 'ask'\?"):
        market.chain.deploy(Asker, DAVE).asc()


# --- arguments --------------------------------------------------------------------------------------------------------

ARGUMENTS = [
    (lambda m, weth: m.pool.borrow(weth, 1, on_behalf=ALICE, sender=BOB), "'on_behalf'; did you mean 'on_behalf_of'?"),
    (lambda m, weth: m.pool.borrow(weth, 1, onBehalfOf=ALICE, sender=BOB), "did you mean 'on_behalf_of'?"),
    (lambda m, weth: m.pool.borrow(weth, 1, zzz=ALICE, sender=BOB), "no argument 'zzz'; it takes asset, amount,"),
    (lambda m, weth: m.pool.supply(weth, 1, asset=weth, sender=BOB), "supply: argument 'asset' is given twice"),
    (lambda m, weth: m.pool.supply(weth, 1), "missing 1 required keyword-only argument: 'sender'"),
    (lambda m, weth: m.pool.supply(weth, 1, sendr=BOB), "missing 1 required keyword-only argument: 'sender'"),
    (lambda m, weth: m.pool.get_user_e_mode(BOB, sender=BOB), "getUserEMode has no sender: it only reads"),
    (lambda m, weth: m.pool.get_reserves_list(weth), "takes 0 arguments, 1 given"),
    (lambda m, weth: m.pool.get_reserves_list(a=weth), "has no argument 'a'; it takes none"),
    (lambda m, weth: m.pool.get_user_e_mode(BOB, BOB), "getUserEMode takes 1 arguments, 2 given: user"),
]


@pytest.mark.parametrize(("call", "message"), ARGUMENTS, ids=[message for _, message in ARGUMENTS])
def test_a_misspelt_argument_is_named(call: Any, message: str) -> None:
    market = fresh("3.7")
    before = market.chain.digest()
    with pytest.raises(TypeError) as caught:
        call(market, market.asset("WETH"))
    assert message in str(caught.value)
    assert market.chain.digest() == before


# --- numbers ----------------------------------------------------------------------------------------------------------


class Whole:
    """An integer of somebody else's, as NumPy has."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Truth(Whole):
    """What only looks like an integer."""

    def __index__(self) -> int:
        raise TypeError("only integers")


class Signed(ForeignContract):
    """A contract with a signed argument."""

    @view("same(int256,uint8[])", "int256")
    def same(self, value: int, more: list[int]) -> int:
        """Give back the number."""
        assert {type(number) for number in (value, *more)} == {int}
        return value


def test_integers_of_other_kinds_become_pythons() -> None:
    market = fresh("3.7")
    weth = market.asset("WETH")
    market.pool.supply(weth, Whole(5 * WETH), sender=ALICE)
    assert market.chain.receipt is not None
    assert market.chain.receipt.arguments[1] == 5 * WETH
    assert type(market.chain.receipt.arguments[1]) is int
    signed = market.chain.deploy(Signed, DAVE)
    assert signed.same(Whole(-3), [Whole(1), 2]) == -3


NO_AMOUNTS = [
    (1e18, "1e+18 is not a uint256; 10**18, not 1e18: amounts are integers"),
    (1.5, "1.5 is not a uint256; 10**18, not 1e18: amounts are integers"),
    (True, "True is not a uint256"),
    (Truth(1), " is not a uint256"),
    ("5", "'5' is not a uint256"),
    (None, "None is not a uint256"),
    (Whole(-1), " is not a uint256"),
    (Whole(2**256), " is not a uint256"),
]


@pytest.mark.parametrize(("value", "message"), NO_AMOUNTS)
def test_what_is_no_amount_is_refused(value: Any, message: str) -> None:
    market = fresh("3.7")
    with pytest.raises(ValueError, match=r"^supply: argument 'amount': ") as caught:
        market.pool.supply(market.asset("WETH"), value, sender=ALICE)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize("value", [1.0, True, 2**255, -(2**255) - 1, Whole(2**255)])
def test_what_is_no_signed_number_is_refused(value: Any) -> None:
    signed = fresh("3.7").chain.deploy(Signed, DAVE)
    with pytest.raises(ValueError, match=r"same: argument 'value': .* is not an int256"):
        signed.same(value, [])


def test_a_price_that_is_no_integer_is_told_how_to_be_one() -> None:
    market = fresh("3.7")
    with pytest.raises(ValueError, match=r"2000\.5 is not an int256; 10\*\*18, not 1e18: amounts are integers"):
        market.set_price("WETH", 2000.5)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize(
    ("data", "message"),
    [("0xdeadbeef", r"'0xdeadbeef' is not bytes; bytes.fromhex\('deadbeef'\) is"), (7, "7 is not bytes$")],
)
def test_calldata_that_is_no_bytes_is_refused(data: Any, message: str) -> None:
    market = fresh("3.7")
    before = market.chain.digest()
    with pytest.raises(ValueError, match=message):
        market.chain.transact(ALICE, market.pool.address, data)
    assert market.chain.digest() == before


def test_time_takes_integers_of_other_kinds_too() -> None:
    chain = fresh("3.7").chain
    time, number = chain.time, chain.number
    chain.advance(Whole(60), Whole(5))  # type: ignore[arg-type]  # as an integer of NumPy is
    assert (chain.time, chain.number) == (time + 60, number + 5)
    chain.set_time(Whole(time + 61), Whole(number + 6))  # type: ignore[arg-type]  # as above
    assert (chain.time, chain.number) == (time + 61, number + 6)
    assert type(chain.time) is type(chain.number) is int
    for seconds in (1.5, True, None):
        with pytest.raises(ValueError, match="is not a time in seconds"):
            chain.advance(seconds)  # type: ignore[arg-type]  # the point
    with pytest.raises(ValueError, match=r"1\.5 is not a block number"):
        chain.set_time(time + 62, 1.5)  # type: ignore[arg-type]  # the point


# --- panics -----------------------------------------------------------------------------------------------------------

TAKEN = "more is taken than the reserve holds"
MOVED = "more is moved than the sender has"


def _refused(call: Any) -> str:
    with pytest.raises(Panic) as caught:
        call()
    assert caught.value.data() == Panic(0x11).data()
    assert caught.value.args == (0x11,)
    return caught.value.reason


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_panic_says_that_more_is_taken_than_there_is(revision: str) -> None:
    market = lived_in(revision)
    pool, usdc, wbtc = market.pool, market.asset("USDC"), market.asset("WBTC")
    pool.supply(wbtc, 100 * WBTC, sender=CAROL)
    pool.borrow(usdc, left_in(market, "USDC") - USDC, sender=CAROL)
    assert _refused(lambda: pool.withdraw(usdc, 2 * USDC, sender=BOB)) == TAKEN
    market.set_price("WETH", 100 * 10**8)
    weth = market.asset("WETH")
    pool.borrow(weth, left_in(market, "WETH"), sender=CAROL)
    call = pool.liquidation_call
    assert _refused(lambda: call(weth, usdc, ALICE, MAX, False, sender=DAVE)) == TAKEN
    call(weth, usdc, ALICE, MAX, True, sender=DAVE)  # aTokens there are


def test_a_panic_without_debt_comes_of_the_virtual_balance() -> None:
    market = fresh("3.7")
    usdc = market.asset("USDC")
    market.pool.supply(usdc, 100 * USDC, sender=BOB)
    market.pool.reserves[usdc].virtual_underlying_balance = 99 * USDC
    assert _refused(lambda: market.pool.withdraw(usdc, 100 * USDC, sender=BOB)) == TAKEN


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_panic_says_that_more_is_moved_than_there_is(revision: str) -> None:
    market = lived_in(revision)
    a_token = market.a_token("USDC")
    balance = a_token.balance_of(BOB)
    a_token.approve(CAROL, MAX, sender=BOB)
    assert _refused(lambda: a_token.transfer(CAROL, balance + 10, sender=BOB)) == MOVED
    assert _refused(lambda: a_token.transfer_from(BOB, CAROL, balance + 10, sender=CAROL)) == MOVED
    a_token.decrease_allowance(CAROL, MAX - 5, sender=BOB)
    lowered = _refused(lambda: a_token.decrease_allowance(CAROL, 6, sender=BOB))
    assert lowered == "the allowance is less than what is subtracted"


@pytest.mark.parametrize("revision", [revision for revision in ALL_REVISIONS if revision <= "3.4"])
def test_early_releases_panic_over_allowances(revision: str) -> None:
    market = lived_in(revision)
    a_token, usdc = market.a_token("USDC"), market.asset("USDC")
    spending = _refused(lambda: a_token.transfer_from(BOB, CAROL, 1, sender=CAROL))
    assert spending == "more is moved than the allowance covers"
    borrowing = _refused(lambda: market.pool.borrow(usdc, USDC, on_behalf_of=ALICE, sender=DAVE))
    assert borrowing == "more is borrowed than the delegation covers"


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_panic_says_that_more_is_burned_than_there_is(revision: str) -> None:
    market = lived_in(revision)
    index = market.pool.get_reserve_normalized_income(market.asset("USDC"))

    def planted(field: str) -> str:
        branch = market.fork()
        token = branch.a_token("USDC")
        if field == "supply":
            token.scaled_supply = 1
        else:
            token.scaled_balances[BOB] = 1
        burn = next(function for function in token.functions.values() if function.name == "burn")
        numbers = [10 * USDC] * (len(burn.kinds) - 3)
        data = burn.calldata([BOB, BOB, *numbers, index])
        revert = branch.chain.transact(branch.pool.address, token.address, data).revert
        assert isinstance(revert, Panic)
        return revert.reason

    assert planted("balance") == "more is burned than the account has"
    assert planted("supply") == "more is burned than there is in all"


def test_words_change_neither_data_nor_comparison() -> None:
    panic = Panic(0x11, TAKEN)
    assert str(panic) == "Panic(0x11: more is taken than the reserve holds)"
    assert panic.data() == Panic(0x11).data() == panic.data(ErrorStyle.CODES)
    assert (panic.name, panic.arguments._asdict()) == ("Panic", {"code": 0x11})
    assert str(pickle.loads(pickle.dumps(panic))) == str(panic)


# --- codes of early releases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_an_early_release_says_name_and_code(revision: str) -> None:
    market = fresh(revision)
    weth = market.asset("WETH")
    with pytest.raises(InvalidAmount) as caught:
        market.pool.supply(weth, 0, sender=ALICE)
    coded = revision_named(revision).error_style is ErrorStyle.CODES
    assert str(caught.value).startswith("InvalidAmount(), code 26, in " if coded else "InvalidAmount() in PoolInstance")
    assert caught.value.name == "InvalidAmount"
    receipt = market.chain.transact(ALICE, market.pool.address, _supply_of_nothing(market.pool, weth))
    assert str(receipt.revert) == str(caught.value)


def _supply_of_nothing(pool: Contract, asset: str) -> bytes:
    function = next(f for f in pool.functions.values() if f.signature == "supply(address,uint256,address,uint16)")
    return function.calldata([asset, 0, ALICE, 0])


def test_modern_releases_say_no_code() -> None:
    assert {revision_named(name).error_style for name in MODERN} == {ErrorStyle.CUSTOM}


# --- functions of one's own -------------------------------------------------------------------------------------------


def test_a_method_that_does_not_fit_its_signature_is_told_what_is_expected() -> None:
    def short(self: Any, amount: int, *, sender: str) -> None:
        """Takes one of two."""

    def senderless(self: Any, amount: int) -> None:
        """Is told nobody."""

    def nameless(this: Any, amount: int, *, sender: str) -> None:
        """Calls itself something else."""

    with pytest.raises(
        TypeError, match=r"does not match go\(uint256,address\): expected \(self, argument1, argument2, \*"
    ):
        external("go(uint256,address)")(short)
    for method in (senderless, nameless):
        with pytest.raises(TypeError, match=r"does not match go\(uint256\): expected \(self, argument1, \*, sender\)"):
            external("go(uint256)")(method)
    with pytest.raises(TypeError, match=r"does not match go\(\): expected \(self\)"):
        view("go()", "uint256")(senderless)
