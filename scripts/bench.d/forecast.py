"""The predictors beside the libraries from PyPI, and what `auto` costs a whole invocation.

Everything runs on one core. The libraries run in a throw-away environment; where they can't be
installed, only the planner is measured.
"""
import json
import math
import os
import random
import sqlite3
import subprocess
import venv

from invocation import World
from measuring import HERE, ROOT, median, spread
from servers import Etcd, Pages, Prometheus
from workload import openmetrics

LIBRARIES = ["pmdarima", "statsforecast", "prophet"]
HISTORY = 500  # intervals that an invocation has behind it: the window of `arima`


def measure(bench):
    """Adds the rows of the predictors to the table."""
    core = min(os.sched_getaffinity(0))
    python = libraries(bench)
    cases = json.load(open(os.path.join(ROOT, "Tests/Fixtures/golden/arima.json")))["fits"]
    for n in (50, 100, 200, 400):
        arima_fit(bench, python, core, n,
                  [c["values"] for c in cases if len(c["values"]) == n and not c["log1p"]])
    arima_update(bench, python, core)
    prophet_fit(bench, python, core, "n = 50, no season", 10, azure(10)[:50], 50)
    prophet_fit(bench, python, core, "n = 1000, daily and weekly", 3600, weeks(1000), 20)
    invocations(bench)


def libraries(bench):
    """The interpreter of an environment with the libraries; None, and a note, without them."""
    folder = bench.path("libraries")
    python = os.path.join(folder, "bin", "python")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *LIBRARIES], check=True, **quiet)
    except (OSError, subprocess.CalledProcessError) as error:
        bench.note("The libraries were not measured: they can't be installed here (%s)." % error)
        return None
    listed = bench.output([python, "-m", "pip", "list", "--format", "json"])
    versions = {p["name"].lower(): p["version"] for p in json.loads(listed)}
    bench.note("Libraries: %s." % ", ".join(
        "%s %s" % (name, versions[name]) for name in ["numpy", *LIBRARIES]))
    return python


def library(python, core, tool, series, runs, **more):
    """Seconds of each run of a library; NaN without it."""
    if python is None:
        return [math.nan]
    threads = {name + "_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    done = subprocess.run(
        ["taskset", "-c", str(core), python, os.path.join(HERE, "libraries.py")],
        input=json.dumps({"tool": tool, "series": series, "runs": runs, **more}), text=True,
        capture_output=True, check=True, env={**os.environ, **threads})
    return json.loads(done.stdout.split("RESULT")[1])


def probe(bench, core, what, series, *more):
    """Seconds of each run of one of the planner's predictors."""
    file = bench.path("series.txt")
    with open(file, "w") as lines:
        lines.write("\n".join(map(repr, series)))
    output = bench.output(
        ["taskset", "-c", str(core), bench.probe, what, file, *map(str, more)])
    return [float(line) for line in output.split()]


def arima_fit(bench, python, core, n, series):
    ours, reference, statistics = [], [], []
    for values in series:
        ours.append(median(probe(bench, core, "arima", values, 21)))
        reference.append(median(library(python, core, "pmdarima", values, 3)))
        statistics.append(median(library(python, core, "statsforecast", values, 5)))
    what = "ARIMA fit with its search, n = %d (median of %d series)" % (n, len(series))
    ratio = median(reference) / median(ours)
    bench.row(what, milliseconds(ours), "", None)
    bench.row("… pmdarima `auto_arima`", "%s, %.0f × (least: %.0f ×)" % (
        milliseconds(reference), ratio, min(map(lambda r, o: r / o, reference, ours))), "≥ 50 ×",
        None if python is None else ratio >= 50)
    bench.row("… statsforecast `AutoARIMA`, compiled", "%s, %.1f × (least: %.1f ×)" % (
        milliseconds(statistics), median(statistics) / median(ours),
        min(map(lambda s, o: s / o, statistics, ours))), "> 1 ×",
        None if python is None else median(statistics) > median(ours))


def arima_update(bench, python, core):
    values = azure(10)
    ours = median(probe(bench, core, "update", values, 300))
    theirs = median(library(python, core, "update", values, 20))
    bench.row("ARIMA: a new value and the next forecast, no refit", "%.1f µs" % (ours * 1e6),
              "≤ 50 µs", ours <= 50e-6)
    bench.row("… pmdarima `update` and `predict`", "%.1f ms" % (theirs * 1e3), "", None)


def prophet_fit(bench, python, core, what, seconds, values, bound):
    ours = median(probe(bench, core, "prophet", values, seconds, 51))
    theirs = median(library(python, core, "prophet", values, 11, interval_seconds=seconds))
    bench.row("Prophet fit and forecast, " + what, "%.3f ms" % (ours * 1e3), "", None)
    bench.row("… prophet", "%.1f ms, %.0f ×" % (theirs * 1e3, theirs / ours), "≥ %d ×" % bound,
              None if python is None else theirs / ours >= bound)


def invocations(bench):
    """Whole invocations with 500 intervals behind them, `constant` and `auto` by turns."""
    os.makedirs(bench.path("pages"), exist_ok=True)
    openmetrics(bench.path("long.om"), HISTORY + bench.runs + 10)
    with Prometheus(bench.folder, bench.path("long.om")) as prometheus, \
            Etcd(bench.folder) as etcd, Pages(bench.path("pageserver"), bench.path("pages")) as pages:
        worlds = {}
        for kind in ("constant", "arima", "auto"):
            worlds[kind] = World(bench, prometheus, etcd, pages)
            worlds[kind].state = bench.path(kind + ".sqlite")
        walls = {kind: [] for kind in worlds}
        peaks = {kind: 0.0 for kind in worlds}
        refits = []
        for turn in range(bench.runs + 4):
            for kind, world in worlds.items():
                run = bench.time(world.command(
                    HISTORY + turn, "--load-predictor", kind, "--no-operation"))
                if run.exit != 0:
                    raise SystemExit("The invocation failed:\n" + run.errors)
                if turn == 0:
                    bench.row("an invocation that catches up with 500 intervals, `%s`" % kind,
                              "%.0f ms" % (run.wall * 1e3), "", None)
                if turn < 4:  # the first one catches up, the others warm the servers up
                    continue
                peaks[kind] = max(peaks[kind], run.peak)
                if kind == "auto" and has_refitted(world.state):
                    refits.append(run.wall)
                else:
                    walls[kind].append(run.wall)
    usual = median(walls["constant"])
    for kind in worlds:
        asked, met = ("≤ 1.3 ×", median(walls[kind]) <= 1.3 * usual) if kind == "auto" else ("", None)
        bench.row("an invocation, 500 intervals known, `%s`" % kind, "%s, %.2f ×, %.1f MB" % (
            spread(walls[kind]), median(walls[kind]) / usual, peaks[kind]), asked, met)
    if refits:
        extra = max(refits) - median(walls["auto"])
        bench.row("… more where `auto` fits an ARIMA model anew (most of %d runs)" % len(refits),
                  "%.1f ms" % (extra * 1e3), "≤ 50 ms", extra <= 0.05)


def has_refitted(state):
    """Whether the last invocation chose an ARIMA model anew: no value came since."""
    connection = sqlite3.connect("file:%s?mode=ro" % state, uri=True)
    document, = connection.execute("SELECT document FROM memory WHERE part = 'predictors'").fetchone()
    connection.close()
    return 0 in counters(json.loads(document))


def counters(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "updates":
                yield value
            yield from counters(value)
    elif isinstance(node, list):
        for value in node:
            yield from counters(value)


def azure(seconds):
    """Requests of the Azure code trace in each interval."""
    file = os.path.join(ROOT, "Tests/Fixtures/golden/series/azure_code_%ds.json" % seconds)
    return json.load(open(file))["dense"]["request_count"]


def weeks(hours):
    """Traffic with days and weeks in it, an hour apart."""
    chance = random.Random(1)
    return [round(300 + 120 * math.sin(math.tau * hour / 24) + 40 * math.sin(math.tau * hour / 168)
                  + chance.gauss(0, 15), 3) for hour in range(hours)]


def milliseconds(seconds):
    return "%.2f ms (%.2f–%.2f)" % (
        median(seconds) * 1e3, min(seconds) * 1e3, max(seconds) * 1e3)
