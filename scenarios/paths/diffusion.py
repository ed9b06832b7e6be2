"""Jump-diffusion of one price, or of several with correlated shocks, in correctly rounded decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

from ..draws import Draws
from ..units import BPS
from .candles import PRECISE
from .path import PRICE_DECIMALS, Path

YEAR_S = 365 * 86_400
_GRAIN = Decimal(1).scaleb(-PRICE_DECIMALS)
_ALMOST_ZERO = Decimal(1).scaleb(-24)
_WORD = Decimal(1 << 64)
_CONTRADICTION = "the correlations contradict each other (0 where none is stated): no prices could move like that"


class Diffusion(NamedTuple):
    """One price: logarithms of its steps are normal, plus jumps whose logarithms are normal too."""

    start_price: Decimal
    drift_yearly_bps: int
    volatility_yearly_bps: int
    jumps_yearly: Decimal
    jump_mean_bps: int
    jump_volatility_bps: int


def cholesky(matrix: Sequence[Sequence[Decimal]]) -> list[list[Decimal]]:
    """Take the lower triangular root of a correlation matrix.

    Raises ValueError when there is none: no prices could move like that.
    """
    size = len(matrix)
    root = [[Decimal(0)] * size for _ in range(size)]
    with localcontext(PRECISE):
        for row in range(size):
            for column in range(row + 1):
                rest = matrix[row][column] - sum(
                    (root[row][k] * root[column][k] for k in range(column)), start=Decimal(0)
                )
                if row == column:
                    if rest < -_ALMOST_ZERO:
                        raise ValueError(_CONTRADICTION)
                    root[row][row] = max(rest, Decimal(0)).sqrt()
                elif root[column][column] > _ALMOST_ZERO.sqrt():
                    root[row][column] = rest / root[column][column]
                elif abs(rest) > _ALMOST_ZERO.sqrt():
                    raise ValueError(_CONTRADICTION)
    return root


def diffused(
    prices: Mapping[str, Diffusion],
    correlations: Sequence[Sequence[Decimal]],
    seed: int,
    step_s: int,
    duration_s: int,
) -> dict[str, Path]:
    """Draw the paths of several prices from second 0 to the end of a duration, a price every step.

    Correlations are in the order of the prices. A price draws from streams of its own name, so that a further price
    after it moves none before it.
    """
    root = cholesky(correlations)
    names = list(prices)
    shocks = [Draws(seed, f"path {name}") for name in names]
    jumps = [Draws(seed, f"jumps {name}") for name in names]
    logs = [Decimal(0)] * len(names)
    ticks: list[list[tuple[int, Decimal]]] = [[(0, prices[name].start_price)] for name in names]
    with localcontext(PRECISE):
        years = Decimal(step_s) / YEAR_S
        chances = [list(_jump_chances(prices[name].jumps_yearly * years)) for name in names]
        for second in range(step_s, duration_s + 1, step_s):
            drawn = [each.normal() for each in shocks]
            for index, name in enumerate(names):
                shock = sum((root[index][k] * drawn[k] for k in range(index + 1)), start=Decimal(0))
                logs[index] += _step(prices[name], years, shock) + _jump(prices[name], chances[index], jumps[index])
                price = prices[name].start_price * logs[index].exp()
                ticks[index].append((second, price.quantize(_GRAIN)))
    return {name: Path(each) for name, each in zip(names, ticks, strict=True)}


def _step(price: Diffusion, years: Decimal, shock: Decimal) -> Decimal:
    """The logarithm of a step without jumps. The drift is that of the price, so half the variance comes off."""
    volatility = Decimal(price.volatility_yearly_bps) / BPS
    drift = Decimal(price.drift_yearly_bps) / BPS
    return (drift - volatility * volatility / 2) * years + volatility * years.sqrt() * shock


def _jump_chances(expected: Decimal) -> Iterator[Decimal]:
    """Yield the chance of at most 0, 1, 2, ... jumps in a step, until it is one to 64 bits. Poisson."""
    chance = total = (-expected).exp()
    count = 0
    while total * _WORD < _WORD - 1:
        yield total
        count += 1
        chance = chance * expected / count
        total += chance


def _jump(price: Diffusion, chances: Sequence[Decimal], draws: Draws) -> Decimal:
    """The sum of the logarithms of the jumps of one step."""
    if not price.jumps_yearly:
        return Decimal(0)
    drawn = Decimal(draws.below(1 << 64)) / _WORD
    count = sum(1 for chance in chances if drawn >= chance)
    mean, volatility = Decimal(price.jump_mean_bps) / BPS, Decimal(price.jump_volatility_bps) / BPS
    return sum((mean + volatility * draws.normal() for _ in range(count)), start=Decimal(0))
