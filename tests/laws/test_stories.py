"""Stories: what numbers mean, how they are told, whom a step concerns, who loses, and how histories are shortened."""

from __future__ import annotations

import re
import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.invariants.call_names import NAMES_OF_KINDS
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.shortening import shortest
from pooltwin.invariants.campaigns.shrinking import break_of, shrink
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.defects.results import read_results
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.histories.router import batched, multicalled
from pooltwin.invariants.reading.census import Census
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history
from pooltwin.invariants.stories import words
from pooltwin.invariants.stories.meanings import CONCERNED, MEANINGS, SELF, meanings_of
from pooltwin.invariants.stories.scene import Scene
from pooltwin.invariants.stories.telling import WIDTH, tell
from pooltwin.protocol import ForeignContract, external, named_address
from pooltwin.protocol.errors import ErrorString, HealthFactorLowerThanLiquidationThreshold, MustNotLeaveDust, Panic
from pooltwin.protocol.revisions import classes_of_kind

MILLION = 10**6
LOAN = Action("erin", "pool", "flashLoanSimple", ("receiver", "WBTC", 10**8, b"", 0))
CRASH = [
    Action("heidi", "pool", "supply", ("WBTC", 10**8, "heidi", 0)),
    Action("heidi", "pool", "borrow", ("USDC", 40_000 * MILLION, 2, 0, "heidi")),
    Action.price("WBTC", 45_000 * 10**8),
    Action("grace", "pool", "liquidationCall", ("WBTC", "USDC", "heidi", EVERYTHING, False)),
]
"""A position is opened, falls below its threshold, and is liquidated."""


def told(actions, revision="3.7"):
    """The story of some actions on the standard market, on one line."""
    history = standard_history(revision).with_actions(actions)
    return " ".join(history.story().split())


# --- what numbers mean ------------------------------------------------------------------------------------------------


def functions():
    """Every function that changes state and takes a number, on any release, by its name in laws, with its types."""
    found = {}
    for kind, name in NAMES_OF_KINDS.items():
        for cls in classes_of_kind(kind):
            members = (getattr(cls, attribute) for attribute in dir(cls) if not attribute.startswith("_"))
            for function in (f for member in members for f in getattr(member, "contract_functions", ())):
                if not function.view and any(part.startswith(("uint", "int")) for part in function.kinds):
                    found[f"{name}.{function.name}", len(function.kinds)] = function.kinds
    return found


FUNCTIONS = functions()


@pytest.mark.parametrize(("name", "count"), sorted(FUNCTIONS))
def test_every_number_of_every_function_has_a_meaning(name, count):
    kinds, overloads = FUNCTIONS[name, count], [text.split() for text in MEANINGS[name].split("|")]
    assert count in [len(overload) for overload in overloads], f"no meaning of {name} with {count} arguments"
    for kind, meaning in zip(kinds, meanings_of(name, count), strict=True):
        if meaning.word != "_":
            assert kind.startswith("uint"), f"{name}: {meaning.word} is said of {kind}"
        if meaning.asset_at is not None:
            assert kinds[meaning.asset_at] == ("address[]" if kind.endswith("[]") else "address")


def test_the_table_names_no_function_that_is_not_there():
    there = {name for name, _ in FUNCTIONS}
    with_numbers = {name for name, text in MEANINGS.items() if set(text.split()) - {"_", "|"}}
    assert with_numbers <= there


def test_who_is_concerned_is_an_address():
    for name, place in CONCERNED.items():
        assert all(kinds[place] == "address" for (other, _), kinds in FUNCTIONS.items() if other == name)
    assert not SELF & CONCERNED.keys()


@pytest.mark.parametrize(
    ("action", "words_of_it"),
    [
        (
            Action("alice", "pool", "supply", ("USDC", 1_500_000 * MILLION, "alice", 0)),
            "1,500,000 USDC, 1,500,000.00 USD",
        ),
        (Action("alice", "aWETH", "transfer", ("erin", 10**18)), "1000000000000000000 (1 WETH, 2,000.00 USD)"),
        (Action("alice", "debtWETH", "approveDelegation", ("erin", 10**17)), "(0.1 WETH, 200.00 USD)"),
        (Action("alice", "WETH", "transfer", ("aWETH", 10**18)), "(1 WETH, 2,000.00 USD)"),
        (Action("admin", "configurator", "setSupplyCap", ("WETH", 40_000)), "40000 (40,000 WETH)"),
        (Action("admin", "configurator", "setReserveFactor", ("WETH", 1_525)), "1525 (15.25%)"),
        (Action("admin", "configurator", "setReservePause", ("WETH", True, 14_400)), "14400 (4 hours)"),
        (Action("admin", "configurator", "setDebtCeiling", ("WETH", 12_345)), "12345 (123.45 USD)"),
        (Action("alice", "aWETH", "mintToTreasury", (10**18, 10**27)), "(shares, 1 WETH, 2,000.00 USD)"),
        (Action("alice", "pool", "setUserEMode", (2,)), "setUserEMode(2)"),
        (Action("alice", "pool", "borrow", ("WETH", 10**18, 2, 0, "alice")), "USD), 2, 0, alice)"),
        (Action("alice", "pool", "withdraw", ("WETH", EVERYTHING, "alice")), "withdraws 5,000 WETH, 10,000,000.00 USD"),
        (Action("alice", "pool", "supply", ("USDC", 2**120, "alice", 0)), "(over 1e30 USDC, over 1e30 USD)"),
        (Action.wait(3 * 86_400 + 4 * 3_600), "3 days 4 hours pass (273600 seconds)"),
        (Action.wait(1), "1 second passes"),
        (Action.wait(86_400), "1 day passes (86400 seconds)"),
        (Action.price("WETH", 100_000_000_000), "(1,000.00 USD), 50% less than before"),
        (Action.price("GUSD", 1_000), "1000 (0.00001 USD)"),
    ],
    ids=str,
)
def test_a_number_is_told_by_its_meaning(action, words_of_it):
    assert words_of_it in told([action])


def test_amounts_of_several_assets_are_each_in_their_own():
    loan = Action(
        "erin", "pool", "flashLoan", ("receiver", ("WETH", "USDC"), (10**18, MILLION), (0, 0), "erin", b"", 0)
    )
    story = told([loan])
    assert "[1000000000000000000 (1 WETH, 2,000.00 USD), 1000000 (1 USDC, 1.00 USD)]" in story
    assert "lent for a premium of 0.0009 WETH, 1.80 USD" in story


def test_what_has_no_price_is_told_in_tokens():
    action = Action("alice", "pool", "supply", ("LINK", 10**18, "alice", 0))
    assert "(1 LINK, no price)" in told([Action.price("LINK", 0), action])


# --- what came of it --------------------------------------------------------------------------------------------------


def test_a_revert_is_told_in_words():
    refused = Action("erin", "pool", "borrow", ("WETH", 10**18, 2, 0, "erin"))
    assert "reverted: ltv validation failed (LtvValidationFailed)" in told([refused])
    assert "nothing: the release has no such function" in told([Action("erin", "pool", "multicall", ((),))], "3.2")


@pytest.mark.parametrize(
    ("revert", "text"),
    [
        (MustNotLeaveDust(), "must not leave dust (MustNotLeaveDust)"),
        (
            HealthFactorLowerThanLiquidationThreshold(),
            "health factor lower than liquidation threshold (HealthFactorLowerThanLiquidationThreshold)",
        ),
        (ErrorString("35"), "health factor lower than liquidation threshold"),
        (ErrorString("too late"), "Error('too late')"),
        (Panic(0x11, "more is taken than the reserve holds"), "more is taken than the reserve holds"),
    ],
    ids=str,
)
def test_errors_in_words(revert, text):
    assert text in words.error(revert)


def test_a_liquidation_tells_both_legs_and_whom_it_concerns():
    story = told(CRASH)
    assert "repays 40,000 USDC, 40,000.00 USD; takes 0.929 WBTC, 41,800.00 USD" in story
    assert "health factor of heidi: 0.8775 before, no debt after" in story
    assert "health factor of heidi: no debt before, 1.2675 after" in story


def test_what_happens_inside_is_told_beneath():
    inside = Action("receiver", "pool", "mintToTreasury", (("WETH",),))
    loan = Action(LOAN.sender, LOAN.target, LOAN.function, LOAN.arguments, (inside,))
    stage = standard_history().stage()
    supplies = [Action("erin", "pool", "supply", (symbol, 10**18, "erin", 0)) for symbol in ("WETH", "LINK")]
    for action, parts in ((loan, 1), (batched(supplies), 2), (multicalled(stage, supplies), 2)):
        lines = standard_history().with_actions([action]).story().splitlines()
        assert sum(line.strip().startswith("- ") for line in lines) == parts
    assert "- erin: pool.supply(LINK, 1000000000000000000 (1 LINK, 15.12 USD), erin, 0)" in told(
        [multicalled(stage, supplies)]
    )


def test_names_that_a_stage_gives_are_told():
    history = standard_history().with_actions([])
    stage = history.stage()
    stage.book["my vault"] = stage.book["erin"]
    story = tell(stage, [Action("alice", "aWETH", "transfer", ("my vault", 10**18))])
    assert "aWETH.transfer(my vault, " in story


class Savings(ForeignContract):
    """Keeps what it is given."""

    KIND = "Savings"
    MEANINGS = {"save": "amount", "wait": "_ seconds"}

    @external("save(uint256)")
    def save(self, amount, *, sender):
        self.chain.at(self.asset).transfer_from(sender, self.address, amount, sender=self.address)

    @external("wait(uint256)")
    def wait(self, seconds, *, sender):
        pass


def test_a_contract_of_ones_own_says_what_its_numbers_mean():
    stage = standard_history().stage()
    savings = stage.chain.deploy(Savings, named_address("savings"))
    savings.asset = stage.book["USDC"]
    stage.add("savings", savings)
    actions = [
        Action("alice", "USDC", "approve", ("savings", EVERYTHING)),
        Action("alice", "savings", "save", (5 * MILLION,)),
        Action("alice", "savings", "wait", (86_400,)),
    ]
    story = tell(stage, actions)
    assert "2. alice: savings.save(5000000 (5 USDC, 5.00 USD))" in story
    assert "3. alice: savings.wait(86400)" in story  # which has no words of that length


def test_an_action_that_makes_no_sense_is_told_as_that():
    assert "nothing: " in told([Action("alice", "nobody at all", "supply", ())])
    assert "nothing: " in told([Action("alice", "pool", "suply", (1,))])


# --- the law, the state and the money ---------------------------------------------------------------------------------


STORIES = [story for hunt in read_results().hunts for story in hunt.stories]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.law} on {story.revision}")
def test_every_shipped_story_can_be_told(story):
    broken = break_of(story.history, story.law, probe_seed=story.probe_seed, judged_by="3.7", lenient=True)
    assert broken is not None
    text = tell(story.history.stage(), story.history.actions, broken)
    lines = text.splitlines()
    assert lines[0].startswith(f"{story.law} is broken ")
    assert max(len(line) for line in lines) <= WIDTH
    assert text.count("\n") < 40 + 8 * len(story.actions)
    numbered = [int(number) for number in re.findall(r"^ *(\d+)\. ", text, re.M)]
    assert numbered == list(range(1, broken.action + 2))
    assert "0x" not in re.sub(r"0x[0-9a-f]*(?:,|\.\.\.)", "", text)


def test_a_story_from_beginning_to_end():
    """A premium that is paid through the index, as v3.2 does, told whole."""
    history = standard_history("3.2").with_actions([Action.wait(7), LOAN])
    broken = break_of(history, "IDX-5", judged_by="3.7")
    law = textwrap.fill(f"The law: {law_called('IDX-5').statement}", WIDTH, initial_indent="  ", subsequent_indent="  ")
    assert tell(history.stage(), history.actions, broken) == LOAN_TOLD.format(law=law)


LOAN_TOLD = """\
IDX-5 is broken at step 2: it is worth 0.0009 WBTC, 58.50 USD.
{law}
  Compared (WBTC): L after, by formula must be equal:
  1000001470588235294117647059 (1.0000014705) against
  1000000000000000000000000000 (1.0000000000), by
  1470588235294117647059 (0.0009 WBTC, 58.50 USD)

1. 7 seconds pass
2. erin: pool.flashLoanSimple(receiver, WBTC, 100000000 (1 WBTC, 65,000.00 USD),
     0x, 0)
   lent for a premium of 0.0009 WBTC, 58.50 USD

Before step 2:
  WBTC: price 65,000.00 USD; lenders and treasury are owed 612; borrowers owe 0;
    the pool holds 612.
In step 2: receiver loses 58.50 USD; alice gains 14.63 USD; bob gains 14.63 USD;
  carol gains 14.63 USD; dave gains 14.63 USD."""


def short_of(stage):
    return Scene(Census(stage.market, stage.names))


def test_lenders_lose_what_nothing_backs():
    """Planted: the pool books a thousand USDC less than it had."""
    stage = standard_history().stage()
    assert short_of(stage).lost() == 0
    stage.market.pool.reserves[stage.book["USDC"]].virtual_underlying_balance -= 1_000 * MILLION
    scene = short_of(stage)
    assert scene.reserves[stage.book["USDC"]].missing == 1_000 * MILLION
    assert scene.lost() == 1_000 * 10**8


def test_lenders_lose_what_collateral_does_not_cover():
    stage = standard_history().stage()
    for action in (*CRASH[:2], Action.price("WBTC", 30_000 * 10**8)):
        stage.perform(action)
    assert short_of(stage).lost() == 10_000 * 10**8
    assert short_of(stage).uncovered == 10_000 * 10**8


def test_bad_debt_that_is_written_off_is_lost_no_second_time():
    stage = standard_history().stage()
    for action in (*CRASH[:2], Action.price("WBTC", 30_000 * 10**8)):
        stage.perform(action)
    before = short_of(stage).lost()
    stage.perform(CRASH[3])
    scene = short_of(stage)
    assert stage.market.pool.reserves[stage.book["USDC"]].deficit > 0
    assert scene.uncovered == 0
    assert before < scene.lost() < before + 2_000 * 10**8  # the bonus comes on top


def test_the_headline_names_the_lenders_who_lose():
    """Planted: a law that breaks at a step in which the pool's books lose a million USDC."""
    stage = standard_history().stage()
    taken = 1_000_000 * MILLION

    class Thief(type(stage)):
        def perform(self, action):
            receipt = super().perform(action)
            if action == CRASH[3]:
                self.market.pool.reserves[self.book["USDC"]].virtual_underlying_balance -= taken
            return receipt

    stage.__class__ = Thief
    found = break_of(standard_history("3.2").with_actions([LOAN]), "IDX-5", judged_by="3.7")
    told_whole = tell(stage, CRASH, type(found)(found.violation, 3))
    assert told_whole.startswith("IDX-5 is broken at step 4: lenders of USDC lose 1,000,000.00 USD")
    flat = " ".join(told_whole.split())
    assert "lenders of USDC have come to miss 1,000,000 USDC, 1,000,000.00 USD" in flat
    assert "In step 4: heidi loses" in flat
    assert "grace gains 1,800.00 USD" in flat


# --- words ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**12))
def test_durations_add_up(seconds):
    spans = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
    parts = re.findall(r"([\d,]+) (day|hour|minute|second)s?", words.duration(seconds))
    assert sum(int(count.replace(",", "")) * spans[name] for count, name in parts) == seconds


@given(st.integers(0, 10**26))
def test_a_health_factor_below_one_never_looks_like_one(wad):
    shown = words.health(wad)
    assert (wad < 10**18) == shown.startswith("0.")


@given(st.integers(-1, 2**256 - 1))
def test_any_moment_can_be_told(seconds):
    assert words.moment(seconds).endswith(("UTC", "beyond all calendars"))


@given(st.integers(1, 10**20))
def test_prices_keep_their_digits_below_a_dollar(base):
    shown = words.price(base).removesuffix(" USD").replace(",", "")
    whole, _, part = shown.partition(".")
    if base < 10**8:
        assert int(whole + part.ljust(8, "0")) == base
    else:
        assert abs(int(whole + part) * 10**6 - base) <= 10**6


# --- shortening -------------------------------------------------------------------------------------------------------


def test_merged_waits_lead_to_the_same_state():
    apart, once = (standard_history().with_actions(actions) for actions in WAITS)
    stages = []
    for history in (apart, once):
        stage = history.stage()
        for action in (*CRASH[:2], *history.actions, CRASH[0]):
            stage.perform(action)
        stages.append(stage)
    more = stages[0].chain.number - stages[1].chain.number
    assert more == len(WAITS[0]) - 1
    chain = stages[1].chain
    chain.set_time(chain.time, chain.number + more)
    assert chain.digest() == stages[0].chain.digest()


WAITS = ([Action.wait(seconds) for seconds in (7, 86_400, 1)], [Action.wait(86_408)])

IDLE = [
    Action.wait(5),
    Action("erin", "pool", "borrow", ("WETH", 10**18, 2, 0, "erin")),
    Action("dave", "aWETH", "transfer", ("frank", 123_456_789)),
    Action.price("LINK", 1_512_345_679),
    Action.wait(63_669),
    Action("bob", "pool", "repay", ("WETH", 10**18, 2, "bob")),
]
"""What has nothing to do with a loan of WBTC; the second and the last revert."""


def loan_breaks(actions):
    return break_of(standard_history("3.2").with_actions(actions), "IDX-5", judged_by="3.7", lenient=True) is not None


def test_idle_actions_are_left_out_and_amounts_rounded():
    loan = Action("erin", "pool", "flashLoanSimple", ("receiver", "WBTC", 98_765_432, b"", 0))
    history = standard_history("3.2").with_actions([*IDLE, loan, *IDLE])
    (only,) = shortest(history, loan_breaks)
    assert only.function == "flashLoanSimple"
    assert only.arguments[2] == 10**7


def test_the_patience_of_shortening_counts_work_and_no_waiting():
    """A machine that is busy with other things makes a process wait: it must not give up the sooner for it."""
    loan = Action("erin", "pool", "flashLoanSimple", ("receiver", "WBTC", 10**7, b"", 0))
    history = standard_history("3.2").with_actions([*IDLE, loan, *IDLE])
    waits = [0.6]

    def loan_breaks_after_waiting(actions):
        time.sleep(waits.pop() if waits else 0)
        return loan in actions

    assert shortest(history, loan_breaks_after_waiting, patience=0.5) == [loan]


def test_shortening_goes_on_until_nothing_goes():
    """Two waits and a debt are needed: the waits become one, in whole days, and nothing can go any more."""
    needed = [
        Action("erin", "pool", "supply", ("WBTC", 123_456_789, "erin", 0)),
        Action("erin", "pool", "borrow", ("USDC", 12_345_678_901, 2, 0, "erin")),
        Action.wait(40_000),
        IDLE[2],
        Action.wait(80_000),
    ]
    history = standard_history().with_actions([*IDLE, *needed, IDLE[5]])

    def owes_a_days_interest(actions):
        stage = standard_history().stage()
        for action in actions:
            stage.perform(action)
        return stage.market.debt_token("USDC").balance_of(stage.book["erin"]) > 10**9 and stage.chain.time >= (
            standard_history().stage().chain.time + 86_400
        )

    actions = shortest(history, owes_a_days_interest)
    assert [action.called for action in actions] == ["pool.supply", "pool.borrow", "time"]
    assert actions[2] == Action.wait(86_400)
    assert shortest(history.with_actions(actions), owes_a_days_interest) == actions
    assert shortest(history, owes_a_days_interest) == actions


def test_what_is_inside_is_unwrapped():
    inside = (Action("receiver", "pool", "mintToTreasury", (("LINK",),)), LOAN)
    router = batched([IDLE[2], LOAN])
    nested = Action("erin", "pool", "flashLoanSimple", ("receiver", "WETH", 10**18, b"", 0), inside)
    for action in (router, nested):
        actions = shortest(standard_history("3.2").with_actions([action]), loan_breaks)
        assert all(not part.inside for part in actions)
        assert len(actions) == 1


def test_two_people_are_made_one():
    """A supplies for B, who borrows: one person will do. The liquidator must be somebody else."""
    supply = Action("erin", "pool", "supply", ("WBTC", 10**8, "heidi", 0))
    history = standard_history().with_actions([supply, *CRASH[1:]])

    def liquidated(actions):
        stage = standard_history().stage()
        receipts = [stage.perform(action) for action in actions]
        return bool(actions) and actions[-1].function == "liquidationCall" and receipts[-1].ok

    actions = shortest(history, liquidated)
    assert [action.sender for action in actions] == ["heidi", "heidi", "", "grace"]
    assert actions[0].arguments[2] == "heidi"


def test_a_finding_is_shrunk_and_told():
    laws = all_laws()
    history = standard_history("3.2").with_actions([*IDLE, LOAN])
    finding = Finding("IDX-5", "", history, "7/0", judged_by="3.7")
    shrunk = shrink(finding, laws)
    assert len(shrunk.history.actions) == 1
    assert shrunk.story().startswith("IDX-5 is broken at step 1: ")


def test_no_bystander_is_missed_in_a_replay():
    """A campaign looks at one bystander in turn; a replay, whose steps have other numbers, at all of them."""
    debt = Action("dave", "pool", "borrow", ("USDC", MILLION, 2, 0, "dave"))
    for idle in range(9):
        history = standard_history("3.2").with_actions([debt, *[IDLE[0]] * idle, LOAN])
        assert break_of(history, "HF-5", judged_by="3.7") is not None
