"""The one house style of all figures, and how a drawn figure becomes a light and a dark SVG file."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#1f2328"
DARK_OF = {
    INK: "#e3e6eb",
    "#000000": "#e3e6eb",
    "#1f5fae": "#7db4f5",  # C0 blue
    "#c05a00": "#ffab5c",  # C1 orange
    "#1d7a4c": "#6fd3a0",  # C2 green
    "#7a3ea3": "#cfa5f0",  # C3 purple
    "#b3202a": "#ff8f8f",  # C4 red
    "#6a737d": "#9aa4b0",  # C5 grey
    "#d0d4d9": "#40464f",  # grid
}
"""Every house colour and what the dark file has in its place. Other colours stay."""

CYCLE = [c for c in DARK_OF if c not in (INK, "#000000", "#d0d4d9")]
PHONE_WIDTH = 328
"""Width in CSS pixels that a figure has on a 360 px phone."""
SMALLEST_TEXT = 10
"""CSS pixels that text in a figure must have at `PHONE_WIDTH`."""
VECTOR_LIMIT = 100_000
"""Bytes beyond which the marks inside the axes are drawn as pixels, text staying text."""
SIZE_LIMIT = 300_000
"""Bytes beyond which a figure is refused."""

_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


class FigureError(Exception):
    """A figure that cannot go on a page."""


@dataclass(frozen=True)
class FigureFile:
    """A saved figure: its label and its size in CSS pixels."""

    label: str
    width: int
    height: int


def house_style() -> dict[str, Any]:
    """The rcParams that every snippet is drawn with."""
    from cycler import cycler

    text = dict.fromkeys(
        (
            "font.size",
            "axes.titlesize",
            "axes.labelsize",
            "xtick.labelsize",
            "ytick.labelsize",
            "legend.fontsize",
            "legend.title_fontsize",
            "figure.titlesize",
            "figure.labelsize",
        ),
        11,
    )
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor"), INK)
    return {
        **text,
        **ink,
        "figure.figsize": (4.6, 3.0),
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.transparent": True,
        "savefig.dpi": 192,
        "axes.prop_cycle": cycler(color=CYCLE),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titleweight": "normal",
        "axes.axisbelow": True,
        "grid.color": "#d0d4d9",
        "grid.linewidth": 0.6,
        "lines.linewidth": 2,
        "lines.markersize": 5,
        "legend.frameon": False,
        "font.family": "DejaVu Sans",
        "mathtext.fontset": "dejavusans",
        "svg.fonttype": "none",
        "svg.hashsalt": "figure",
        "figure.max_open_warning": 0,
    }


def save(figure: Figure, label: str, folder: Path) -> FigureFile:
    """Write `folder/LABEL.light.svg` and `LABEL.dark.svg`, the same drawing in the colours of each scheme.

    Raises:
        FigureError: when its text is too small for a phone or the file too large.
    """
    width, height = (round(inches * 96) for inches in figure.get_size_inches())
    light = _render(figure)
    _check_text(figure, label, width)
    dark = light
    if len(light) > VECTOR_LIMIT:
        marks = _marks(figure)
        for mark in marks:
            mark.set_rasterized(True)
        light = _render(figure)
        for mark in marks:
            _darken(mark)
        dark = _render(figure)
    if len(light) > SIZE_LIMIT:
        raise FigureError(f'figure "{label}" weighs {len(light) // 1000} KB as SVG: draw fewer points or lines')
    (folder / f"{label}.light.svg").write_text(light, encoding="utf-8", newline="\n")
    (folder / f"{label}.dark.svg").write_text(_dark_svg(dark), encoding="utf-8", newline="\n")
    return FigureFile(label, width, height)


def _render(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = buffer.getvalue().replace("'DejaVu Sans'", _FONTS)
    svg = re.sub(r"<!DOCTYPE.*?>\n?", "", svg, flags=re.DOTALL)
    return re.sub(r"<metadata>.*?</metadata>\n?", "", svg, flags=re.DOTALL)


def _dark_svg(svg: str) -> str:
    # Matplotlib leaves out `fill` where it is black: those marks inherit from the root.
    svg = svg.replace("<svg ", f'<svg fill="{DARK_OF[INK]}" ', 1)
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda m: DARK_OF.get(m[0].lower(), m[0]), svg)


def _check_text(figure: Figure, label: str, width: int) -> None:
    from matplotlib.text import Text

    shrink = min(1.0, PHONE_WIDTH / width)
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        pixels = float(text.get_fontsize()) * 96 / 72 * shrink
        if text.get_visible() and text.get_text().strip() and pixels < SMALLEST_TEXT - 0.05:
            least = SMALLEST_TEXT / shrink * 72 / 96
            raise FigureError(
                f'figure "{label}" shows "{text.get_text().strip()}" {pixels:.1f} px high on a phone:'
                f" use a font of {least:.1f} pt or more at this width, or a narrower figure"
            )


def _marks(figure: Figure) -> list[Any]:
    return [
        mark for axes in figure.axes for mark in (*axes.lines, *axes.collections, *axes.patches) if mark.get_visible()
    ]


def _darken(mark: Any) -> None:
    from matplotlib.colors import to_hex, to_rgba_array

    for part in ("facecolor", "edgecolor", "color"):
        getter, setter = getattr(mark, f"get_{part}", None), getattr(mark, f"set_{part}", None)
        if getter is None or setter is None or (part == "color" and hasattr(mark, "get_facecolor")):
            continue
        if getattr(mark, "get_array", lambda: None)() is not None:
            continue
        colours = to_rgba_array(getter())
        swapped = [(DARK_OF.get(to_hex(c), to_hex(c)), float(c[3])) for c in colours]
        if swapped:
            setter(swapped if len(swapped) > 1 else swapped[0])
