"""The replay's picture: what it shows is what the result holds, and it says what it is."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from pooltwin.scenarios.trend_research import chart

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawn():
    """Draws a result and gives the figure; closes it afterwards."""
    made: list[Figure] = []

    def draw(result):
        figure = pyplot.figure(figsize=chart.SIZE)
        made.append(figure)
        chart._fill(figure, result)
        return figure

    yield draw
    for figure in made:
        pyplot.close(figure)


def panel(figure, beginning):
    (found,) = [axes for axes in figure.axes if axes.get_title(loc="left").startswith(beginning)]
    return found


def line(axes, beginning):
    (found,) = [drawn for drawn in axes.get_lines() if str(drawn.get_label()).startswith(beginning)]
    return found


def words(figure):
    return re.sub(r"\s+", " ", " ".join(text.get_text() for text in figure.texts))


@pytest.mark.parametrize("name", ["sold", "unsold", "crashed", "stranded"])
def test_the_lines_are_the_results(name, request, drawn):
    result = request.getfixturevalue(name)
    figure = drawn(result)
    prices = line(panel(figure, "Price"), "WETH, pool's price").get_ydata()
    assert [round(value * 10**8) for value in prices] == [step.reported_price for step in result.steps]
    free = line(panel(figure, "WETH: withdrawable"), "withdrawable").get_ydata()
    assert [round(value * 1e3) for value in free] == [round(step.withdrawable_weth / 1e18) for step in result.steps]
    position = panel(figure, "Collateral and debt")
    for label, field in (("collateral", "collateral_base"), ("debt", "debt_base")):
        (shown,) = [drawn_line for drawn_line in position.get_lines() if drawn_line.get_label() == label]
        assert [round(value * 1e6) for value in shown.get_ydata()] == [
            round(getattr(step.position, field) / 1e8) for step in result.steps
        ]


def test_uncovered_debt_is_shown_before_and_after_anyone_acts(crashed, sold, drawn):
    shown = line(panel(drawn(crashed), "Uncovered debt"), "at the print").get_ydata()
    assert [round(value * 1e6) for value in shown] == [
        round(step.uncovered_at_print_base / 1e8) for step in crashed.steps
    ]
    assert max(shown) > 0
    assert "none at any print" in [text.get_text() for text in panel(drawn(sold), "Uncovered debt").texts]


def test_what_is_assumed_is_dashed(sold, drawn):
    price = panel(drawn(sold), "Price")
    assumed = line(price, "the same, no debt reported: assumed")
    assert assumed.is_dashed()
    assert not line(price, "WETH, pool's price").is_dashed()
    assert line(panel(drawn(sold), "WETH: withdrawable"), "where others refill").is_dashed()


def test_liquidations_are_marked_by_size(unsold, sold, drawn):
    labels = panel(drawn(unsold), "Price").get_legend_handles_labels()[1]
    assert any(label.startswith("liquidations by size") for label in labels)
    assert not any("liquidations" in label for label in panel(drawn(sold), "Price").get_legend_handles_labels()[1])


def test_the_firms_loss_stands_beside_the_published_ones(unsold, drawn):
    loss = panel(drawn(unsold), "The firm's loss")
    named = [label.get_text() for label in loss.get_yticklabels()]
    assert named[0] == "market fall before the replay"
    assert "liquidation penalties" in named
    assert "all, entry 3,180" in named
    assert [name for name in named if name.startswith("published")][-1] == "published 869m"
    fills = {name: bar.get_facecolor()[3] for name, bar in zip(named, loss.patches, strict=True)}
    assert fills["published 869m"] == 0, "a loss that nothing explains is drawn hollow"
    assert fills["published 734m"] == 1


def test_title_and_footer_say_what_it_is(crashed, drawn):
    said = words(drawn(crashed))
    for change in crashed.changed:
        assert change.words in said
    assert crashed.verdict[0].split(".")[0] in said
    assert "Simulated by pooltwin" in said
    assert crashed.digest() in said
    assert "not oracle prints" in said


def test_nothing_is_cut_off(crashed, unsold, drawn):
    for result in (crashed, unsold):
        figure = drawn(result)
        figure.canvas.draw()
        for text in figure.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= figure.bbox.width, text.get_text()


def test_both_formats_are_written_alike_each_time(sold, tmp_path):
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    chart.draw_chart(sold, first, tmp_path / "a.png")
    chart.draw_chart(sold, second)
    assert first.read_bytes() == second.read_bytes()
    root = ElementTree.fromstring(first.read_text(encoding="utf-8"))
    assert any("Simulated by pooltwin" in "".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(ValueError, match=r"ends in \.png or \.svg"):
        chart.draw_chart(sold, tmp_path / "a.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg", "b.svg"]
