"""What Swerve is to reach in each scenario, and whether it did."""

from figures import lane_of
from scenarios import MANY, MANY_BASE

# scenario: the limit of Swerve's ratio to the better of nginx and HAProxy, and what the ratio is of.
_BETTER_PEER = {
    "small": (0.90, "CPU per request"),
    "browser": (0.90, "CPU per request"),
    "close": (0.90, "CPU per request"),
    "64k": (0.85, "CPU per request"),
    "1m": (0.70, "CPU per request"),
    "upload": (0.85, "CPU per request"),
    "latency": (1.00, "p99"),
}
_RELAY_LIMIT = 1.35
_MANY_LIMIT = 1.15
_IDLE_KIB = 6.0


def _goal(scenario, text, figure, limit, errors, inclusive):
    """A figure is judged as it is shown, with two digits; one measured with errors reaches nothing."""
    shown = round(figure, 2)
    met = errors == 0 and (shown <= limit if inclusive else shown < limit)
    return {"scenario": scenario, "text": text, "figure": shown, "limit": limit, "inclusive": inclusive, "met": met}


def goals_of(summary):
    name = summary["name"]
    if name == "many":
        lane = lane_of(summary, MANY)
        return [_goal(name, "CPU per request × one backend, 64 connections", lane["ratios"][MANY_BASE], _MANY_LIMIT,
                      lane["errors"], inclusive=True)]
    lane = lane_of(summary, "swerve")
    if name == "idle":
        return [_goal(name, "KiB per idle client connection", lane["median"]["idle_kib"], _IDLE_KIB, lane["errors"],
                      inclusive=True)]
    limit, what = _BETTER_PEER[name]
    # The better peer is the one that Swerve's ratio to is the higher.
    better = max(("nginx", "haproxy"), key=lambda peer: lane["ratios"][peer])
    goals = [_goal(name, f"{what} × {better}, the better peer", lane["ratios"][better], limit, lane["errors"],
                   inclusive=name == "latency")]
    if name == "small":
        goals.append(_goal(name, f"{what} × relay", lane["ratios"]["relay"], _RELAY_LIMIT, lane["errors"],
                           inclusive=False))
    return goals
