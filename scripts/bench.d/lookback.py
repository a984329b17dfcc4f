"""Simulations, the audit, and the report on a year."""
import os

import state
from measuring import ROOT, median

PROFILE = os.path.join(ROOT, "Tests/Fixtures/profiles/h200-llama3.1-8b-tp1")
AUDITED = 10_000


def simulate(bench):
    """Adds a day of a million requests, and a sweep over policies with one job and with two."""
    common = [bench.planner, "simulate", "--profile-results-dir", PROFILE, "--ttft", "500",
              "--itl", "15", "--synthetic", "--seed", "1"]
    day = common + ["--synthetic-rate", "18.5", "--policy", "fixed:prefill=50,decode=50",
                    "--jobs", "1"]
    runs = [check(bench.time(day)) for _ in range(3)]
    cpu, peak = median([run.cpu for run in runs]), max(run.peak for run in runs)
    bench.row("`simulate`: a million requests in 24 h on 100 workers, one core",
              "%.1f s, %.0f MB" % (cpu, peak), "≤ 10 s, ≤ 300 MB", cpu <= 10 and peak <= 300)

    sweep = common + ["--synthetic-rate", "9"]
    for target in ("0.4", "0.5", "0.6", "0.7"):
        sweep += ["--policy", "hpa:target=" + target]
    walls = {jobs: median([check(bench.time(sweep + ["--jobs", jobs])).wall for _ in range(3)])
             for jobs in ("1", "2")}
    ratio = walls["1"] / walls["2"]
    bench.row("… a sweep over four policies, `--jobs 1` / `--jobs 2`",
              "%.1f s / %.1f s = %.2f ×" % (walls["1"], walls["2"], ratio), "> 1.5 ×", ratio > 1.5)


def sizing(bench):
    """Adds one decision's sizing by the targets, both components."""
    lines = bench.output([bench.probe, "sizing", PROFILE, "1000"]).splitlines()
    seconds = median([float(line.split()[0]) for line in lines[100:]])
    replicas = int(lines[-1].split()[1])
    bench.row("`--sizing sla`: both components, %d replicas, with headroom and backlog" % replicas,
              "%.0f µs" % (seconds * 1e6), "≤ 200 µs", seconds <= 200e-6)


def audit(bench):
    """Adds the audit of decisions in both modes, with 16 worker samples each, by an unchanged
    configuration."""
    path = bench.path("audit.sqlite")
    now = state.new_file(bench, path)
    state.age(path, now, observations=1, decisions=AUDITED)
    command = [bench.planner, "audit", *recorded_flags(), "--state", path, "--limit", "0"]
    runs = [check(bench.time(command)) for _ in range(3)]
    rate = (AUDITED + 1) / median([run.wall for run in runs])
    bench.row("`audit`: recorded decisions in both modes, decided again",
              "%.0f a second" % rate, "≥ 2,000 a second", rate >= 2000)


def recorded_flags():
    """The settings of the recorded run that decide, as flags."""
    return ["--environment", "virtual", "--namespace", state.DEPLOYMENT, "--backend", "mocker",
            "--adjustment-interval", "60", "--enable-loadbased-scaling", "--ttft", "2000",
            "--itl", "15", "--sizing", "capacity", "--load-predictor", "arima",
            "--max-gpu-budget", "8",
            "--profile-results-dir", os.path.join(state.RECORDING, "profile")]


def report(bench):
    """Adds the report on a year of history."""
    path = state.year_file(bench)
    page = bench.path("report.html")
    runs = [check(bench.time([bench.planner, "report", page, "--state", path])) for _ in range(5)]
    wall = median([run.wall for run in runs])
    size = os.path.getsize(page) / 1e6
    bench.row("`report` on that year", "%.2f s, %.2f MB" % (wall, size), "≤ 2 s, < 2 MB",
              wall <= 2 and size < 2)


def check(run):
    if run.exit != 0:
        raise SystemExit("A measured run failed:\n" + run.errors)
    return run
