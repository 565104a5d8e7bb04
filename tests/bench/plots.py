"""Lines on two logarithmic axes as SVG that stands by itself; what it shows is told again by a table."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 760, 420
_LEFT, _TOP, _FOOT = 70, 16, 48
_NAMES = 225  # room for the names of the lines, at their ends
_LINE = 15  # how far apart two names stand at least
_COLOURS = ("#1f5fa8", "#b3261e", "#2e7d32", "#6a4fa3", "#a15c00", "#00707a", "#a02c6e", "#555555")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#222}.end{text-anchor:end}.mid{text-anchor:middle}"
    ".grid{stroke:#ddd}.line{fill:none;stroke-width:2}.carried{stroke-dasharray:5 4}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one name, x ascending, all above zero; dashed where they were carried on from a part."""

    name: str
    points: tuple[tuple[float, float], ...]
    is_carried_on: bool = False


def log_log(title: str, axes: tuple[str, str], lines: Sequence[Line]) -> str:
    """Return the lines as SVG; each axis has a mark at every power of ten, and x also where there are points."""
    xs = sorted({x for line in lines for x, _ in line.points})
    ys = [y for line in lines for _, y in line.points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    across = _scale((math.log10(xs[0]), math.log10(xs[-1])), (_LEFT, _WIDTH - _NAMES))
    upward = _scale((low, max(high, low + 1)), (_HEIGHT - _FOOT, _TOP))
    parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    for power in range(low, max(high, low + 1) + 1):
        y = upward(power)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _NAMES}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="end" x="{_LEFT - 8}" y="{y + 4:.1f}">{_number(10.0**power)}</text>')
    for value in xs:
        x = across(math.log10(value))
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HEIGHT - _FOOT}"/>')
        parts.append(f'<text class="mid" x="{x:.1f}" y="{_HEIGHT - _FOOT + 18}">{_number(value)}</text>')
    parts.append(f'<text class="mid" x="{(_LEFT + _WIDTH - _NAMES) / 2}" y="{_HEIGHT - 8}">{escape(axes[0])}</text>')
    middle = (_HEIGHT - _FOOT + _TOP) / 2
    parts.append(f'<text class="mid" transform="translate(16 {middle}) rotate(-90)">{escape(axes[1])}</text>')
    parts += _drawn(lines, lambda at: (across(math.log10(at[0])), upward(math.log10(at[1]))))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><style>{_STYLE}</style>{"".join(parts)}</svg>\n'
    )


def _drawn(lines: Sequence[Line], place: Callable[[tuple[float, float]], tuple[float, float]]) -> list[str]:
    parts, lowest = [], -math.inf
    coloured = zip(lines, _COLOURS, strict=False)
    for line, colour in sorted(coloured, key=lambda each: place(each[0].points[-1])[1]):
        places = [place(point) for point in line.points]
        kind = "line carried" if line.is_carried_on else "line"
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="{kind}" stroke="{colour}" points="{path}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        lowest = max(places[-1][1] + 4, lowest + _LINE)
        name = f'<text x="{_WIDTH - _NAMES + 10}" y="{lowest:.1f}" style="fill:{colour}">{escape(line.name)}</text>'
        parts.append(name)
    return parts


def _scale(values: tuple[float, float], places: tuple[float, float]) -> Callable[[float], float]:
    span = (values[1] - values[0]) or 1.0
    return lambda value: places[0] + (value - values[0]) / span * (places[1] - places[0])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
