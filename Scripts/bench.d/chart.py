"""The ratios as a bar chart: one group of bars for each scenario, the relay's value as the line at 1."""

from html import escape

_LANES = ("relay", "nginx", "haproxy", "swerve")
_FIGURES = ("cpu_us", "p99_us")
_WIDTH, _LEFT, _RIGHT = 720, 96, 64
_BAR, _GAP, _GROUP_GAP, _TOP = 14, 3, 16, 64

# The colours of the page it is shown on decide: dark text on light, light text on dark, bars that stand out on both.
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.quiet { fill: #57606a }
.grid { stroke: #d0d7de; stroke-width: 1 }
.one { stroke: #57606a; stroke-width: 1; stroke-dasharray: 3 3 }
.relay { fill: #8c959f } .nginx { fill: #2da44e } .haproxy { fill: #218bff } .swerve { fill: #e36209 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d } .one { stroke: #9198a1 }
}
"""


def _text(x, y, content, css="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(content)}</text>'


def _step(largest):
    return next((step for step in (0.25, 0.5, 1, 2, 5, 10) if largest / step <= 8), 20)


def _ratios(summary):
    return {lane["name"]: lane["ratios"]["relay"] for lane in summary["lanes"]}


def draw(results):
    """SVG without anything from elsewhere. Scenarios that are not compared with the relay are left out."""
    groups = [summary for summary in results["scenarios"]
              if summary["compares"] in _FIGURES and set(_LANES) == {lane["name"] for lane in summary["lanes"]}]
    largest = max([1.0] + [ratio for summary in groups for ratio in _ratios(summary).values()])
    scale = (_WIDTH - _LEFT - _RIGHT) / largest
    group_height = len(_LANES) * (_BAR + _GAP) + _GROUP_GAP
    bottom = _TOP + len(groups) * group_height
    height = bottom + 44
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
             f'height="{height}" role="img" aria-label="CPU per request compared with a bare relay">',
             f"<style>{_STYLE}</style>",
             _text(16, 22, "CPU per request, as a multiple of a bare relay's (less is better)", "title")]
    x = 16.0
    for lane in _LANES:
        parts.append(f'<rect x="{x:.1f}" y="34" width="10" height="10" rx="2" class="{lane}"/>')
        parts.append(_text(x + 15, 43, lane))
        x += 90
    for number in range(int(largest / _step(largest)) + 1):
        value = number * _step(largest)
        x = _LEFT + value * scale
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}" class="grid"/>')
        parts.append(_text(x, bottom + 14, f"{value:g}", "quiet", "middle"))
    y = float(_TOP)
    for summary in groups:
        label = summary["name"] + (" p99" if summary["compares"] == "p99_us" else "")
        parts.append(_text(_LEFT - 10, y + 2 * (_BAR + _GAP) + 3, label, "", "end"))
        for lane, ratio in ((lane, _ratios(summary)[lane]) for lane in _LANES):
            parts.append(f'<rect x="{_LEFT}" y="{y:.1f}" width="{ratio * scale:.1f}" height="{_BAR}" rx="2" '
                         f'class="{lane}"/>')
            parts.append(_text(_LEFT + ratio * scale + 6, y + _BAR - 3, f"{ratio:.2f}"))
            y += _BAR + _GAP
        y += _GROUP_GAP
    one = _LEFT + scale
    parts.append(f'<line x1="{one:.1f}" y1="{_TOP - 8}" x2="{one:.1f}" y2="{bottom}" class="one"/>')
    footer = f"{results['date']}; {versions}; median of {results['rounds']} rounds"
    if any(summary["noisy"] for summary in groups):
        footer += "; machine too noisy, indicative only"
    parts.append(_text(16, height - 10, footer, "quiet"))
    return "\n".join(parts) + "\n</svg>\n"
