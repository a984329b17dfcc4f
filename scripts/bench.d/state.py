"""The state file of a planner that has run for a year, beside a new one."""
import os
import shutil
import sqlite3

from measuring import ROOT, median

INTERVAL = 180
OBSERVATIONS = 365 * 86_400 // INTERVAL
DECISIONS = 365 * 24 * 60
RECORDING = os.path.join(ROOT, "examples/demo-recording")
DEPLOYMENT = "demo"
INPUT_BYTES = 13_000


def replay(bench, state, *more):
    return [bench.planner, "run", "--replay", RECORDING, "--state", state,
            "--state-retention-days", "36500", *more]


def new_file(bench, path):
    """A state file as one invocation leaves it, and the time of that invocation.

    The input of its decision is filled up to what one on 8 + 8 workers with full windows takes.
    """
    run = bench.time(replay(bench, path))
    if run.exit != 0:
        raise SystemExit("The recorded invocation failed:\n" + run.errors)
    connection = sqlite3.connect(path)
    now, = connection.execute("SELECT max(time) FROM decision").fetchone()
    connection.execute("""
        UPDATE decision SET input = json_set(input, '$.filler',
          substr(hex(zeroblob(:bytes)), 1, max(0, :bytes - length(input))))""",
        {"bytes": INPUT_BYTES})
    add_observations(connection, now, 1)
    connection.commit()
    connection.close()
    return now


def add_observations(connection, now, count):
    """Traffic of the `count` intervals before the one that ends last before `now`."""
    end = int(now) // INTERVAL * INTERVAL
    connection.execute("""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT OR IGNORE INTO observation
        SELECT 1, ?, ? - i * ?, 9000 + i % 4000, 2500 + i % 500, 250 + i % 100, 200 + i % 40,
          10 + i % 5, 3 + i % 2 FROM n""", (count, INTERVAL, end + INTERVAL, INTERVAL))


def year_file(bench):
    """The state file of a year; made once."""
    path = bench.path("year.sqlite")
    if not os.path.exists(path):
        age(path, new_file(bench, path))
    return path


def age(path, now, observations=OBSERVATIONS, decisions=DECISIONS):
    """Gives the file the rows of a year: an observation an interval, a decision a minute."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;"
                             "PRAGMA ignore_check_constraints = ON; PRAGMA cache_size = -1000000;")
    add_observations(connection, now, observations)
    connection.execute("""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count),
        model AS (SELECT document, input FROM decision ORDER BY id DESC LIMIT 1)
        INSERT INTO decision (deployment, time, status, is_change, document, input)
        SELECT 1, :now - (:count + 1 - i) * 60, iif(i % 10, 'unchanged', 'applied'), i % 10 = 0,
          document, input FROM n, model""",
        {"count": decisions, "now": now})
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def measure(bench):
    """Adds the rows of the state file to the table."""
    files = {"new": bench.path("new.sqlite"), "year": bench.path("year.sqlite")}
    now = new_file(bench, files["new"])
    shutil.copy(files["new"], files["year"])
    age(files["year"], now)
    size = os.path.getsize(files["year"]) / 1e9

    loads, saves = {}, {}
    for turn in range(8):  # the files by turns, so that what else the machine does hits both
        for keep, days in [("kept", 36_500), ("pruned", 30)]:
            for name, path in files.items():
                # Far enough on that no run meets an interval of another.
                start = now + (1 + turn) * 40_000 + (20_000 if keep == "pruned" else 0)
                load, save = store_times(bench, path, start, days)
                loads.setdefault((name, keep), []).extend(load)
                saves.setdefault((name, keep), []).extend(save)
    whole = {name: [] for name in files}
    for _ in range(bench.runs + 1):
        for name, path in files.items():
            run = bench.time(replay(bench, path))
            if run.exit != 0:
                raise SystemExit("An invocation on the %s file failed:\n%s" % (name, run.errors))
            whole[name].append(run.wall)

    what = "state of a year (%d observations, %d decisions, %.1f GB)" % (
        OBSERVATIONS, DECISIONS, size)

    def total(name, keep):
        return median([load + save for load, save in zip(loads[name, keep], saves[name, keep])])

    ratio = total("year", "kept") / total("new", "kept")
    bench.row(what + ": load + save, beside a new file",
              "%.2f ms / %.2f ms = %.2f ×" % (total("year", "kept") * 1e3,
                                              total("new", "kept") * 1e3, ratio),
              "≤ 2 ×", ratio <= 2)
    bench.row("… load alone", "%.2f ms / %.2f ms" % (
        median(loads["year", "kept"]) * 1e3, median(loads["new", "kept"]) * 1e3), "", None)
    bench.row("… while 16 outdated decisions a run are removed", "%.2f ms / %.2f ms = %.2f ×" % (
        total("year", "pruned") * 1e3, total("new", "pruned") * 1e3,
        total("year", "pruned") / total("new", "pruned")), "", None)
    bench.row("… a whole invocation on recorded input", "%.1f ms / %.1f ms" % (
        median(whole["year"][1:]) * 1e3, median(whole["new"][1:]) * 1e3), "", None)


def store_times(bench, path, start, days):
    runs = 25
    lines = bench.output([bench.probe, "state", path, DEPLOYMENT, str(start), str(days), str(runs)])
    pairs = [[float(word) for word in line.split()] for line in lines.splitlines()][5:]
    return [load for load, _ in pairs], [save for _, save in pairs]
