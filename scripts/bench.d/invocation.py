"""One whole invocation, beside a C program that makes the same requests and transactions.

Prometheus, etcd and the router's page are real servers on loopback. Every run decides on a new
interval, and its decision is written to etcd; the acknowledgement comes between the runs. After each
run of the planner the floor program sends the same requests (to its own keys in etcd) and stores the
same rows (in its own copy of the state file).
"""
import glob
import json
import os
import re
import shutil
import sqlite3

from measuring import ROOT, median, spread
from servers import Etcd, Pages, Prometheus, text64
from workload import INTERVAL, MODEL, START, openmetrics, router_page

WORKERS = 8
CAUGHT_UP = 100  # intervals that the first, untimed run finds
PROFILE = os.path.join(ROOT, "Tests/Fixtures/profiles/h200-llama3.1-8b-tp1")
PLANNER, FLOOR = "bench", "floor"  # Dynamo namespaces of equal length


class World:
    """The servers, and what the planner is told of them."""

    def __init__(self, bench, prometheus, etcd, pages):
        self.bench, self.prometheus, self.etcd, self.pages = bench, prometheus, etcd, pages
        self.state = bench.path("planner.sqlite")

    def place(self):
        """Where the replicas are counted and set."""
        return "--environment", "virtual", "--etcd-endpoints", self.etcd.url

    def command(self, interval, *more):
        return [
            self.bench.planner, "run", *self.place(), "--namespace", PLANNER,
            "--model-name", MODEL, "--mode", "disagg", "--ttft", "300", "--itl", "15",
            "--max-gpu-budget", "-1", "--load-predictor", "kalman",
            "--adjustment-interval", str(INTERVAL), "--profile-results-dir", PROFILE,
            "--prometheus-endpoint", self.prometheus.url,
            "--enable-loadbased-scaling", "--loadbased-metric-samples", "1",
            "--loadbased-router-metrics-url", self.pages.url + "/router", "--output", "json",
            "--state", self.state, "--now", str(time_of(interval)), *more]

    def run(self, interval, *more):
        """One invocation that decides on `interval`; afterwards its decision is acknowledged, and the
        deployment put back to what the router shows."""
        router_page(self.bench.path("pages", "router"), WORKERS, WORKERS, interval)
        run = self.bench.time(self.command(interval, *more))
        decision = newest_decision(self.state)
        if run.exit != 0 or decision["time"] != time_of(interval) or decision["status"] != "applied":
            raise SystemExit("The invocation did not apply a decision:\n" + run.errors)
        prefix = "v1/%s/planner/" % PLANNER
        self.decided = self.etcd.values(prefix)
        self.etcd.put(prefix + "scaled_decision_id", self.decided["decision_id"])
        for component in ("prefill", "decode"):
            self.etcd.put("%snum_%s_workers" % (prefix, component), str(WORKERS))
        return run


def time_of(interval):
    """Three seconds after the end of an interval."""
    return START + (interval + 1) * INTERVAL + 3


def reading(state):
    """Opens a state file such that closing it does not fold its log in."""
    connection = sqlite3.connect("file:%s?mode=ro" % state, uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def newest_decision(state):
    connection = reading(state)
    row = connection.execute("SELECT * FROM decision ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    return row


class Floor:
    """What the floor program is given to do."""

    def __init__(self, world, recording, recorded_interval):
        self.world = world
        self.bench = world.bench
        own = os.path.dirname(world.state)
        self.state, self.folder = os.path.join(own, "floor.sqlite"), os.path.join(own, "floor-work")
        os.mkdir(self.folder)
        for suffix in ("", "-wal"):
            if os.path.exists(world.state + suffix):
                shutil.copy(world.state + suffix, self.state + suffix)
        self.recorded_interval = recorded_interval
        urls = [json.load(open(file))["request"]["url"]
                for file in sorted(glob.glob(recording + "/http/*.json")) if "api-v1-query" in file]
        self.queries = [url for url in urls if "/api/v1/query" in url]
        if len(self.queries) != 14:
            raise SystemExit("The planner sent %d queries, not 14." % len(self.queries))

    def run(self, interval):
        self.write_requests(interval)
        self.write_transactions(interval)
        run = self.bench.time([self.bench.path("floor"), self.folder, self.state])
        if run.exit != 0:
            raise SystemExit("The floor program failed:\n" + run.errors)
        return run

    def metrics_requests(self, interval):
        """What Prometheus and the router's page are asked for."""
        shift = (interval - self.recorded_interval) * INTERVAL

        def moved(match):
            return "%s=%d" % (match[1], int(match[2]) + shift)

        return ["GET " + re.sub(r"\b(start|end|time)=(\d+)", moved, url) for url in self.queries] \
            + ["GET " + self.world.pages.url + "/router"]

    def write_requests(self, interval):
        world = self.world
        self.write("steps", "observe\nsave.sql\napply\nsettle.sql\n")
        prefix = "v1/%s/planner/" % FLOOR
        etcd_range = {"key": text64(prefix), "range_end": text64(prefix[:-1] + "0")}
        self.write("observe", "\n".join(
            self.metrics_requests(interval)
            + ["POST " + world.etcd.url + "/v3/kv/range application/json "
               + json.dumps(etcd_range)]))
        known = world.etcd.values(prefix)
        number = prefix + "decision_id"
        if "decision_id" in known:
            condition = {"target": "VALUE", "key": text64(number), "result": "EQUAL",
                         "value": text64(known["decision_id"])}
        else:
            condition = {"target": "CREATE", "key": text64(number), "result": "EQUAL",
                         "create_revision": "0"}
        self.write("apply", "POST " + world.etcd.url + "/v3/kv/txn application/json " + json.dumps({
            "compare": [condition],
            "success": [{"request_put": {"key": text64(prefix + key), "value": text64(value)}}
                        for key, value in world.decided.items()
                        if key != "scaled_decision_id"]}))

    def write_transactions(self, interval):
        """The rows that the planner has just stored, as SQL."""
        connection = reading(self.world.state)

        def quoted(sql, *values):
            return [", ".join(row) for row in connection.execute(sql, values)]

        decision = connection.execute("SELECT * FROM decision ORDER BY id DESC LIMIT 1").fetchone()
        columns = "deployment, interval_seconds, interval_end, request_count, isl, osl, ttft_ms, " \
                  "itl_ms, request_duration_s"
        observation = quoted(
            "SELECT %s FROM observation WHERE interval_end = ?" % quotes(columns),
            START + (interval + 1) * INTERVAL)
        memory = quoted(
            "SELECT %s FROM memory WHERE updated = ?" % quotes("deployment, part, document, updated"),
            decision["time"])
        document, given = quoted(
            "SELECT quote(document) FROM decision WHERE id = ? UNION ALL "
            "SELECT quote(input) FROM decision WHERE id = ?", decision["id"], decision["id"])
        connection.close()
        start = "PRAGMA synchronous = FULL;\nPRAGMA secure_delete = OFF;\n" \
                "PRAGMA cell_size_check = ON;\nBEGIN IMMEDIATE;\n"
        self.write("save.sql", start
                   + "INSERT INTO observation (%s) VALUES (%s);\n" % (columns, observation[0])
                   + "".join("INSERT OR REPLACE INTO memory (deployment, part, document, updated) "
                             "VALUES (%s);\n" % row for row in memory)
                   + "INSERT INTO decision (id, deployment, time, status, is_change, document, "
                     "input) VALUES (%d, 1, %s, 'pending', 1, %s, %s);\nCOMMIT;\n"
                   % (decision["id"], decision["time"], document, given))
        self.write("settle.sql", "BEGIN IMMEDIATE;\nUPDATE decision SET status = 'applied', "
                   "document = %s WHERE id = %d AND status = 'pending';\n"
                   "DELETE FROM lease WHERE deployment = 1;\nCOMMIT;\n" % (document, decision["id"]))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)


def quotes(columns):
    return ", ".join("quote(%s)" % column for column in columns.split(", "))


def add_rows(bench, title, ours, theirs, most=None):
    """Adds the rows that compare the planner's runs with the floor program's; `most` bounds the peak
    memory, in MB."""
    ours_wall, floor_wall = [r.wall for r in ours], [r.wall for r in theirs]
    ratio = median(ours_wall) / median(floor_wall)
    peak = max(r.peak for r in ours)
    bench.row(title + ": `sla-planner`", spread(ours_wall), "", None)
    bench.row(title + ": C program, same requests and transactions", spread(floor_wall), "", None)
    bench.row(title + ": ratio of the medians", "%.2f ×" % ratio, "≤ 2 ×", ratio <= 2)
    bench.row(title + ": processor time, `sla-planner` / C",
              "%.1f ms / %.1f ms" % (median([r.cpu for r in ours]) * 1e3,
                                     median([r.cpu for r in theirs]) * 1e3), "", None)
    bench.row(title + ": peak memory, `sla-planner` / C", "%.1f MB / %.1f MB" % (
        peak, max(r.peak for r in theirs)), "≤ %d MB" % most if most else "",
        peak <= most if most else None)


def measure(bench):
    """Adds the rows of one invocation to the table."""
    os.mkdir(bench.path("pages"))
    openmetrics(bench.path("traffic.om"), CAUGHT_UP + bench.runs + 10)
    with Prometheus(bench.folder, bench.path("traffic.om")) as prometheus, \
            Etcd(bench.folder) as etcd, Pages(bench.path("pageserver"), bench.path("pages")) as pages:
        world = World(bench, prometheus, etcd, pages)
        catching_up = world.run(CAUGHT_UP)
        recording = bench.path("recording")
        world.run(CAUGHT_UP + 1, "--record", recording)
        floor = Floor(world, recording, CAUGHT_UP + 1)
        ours, theirs = [], []
        for turn in range(bench.runs + 3):
            interval = CAUGHT_UP + 2 + turn
            pair = world.run(interval), floor.run(interval)
            if turn >= 3:  # the first ones warm the servers up
                ours.append(pair[0])
                theirs.append(pair[1])
    add_rows(bench, "one invocation", ours, theirs, most=40)
    bench.row("an invocation that catches up with %d intervals" % (CAUGHT_UP + 1),
              "%.1f ms" % (catching_up.wall * 1e3), "", None)
