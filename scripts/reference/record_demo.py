#!/usr/bin/env python3
"""Makes examples/demo-recording: a recording of one invocation on real captures.

Source: Tests/Fixtures/captures (a Dynamo 1.0.0 frontend, its KV router and simulated engines, scraped
while a load generator drove them). The captured pages become a Prometheus database (promtool), which a
real Prometheus serves; the eight captured samples of the router's gauges are served one after the
other. Nothing but the transport is made up.

Usage: scripts/reference/record_demo.py SLA_PLANNER_BINARY
Needs Debian's prometheus package.
"""
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CAPTURES = os.path.join(ROOT, "Tests/Fixtures/captures")
TARGET = os.path.join(ROOT, "examples/demo-recording")
TAGS = ["02_idle_before_load", "03_light", "04_medium", "05_heavy", "06a_added_now", "06b_added_20s",
        "08a_killed_now"]
NOW = 1795466941  # just after a minute's end, within the heavy load


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def openmetrics():
    """The frontend's counters and sums of every captured page, with the time each was taken."""
    series = {}
    for tag in TAGS:
        base = os.path.join(CAPTURES, "v100_" + tag)
        taken = json.load(open(base + ".prom_api.json"))["taken_at"]
        for line in open(base + ".prom"):
            match = re.match(r"(dynamo_frontend_\w+(?:_total|_sum|_count))(?:\{(.*)\})? (\S+)$", line)
            if not match:
                continue
            labels = 'instance="127.0.0.1:18000",job="dynamo-frontend"'
            if match[2]:
                labels = match[2] + "," + labels
            series.setdefault((match[1], labels), []).append((taken, match[3]))
    lines = []
    for (name, labels), points in sorted(series.items()):
        lines += ["%s{%s} %s %.3f" % (name, labels, value, taken) for taken, value in points]
    return "\n".join(lines) + "\n# EOF\n"


def gauge_pages():
    """The captured samples of the router's gauges, one page each."""
    pages = {}
    for line in open(os.path.join(CAPTURES, "v100_05_heavy_gauges_8samples.txt")):
        stamp, text = line.rstrip("\n").split(" ", 1)
        pages.setdefault(stamp, []).append(text)
    return ["\n".join(pages[stamp]) + "\n" for stamp in sorted(pages)]


def main(binary):
    work = tempfile.mkdtemp()
    pages = gauge_pages()
    served = iter(pages)

    class Router(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = next(served, pages[-1]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    router = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Router)
    threading.Thread(target=router.serve_forever, daemon=True).start()
    metrics = os.path.join(work, "metrics.txt")
    open(metrics, "w").write(openmetrics())
    data = os.path.join(work, "data")
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", metrics, data],
                   check=True, stdout=subprocess.DEVNULL)
    config = os.path.join(work, "prometheus.yml")
    open(config, "w").write("global: {}\n")
    port = free_port()
    prometheus = subprocess.Popen(
        ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + data,
         "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:%d" % port],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = "http://127.0.0.1:%d" % port
        for _ in range(300):
            try:
                urllib.request.urlopen(url + "/-/ready").read()
                break
            except OSError:
                time.sleep(0.1)
        shutil.rmtree(TARGET, ignore_errors=True)
        subprocess.run(
            [binary, "run", "--record", TARGET, "--now", str(NOW), "--environment", "virtual",
             "--namespace", "demo", "--model-name", "tiny-llama", "--backend", "mocker",
             "--prometheus-endpoint", url, "--profile-results-dir",
             os.path.join(ROOT, "Tests/Fixtures/profiles/h200-llama3.1-8b-tp1"),
             "--adjustment-interval", "60", "--catch-up-intervals", "10",
             "--ttft", "2000", "--itl", "15", "--sizing", "capacity",
             "--enable-loadbased-scaling", "--loadbased-router-metrics-url",
             "http://127.0.0.1:%d/metrics" % router.server_port,
             "--loadbased-metric-samples", "8", "--loadbased-adjustment-interval", "5",
             "--state", os.path.join(work, "state.sqlite")], check=True)
    finally:
        prometheus.terminate()
        prometheus.wait()
        router.shutdown()
        shutil.rmtree(work)


main(os.path.abspath(sys.argv[1]))
