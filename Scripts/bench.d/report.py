"""The figures as text: one table for each scenario, one for the goals."""

NOISY = "machine too noisy: figures are indicative only"


def _number(value, digits=1):
    return "–" if value is None else f"{value:,.{digits}f}".replace(",", " ")


def _micros(value):
    return _number(value / 1000, 2) + " ms" if value >= 1000 else _number(value, 0) + " µs"


def _memory(kib):
    return _number(kib / 1024) + " MiB"


def table(rows):
    """Rows of text with the first column to the left and all others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                       for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


_COLUMNS = {
    "cpu_us": ("CPU µs/request", _number),
    "idle_kib": ("KiB/connection", lambda value: _number(value, 2)),
    "ratios": None,
    "rate": ("req/s", lambda value: _number(value, 0)),
    "p50_us": ("p50", _micros),
    "p99_us": ("p99", _micros),
    "p999_us": ("p99.9", _micros),
    "rss_before_kib": ("RSS before", _memory),
    "rss_kib": ("RSS", _memory),
}


def _short(peer):
    return "× " + peer.replace(" connections", "")


def scenario_table(summary):
    """The columns are those that the scenario measured; p99.9 means something at a fixed rate only."""
    present = summary["lanes"][0]["median"]
    columns = [key for key in _COLUMNS if key == "ratios" or key in present]
    if summary["compares"] != "p99_us" and "p999_us" in columns:
        columns.remove("p999_us")
    header = ["proxy"]
    for key in columns:
        header += [_short(peer) for peer in summary["peers"]] if key == "ratios" else [_COLUMNS[key][0]]
    rows = [header + ["errors"]]
    for lane in summary["lanes"]:
        row = [lane["name"]]
        for key in columns:
            if key == "ratios":
                row += [_number(lane["ratios"][peer], 2) for peer in summary["peers"]]
            else:
                row.append(_COLUMNS[key][1](lane["median"][key]))
        rows.append(row + [str(lane["errors"])])
    lines = [summary["title"], "", table(rows)]
    if summary["remark"]:
        lines.append(summary["remark"])
    for lane in summary["lanes"]:
        kinds = sorted({kind for one in lane["rounds"] for kind in one.get("error_kinds", {})})
        if kinds:
            lines.append(f"{lane['name']}: errors of the kind {', '.join(kinds)}")
        if lane["reopened"]:
            lines.append(f"{lane['name']}: closed {lane['reopened']} connections between two requests")
    if summary["noisy"]:
        lines.append(f"{NOISY} (the relay's CPU per request varies by ±{summary['noise']:.0%})")
    return "\n".join(lines)


def goals_table(goals):
    rows = [["goal", "what", "measured", "wanted", ""]]
    for goal in goals:
        sign = "≤" if goal["inclusive"] else "<"
        rows.append([goal["scenario"], goal["text"], f"{goal['figure']:.2f}", f"{sign} {goal['limit']:.2f}",
                     "met" if goal["met"] else "missed"])
    return table(rows)
