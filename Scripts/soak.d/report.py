"""What a soak prints when it is over."""

from judge import Judge

_COLUMNS = ("requests", "good", "retried", "elsewhere", "truncated", "502", "504", "refused", "given up")


def _table(rows):
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [str(row[0]).ljust(widths[0])]
        cells += [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def requests_table(judge: Judge):
    rows = [("", *_COLUMNS)]
    for kind in sorted(judge.by_kind):
        tally = judge.by_kind[kind]
        rows.append((kind, *(tally[column] for column in _COLUMNS)))
    rows.append(("all", *(sum(tally[column] for tally in judge.by_kind.values()) for column in _COLUMNS)))
    return _table(rows)


def samples_table(samples):
    rows = [("at rest", "requests", "RSS KiB", "fds", "CPU")]
    rows += [(sample.name, sample.requests, sample.resident, sample.descriptors, f"{sample.cpu:.1%}")
             for sample in samples]
    return _table(rows)


def faults_line(faults):
    return "faults: " + ", ".join(f"{kind} {count}" for kind, count in faults.counts.items())
