"""From rounds to figures: medians, ratios, and whether the machine was quiet enough to believe them."""

from statistics import median

NOISE_LIMIT = 0.10


def _ratio(rounds, lane, peer, figure):
    """The median of the ratio in each round: both halves of a ratio were measured within seconds of each other."""
    ratios = [one[lane][figure] / one[peer][figure] for one in rounds if one[peer][figure] > 0]
    return median(ratios) if ratios else None


def _spread(rounds, lane, figure):
    """The farthest that a round lies from the median, as a share of it."""
    values = [one[lane][figure] for one in rounds]
    middle = median(values)
    return max(abs(value / middle - 1) for value in values)


def summarise(scenario, rounds, remark):
    """All figures of one scenario, ready to be printed, drawn and written as JSON."""
    lanes = []
    for lane in scenario.lanes:
        numbers = [key for key, value in rounds[0][lane].items()
                   if isinstance(value, (int, float)) and key not in ("errors", "reopened")]
        lanes.append({
            "name": lane,
            "median": {key: median(one[lane][key] for one in rounds) for key in numbers},
            "errors": sum(one[lane]["errors"] for one in rounds),
            "reopened": sum(one[lane].get("reopened", 0) for one in rounds),
            "ratios": {peer: _ratio(rounds, lane, peer, scenario.compares) for peer in scenario.peers},
            "rounds": [one[lane] for one in rounds],
        })
    noise = None
    if "cpu_us" in rounds[0][scenario.lanes[0]]:
        noise = _spread(rounds, scenario.lanes[0], "cpu_us")
    return {"name": scenario.name, "title": scenario.title, "remark": remark, "compares": scenario.compares,
            "peers": scenario.peers, "noise": noise, "noisy": noise is not None and noise > NOISE_LIMIT,
            "lanes": lanes}


def lane_of(summary, name):
    return next(lane for lane in summary["lanes"] if lane["name"] == name)
