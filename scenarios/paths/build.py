"""All paths of a scenario, made together: some follow others, some are drawn with correlated shocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path as FilePath

from pooltwin import fixtures
from pydantic import TypeAdapter

from ..draws import Draws
from ..plain_data import read_settings
from .candles import Candle, bridge, corners
from .config import (
    CANDLE_FILE_COLUMNS,
    BridgePath,
    CandlePath,
    ConstantPath,
    FollowingPath,
    GivenPath,
    HistoricalPath,
    JumpDiffusionPath,
    PathConfig,
)
from .diffusion import Diffusion, diffused
from .given import PathError, read_rows
from .path import Path

HISTORY = "prices/candles-4h.json"


@dataclass(frozen=True)
class Span:
    """The time that paths are made for, and what they are drawn from."""

    start: int
    """Seconds since 1970 at which the scenario begins."""

    duration_s: int
    seed: int
    folder: FilePath = FilePath()
    """Folder from which paths of files are seen."""


def build_paths(configs: Mapping[str, PathConfig], span: Span) -> dict[str, Path]:
    """Make the path of every asset. Raises PathError, naming the asset, when one cannot be made."""
    paths = _diffusions(configs, span)
    for asset in configs:
        _resolve(asset, configs, span, paths, ())
    for asset, path in paths.items():
        if path.ticks[0].second > 0:
            raise PathError(f"{asset}: the first price is at second {path.ticks[0].second}, after the beginning")
    return {asset: paths[asset] for asset in configs}


_PATHS: TypeAdapter[dict[str, PathConfig]] = TypeAdapter(dict[str, PathConfig])


def make_paths(
    configs: object, *, duration_s: int, start: int = 0, seed: int = 0, folder: FilePath = FilePath()
) -> dict[str, Path]:
    """Make paths by the data of a scenario file, as {"WETH": {"kind": "given", "points": [[0, 2000], [60, 1900]]}}.

    `start` is the time of second 0, in seconds since 1970; files are seen from the folder. Raises ValueError, in words,
    for what is no path.
    """
    settings = read_settings(_PATHS, configs)
    return build_paths(settings, Span(start, duration_s, seed, folder))


def historical_windows() -> tuple[str, ...]:
    """The names of the events whose candles ship."""
    return tuple(fixtures.read_json(HISTORY)["windows"])


def _resolve(
    asset: str, configs: Mapping[str, PathConfig], span: Span, paths: dict[str, Path], waiting: tuple[str, ...]
) -> Path:
    """The path of an asset, made after the one that it follows."""
    if asset in paths:
        return paths[asset]
    if asset in waiting:
        raise PathError(f"{asset}: follows itself, by way of {' and '.join(waiting[1:]) or 'nobody'}")
    if asset not in configs:
        raise PathError(f"{waiting[-1]}: follows {asset}, which has no path")
    config = configs[asset]
    try:
        if isinstance(config, FollowingPath):
            paths[asset] = _following(config, _resolve(config.asset, configs, span, paths, (*waiting, asset)))
        else:
            paths[asset] = _single(asset, config, span)
    except PathError:
        raise
    except ValueError as error:
        raise PathError(f"{asset}: {error}") from None
    return paths[asset]


def _single(asset: str, config: PathConfig, span: Span) -> Path:
    """A path that depends on no other."""
    if isinstance(config, ConstantPath):
        return Path([(0, config.price)])
    if isinstance(config, GivenPath):
        if config.file is None:
            return Path(config.points)
        rows = read_rows(span.folder / config.file, ("price",), span.start)
        return Path((second, price) for _, second, (price,) in rows)
    if isinstance(config, HistoricalPath):
        return _historical(asset, config, span)
    if isinstance(config, BridgePath):
        candles = config.candles if config.file is None else tuple(_candles_in(config, config.file, span))
        return Path(_through(candles, config.candle_s, config, Draws(span.seed, f"path {asset}")))
    raise PathError(f"{asset}: a path of kind {config.kind!r} cannot be made alone")


def _following(config: FollowingPath, other: Path) -> Path:
    """The ratio to another path, with a step wherever either has one."""
    ratios = Path([(min(other.ticks[0].second, 0), config.ratio)])
    if config.ratio_changes:
        ratios = Path(
            [(min(other.ticks[0].second, config.ratio_changes[0].second - 1), config.ratio), *config.ratio_changes]
        )
    seconds = sorted({tick.second for path in (other, ratios) for tick in path.ticks})
    return Path((second, other.price(second) * ratios.price(second)) for second in seconds)


def _historical(asset: str, config: HistoricalPath, span: Span) -> Path:
    data = fixtures.read_json(HISTORY)
    candle_s: int = data["candle_s"]
    if config.window not in data["windows"]:
        raise PathError(f"{asset}: there is no window {config.window!r}; there are: {', '.join(data['windows'])}")
    rows = data["windows"][config.window][config.asset]
    if config.from_s % candle_s or config.from_s >= len(rows) * candle_s:
        raise PathError(f"{asset}: from_s {config.from_s} is no multiple of {candle_s} below {len(rows) * candle_s}")
    if candle_s % config.step_s or candle_s < 4 * config.step_s:
        raise PathError(f"{asset}: step_s {config.step_s} does not divide a candle of {candle_s} s into 4 or more")
    rows = rows[config.from_s // candle_s :]
    if len(rows) * candle_s < span.duration_s:
        raise PathError(
            f"{asset}: {config.window} has {len(rows) * candle_s} s from there on, the scenario takes {span.duration_s}"
        )
    candles = [Candle.model_validate(dict(zip(CANDLE_FILE_COLUMNS, row[:4], strict=True))) for row in rows]
    needed = candles[: -(-span.duration_s // candle_s) or 1]
    path = Path(_through(needed, candle_s, config, Draws(span.seed, f"path {asset}")))
    if config.start_price is None:
        return path
    scale = Fraction(config.start_price) / path.ticks[0].price
    return Path((tick.second, tick.price * scale) for tick in path.ticks)


def _candles_in(config: BridgePath, file: str, span: Span) -> Iterator[Candle]:
    """Read candles. Raises PathError, naming the line, when one is missing or is none."""
    path = span.folder / file
    for index, (number, second, prices) in enumerate(read_rows(path, CANDLE_FILE_COLUMNS, span.start)):
        if second != index * config.candle_s:
            raise PathError(
                f"{path}, line {number}: begins at second {second} of the scenario, not {index * config.candle_s}"
            )
        try:
            yield Candle.model_validate(dict(zip(CANDLE_FILE_COLUMNS, prices, strict=True)))
        except ValueError as error:
            raise PathError(f"{path}, line {number}: {_first_line(error)}") from None


def _first_line(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]) if callable(errors) else str(error)


def _through(
    candles: Sequence[Candle], candle_s: int, config: CandlePath, draws: Draws
) -> Iterator[tuple[int, Decimal]]:
    """Yield second and price of every step through candles."""
    for number, candle in enumerate(candles):
        start = number * candle_s
        if config.way == "corners":
            yield from ((start + step, price) for step, price in corners(candle, candle_s))
        else:
            steps = bridge(candle, candle_s // config.step_s, draws)
            yield from ((start + step * config.step_s, price) for step, price in enumerate(steps))


def _diffusions(configs: Mapping[str, PathConfig], span: Span) -> dict[str, Path]:
    """All jump diffusions, those with the same step together."""
    drawn = {asset: config for asset, config in configs.items() if isinstance(config, JumpDiffusionPath)}
    correlations = _correlations(drawn)
    paths: dict[str, Path] = {}
    for step_s in sorted({config.step_s for config in drawn.values()}):
        group = {asset: config for asset, config in drawn.items() if config.step_s == step_s}
        prices = {asset: _diffusion(config) for asset, config in group.items()}
        matrix = [[correlations.get((one, other), Decimal(one == other)) for other in group] for one in group]
        try:
            paths |= diffused(prices, matrix, span.seed, step_s, span.duration_s)
        except ValueError as error:
            raise PathError(f"{', '.join(group)}: {error}") from None
    return paths


def _diffusion(config: JumpDiffusionPath) -> Diffusion:
    return Diffusion(
        start_price=config.start_price,
        drift_yearly_bps=config.drift_yearly_bps,
        volatility_yearly_bps=config.volatility_yearly_bps,
        jumps_yearly=config.jumps_yearly,
        jump_mean_bps=config.jump_mean_bps,
        jump_volatility_bps=config.jump_volatility_bps,
    )


def _correlations(drawn: Mapping[str, JumpDiffusionPath]) -> dict[tuple[str, str], Decimal]:
    """Collect the correlations that any asset states. Raises PathError for what cannot be."""
    found: dict[tuple[str, str], Decimal] = {}
    for asset, config in drawn.items():
        for other, correlation in config.correlations.items():
            if other not in drawn or other == asset:
                raise PathError(f"{asset}: correlates with {other}, which is no other asset with a jump diffusion")
            if drawn[other].step_s != config.step_s:
                raise PathError(f"{asset}: correlates with {other}, whose step_s is {drawn[other].step_s}, not its own")
            if found.get((asset, other), correlation) != correlation:
                raise PathError(f"{asset} and {other} state different correlations with each other")
            found[asset, other] = found[other, asset] = correlation
    return found
