"""Charts as SVG, drawn here: no script, no other host; each has its words in `title` and is told again by a table.

Text is in the page's own type; widths are those of the drawing, which scales with the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
_LEFT = 96  # room for the numbers of the axis
_TOP, _PLOT, _FOOT = 34, 190, 46
_ROW, _BAR = 26, 16  # one line of a horizontal chart, and the bar in it
_LABEL = 150  # room for the names of horizontal bars
_NUMBER = 90  # room for the number behind them
_STEPS = (1, 2, 2.5, 5, 10)  # of which one times a power of ten parts an axis
_TICKS = 4
_LABELS_MAX = 12  # names under a chart that can be read beside each other
_CHARACTER = 12  # how wide one Chinese character is drawn

Words = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one kind, in the order of the labels; None has no bar."""

    name: str
    colour: str
    values: tuple[int | None, ...]


def columns(title: str, labels: Sequence[str], series: Sequence[Series], words: Words) -> str:
    """Return upright bars beside each other for each label, above and below zero."""
    numbers = [value for each in series for value in each.values if value is not None]
    low, high, step = _axis(min([0, *numbers]), max([0, *numbers]))
    scale = _PLOT / (high - low)
    slot = (WIDTH - _LEFT) / max(len(labels), 1)
    width = min(28.0, slot * 0.76 / max(len(series), 1))

    def y(value: float) -> float:
        return _TOP + (high - value) * scale

    parts = [_legend(series)] if len(series) > 1 else []
    tick = low
    while tick <= high:
        strong = ' class="zero"' if tick == 0 else ""
        parts.append(f'<line x1="{_LEFT}" x2="{WIDTH}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"{strong}/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" class="end">{escape(words(tick))}</text>')
        tick += step
    every = -(-len(labels) // _LABELS_MAX)
    for place, label in enumerate(labels):
        middle = _LEFT + slot * (place + 0.5)
        left = middle - width * len(series) / 2
        parts += [
            _upright(left + width * number, width, (y(0), y(value)), (each, label, words(value)))
            for number, each in enumerate(series)
            if (value := each.values[place]) is not None
        ]
        if place % every == 0:
            parts.append(f'<text x="{middle:.1f}" y="{_TOP + _PLOT + 20}" class="mid">{escape(label)}</text>')
    return _svg(title, _TOP + _PLOT + _FOOT - 14, parts)


def rows(title: str, labels: Sequence[str], series: Sequence[Series], words: Words) -> str:
    """Return lying bars, the series of one label end to end; behind them their sum, `*` where one is not shown."""
    sums = [sum(each.values[place] or 0 for each in series) for place in range(len(labels))]
    room = WIDTH - _LABEL - _NUMBER
    scale = room / max([1, *sums])
    is_stacked = any(sum(bool(each.values[place]) for each in series) > 1 for place in range(len(labels)))
    top = _TOP if is_stacked else 8
    parts = [_legend(series)] if is_stacked else []
    for place, label in enumerate(labels):
        line = top + _ROW * place
        x = float(_LABEL)
        parts.append(f'<text x="{_LABEL - 8}" y="{line + _ROW * 0.68:.1f}" class="end">{escape(_short(label))}</text>')
        for each in series:
            value = each.values[place]
            if value:
                long = max(value * scale, 1.0)
                parts.append(_box((x, line + (_ROW - _BAR) / 2), (long, _BAR), each, (label, words(value))))
                x += long
        is_whole = all(each.values[place] is not None for each in series)
        number = words(sums[place]) + ("" if is_whole else " *") if sums[place] or is_whole else "*"
        parts.append(f'<text x="{x + 6:.1f}" y="{line + _ROW * 0.68:.1f}">{escape(number)}</text>')
    return _svg(title, top + _ROW * len(labels) + 8, parts)


def _upright(left: float, width: float, ends: tuple[float, float], said: tuple[Series, str, str]) -> str:
    each, label, text = said
    return _box((left, min(ends)), (width - 1, max(abs(ends[0] - ends[1]), 0.5)), each, (label, text))


def _box(at: tuple[float, float], size: tuple[float, float], each: Series, said: tuple[str, str]) -> str:
    place = f'x="{at[0]:.1f}" y="{at[1]:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}"'
    return f'<rect {place} fill="{each.colour}"><title>{escape(f"{said[0]} {each.name} {said[1]}")}</title></rect>'


def _legend(series: Sequence[Series]) -> str:
    parts, x = [], float(_LEFT)
    for each in series:
        parts.append(f'<rect x="{x:.1f}" y="8" width="11" height="11" fill="{each.colour}"/>')
        parts.append(f'<text x="{x + 16:.1f}" y="18">{escape(each.name)}</text>')
        x += 40 + _CHARACTER * len(each.name)
    return "".join(parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _axis(low: int, high: int) -> tuple[int, int, int]:
    """Return an axis that holds both ends: whole steps from its low to its high end."""
    span = max(high - low, 1)
    rough = max(span / _TICKS, 1)
    power = 10 ** (len(str(int(rough))) - 1)
    step = next(int(each * power) for each in _STEPS if each * power >= rough and each * power == int(each * power))
    return (low // step) * step, -(-high // step) * step or step, step


def _short(label: str) -> str:
    most = _LABEL // _CHARACTER - 1
    return label if len(label) <= most else f"{label[: most - 1]}…"
