#!/usr/bin/env python3
"""The live demo: a deployment whose traffic rises and falls, and the planner that follows it.

Real: etcd, Prometheus, sla-planner, the keys and metrics between them. Simulated: the deployment. Its
engines are as fast as the profile in k8s/base/profile says, its frontend shows Dynamo's metrics, and its
client carries the planner's decisions out of etcd (a new worker takes a while to start) and
acknowledges them. All on free loopback ports, in a temporary folder that is removed.

Usage: scripts/demo --live [--seconds N] [--report FILE] [more flags for sla-planner run]
"""
import argparse
import base64
import http.server
import json
import math
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROFILE = os.path.join(ROOT, "k8s/base/profile")
MODEL, NAMESPACE = "demo-model", "demo"
TTFT_MS, ITL_MS = 800, 25
START_UP_SECONDS = 3
WARM_UP_SECONDS = 12  # of traffic before the first decision, so that it has something to go by
BLOCK_TOKENS = 16
TTFT_BUCKETS = [0.01, 0.022, 0.047, 0.1, 0.22, 0.47, 1, 2.2, 4.7, 10, 22, 48]
ITL_BUCKETS = [0.0019, 0.0035, 0.0067, 0.013, 0.024, 0.045, 0.084, 0.16, 0.3, 0.56, 1.1]
TOKEN_BUCKETS = [100, 210, 430, 870, 1800, 3600, 7400, 15000, 31000, 63000]


class Engine:
    """How long a replica takes, after its profile."""

    def __init__(self):
        prefill = json.load(open(os.path.join(PROFILE, "prefill_raw_data.json")))
        self.prefill = sorted(zip(prefill["prefill_isl"], prefill["prefill_ttft"]))
        decode = json.load(open(os.path.join(PROFILE, "decode_raw_data.json")))
        rows = []
        for usage, context, itl in zip(
                decode["x_kv_usage"], decode["y_context_length"], decode["z_itl"]):
            tokens = usage * decode["max_kv_tokens"]
            rows.append(([1.0, tokens / context, tokens], itl / 1000))
        self.decode = least_squares(rows)

    def prefill_seconds(self, isl):
        for (low, below), (high, above) in zip(self.prefill, self.prefill[1:]):
            if isl <= high:
                share = max(0.0, (isl - low) / (high - low))
                return (below + share * (above - below)) / 1000
        return self.prefill[-1][1] / 1000 * isl / self.prefill[-1][0]

    def token_seconds(self, sequences, tokens):
        base, by_sequence, by_token = self.decode
        return max(0.003, base + by_sequence * sequences + by_token * tokens)


def least_squares(rows):
    """The three coefficients that fit best, by the normal equations."""
    matrix = [[sum(x[i] * x[j] for x, _ in rows) for j in range(3)] +
              [sum(x[i] * y for x, y in rows)] for i in range(3)]
    for i in range(3):
        for j in range(3):
            if i != j:
                factor = matrix[j][i] / matrix[i][i]
                matrix[j] = [a - factor * b for a, b in zip(matrix[j], matrix[i])]
    return [matrix[i][3] / matrix[i][i] for i in range(3)]


class Histogram:
    def __init__(self, name, bounds):
        self.name, self.bounds = name, bounds
        self.counts, self.sum, self.count = [0] * len(bounds), 0.0, 0

    def add(self, value, times=1):
        for index, bound in enumerate(self.bounds):
            if value <= bound:
                self.counts[index] += times
        self.sum += value * times
        self.count += times

    def lines(self):
        name, label = "dynamo_frontend_" + self.name, f'model="{MODEL}"'
        for bound, count in zip(self.bounds + ["+Inf"], self.counts + [self.count]):
            yield f'{name}_bucket{{{label},le="{bound}"}} {count}'
        yield f"{name}_sum{{{label}}} {self.sum}"
        yield f"{name}_count{{{label}}} {self.count}"


class Request:
    def __init__(self, arrival):
        self.arrival = arrival
        self.isl = max(100, int(random.lognormvariate(math.log(2600), 0.35)))
        self.osl = max(8, int(random.expovariate(1 / 220)))
        self.done, self.first, self.meets = 0.0, None, False


class Worker:
    count = 0

    def __init__(self, kind, ready_at):
        Worker.count += 1
        self.id, self.kind, self.ready_at = 7000 + Worker.count, kind, ready_at
        self.is_leaving = False
        self.queue, self.busy_until, self.current = [], 0.0, None
        self.sequences = []
        self.last_ttft = self.last_itl = self.last_isl = None

    def tokens(self):
        if self.kind == "prefill":
            return sum(r.isl for r in self.queue) + (self.current.isl if self.current else 0)
        return sum(r.isl + r.done for r in self.sequences)

    def is_idle(self):
        return not self.queue and self.current is None and not self.sequences


class Deployment:
    """Workers, requests and the page that the frontend shows, in steps of a fiftieth of a second."""

    def __init__(self, seconds):
        self.engine, self.seconds, self.lock = Engine(), seconds, threading.Lock()
        self.begin = time.time()
        self.workers = [Worker("prefill", 0), Worker("decode", 0)]
        self.waiting, self.next_arrival = [], self.begin
        self.started = self.finished = self.in_flight = self.met = self.ended = 0
        self.gpu_seconds, self.most = 0.0, 2
        self.recent = []
        self.ttft = Histogram("time_to_first_token_seconds", TTFT_BUCKETS)
        self.itl = Histogram("inter_token_latency_seconds", ITL_BUCKETS)
        self.duration = Histogram("request_duration_seconds", TTFT_BUCKETS)
        self.isl = Histogram("input_sequence_tokens", TOKEN_BUCKETS)
        self.osl = Histogram("output_sequence_tokens", TOKEN_BUCKETS)
        threading.Thread(target=self.live, daemon=True).start()

    def rate(self, now):
        """Requests a second: from 8 up to 32 after two fifths of the time, and back."""
        share = (now - self.begin - WARM_UP_SECONDS) / self.seconds / 0.85
        share = min(1.0, max(0.0, share))
        return 8 + 24 * math.sin(math.pi * share) ** 2

    def live(self):
        last = time.time()
        while True:
            time.sleep(0.02)
            now = time.time()
            with self.lock:
                self.step(now, now - last)
            last = now

    def ready(self, kind, now):
        return [w for w in self.workers
                if w.kind == kind and w.ready_at <= now and not w.is_leaving]

    def step(self, now, passed):
        while self.next_arrival <= now:
            request = Request(self.next_arrival)
            self.started += 1
            self.in_flight += 1
            self.isl.add(request.isl)
            self.waiting.append(request)
            self.next_arrival += random.expovariate(self.rate(self.next_arrival))
        for request in self.waiting:
            min(self.ready("prefill", now), key=Worker.tokens).queue.append(request)
        self.waiting.clear()
        for worker in self.workers:
            if worker.kind == "prefill":
                self.prefill(worker, now)
            else:
                self.decode(worker, now, passed)
        self.workers = [w for w in self.workers if not (w.is_leaving and w.is_idle())]
        self.gpu_seconds += passed * len(self.workers)
        self.most = max(self.most, len(self.workers))

    def prefill(self, worker, now):
        while True:
            if worker.current and worker.busy_until <= now:
                request, worker.current = worker.current, None
                request.first = worker.busy_until
                seconds = request.first - request.arrival
                self.ttft.add(seconds)
                self.recent.append(seconds * 1000)
                worker.last_ttft, worker.last_isl = seconds, request.isl
                min(self.ready("decode", now), key=Worker.tokens).sequences.append(request)
            if worker.current or not worker.queue:
                return
            worker.current = worker.queue.pop(0)
            start = max(worker.busy_until, worker.current.arrival)
            worker.busy_until = start + self.engine.prefill_seconds(worker.current.isl)

    def decode(self, worker, now, passed):
        if not worker.sequences:
            return
        itl = self.engine.token_seconds(len(worker.sequences), worker.tokens())
        worker.last_itl = itl
        staying = []
        for request in worker.sequences:
            request.done += passed / itl
            if request.done < request.osl:
                staying.append(request)
                continue
            mean = (now - request.first) / request.osl
            self.itl.add(mean, max(1, request.osl - 1))
            self.osl.add(request.osl)
            self.duration.add(now - request.arrival)
            self.finished += 1
            self.in_flight -= 1
            self.ended += 1
            seconds = request.first - request.arrival
            self.met += seconds * 1000 <= TTFT_MS and mean * 1000 <= ITL_MS
        worker.sequences = staying

    def scale(self, wanted, now):
        """Begins to make the deployment what is wanted: new workers start, surplus ones drain."""
        with self.lock:
            for kind, count in wanted.items():
                staying = [w for w in self.workers if w.kind == kind and not w.is_leaving]
                for _ in range(count - len(staying)):
                    self.workers.append(Worker(kind, now + START_UP_SECONDS))
                for worker in sorted(staying, key=Worker.tokens)[:max(0, len(staying) - count)]:
                    worker.is_leaving = True

    def is_in_place(self, now):
        with self.lock:
            return all(w.ready_at <= now for w in self.workers)

    def counts(self, now):
        with self.lock:
            return {kind: len(self.ready(kind, now)) for kind in ("prefill", "decode")}

    def page(self):
        now = time.time()
        request = f'endpoint="chat_completions",model="{MODEL}",request_type="stream"'
        with self.lock:
            queued = sum(len(w.queue) + (w.current is not None) for w in self.workers)
            lines = [
                f"dynamo_frontend_requests_started_total{{{request}}} {self.started}",
                f'dynamo_frontend_requests_total{{{request},error_type="",status="success"}}'
                f" {self.finished}",
                f'dynamo_frontend_inflight_requests{{model="{MODEL}"}} {self.in_flight}',
                f'dynamo_frontend_queued_requests{{model="{MODEL}"}} {queued}']
            for histogram in (self.ttft, self.itl, self.duration, self.isl, self.osl):
                lines += histogram.lines()
            for worker in self.workers:
                if worker.ready_at <= now and not worker.is_leaving:
                    lines += gauges(worker)
        return "\n".join(lines) + "\n"


def gauges(worker):
    label = f'dp_rank="0",worker_id="{worker.id}",worker_type="{worker.kind}"'
    is_prefill = worker.kind == "prefill"
    values = {
        "active_prefill_tokens": worker.tokens() if is_prefill else 0,
        "active_decode_blocks": 0 if is_prefill else math.ceil(worker.tokens() / BLOCK_TOKENS),
        "last_time_to_first_token_seconds": worker.last_ttft,
        "last_input_sequence_tokens": worker.last_isl,
        "last_inter_token_latency_seconds": worker.last_itl}
    return [f"dynamo_frontend_worker_{name}{{{label}}} {value}"
            for name, value in values.items() if value is not None]


class Etcd:
    """The keys of the virtual environment, through etcd's JSON gateway."""

    def __init__(self, url):
        self.url, self.prefix = url, f"v1/{NAMESPACE}/planner/"

    def call(self, path, body):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=5))

    def numbers(self):
        def encoded(text):
            return base64.b64encode(text.encode()).decode()
        end = self.prefix[:-1] + chr(ord(self.prefix[-1]) + 1)
        answer = self.call("/v3/kv/range", {"key": encoded(self.prefix), "range_end": encoded(end)})
        found = {}
        for pair in answer.get("kvs", []):
            key = base64.b64decode(pair["key"]).decode()[len(self.prefix):]
            found[key] = int(base64.b64decode(pair.get("value", "")).decode())
        return found

    def put(self, key, number):
        self.call("/v3/kv/put", {
            "key": base64.b64encode((self.prefix + key).encode()).decode(),
            "value": base64.b64encode(str(number).encode()).decode()})


def follow(etcd, deployment, stop):
    """The deployment's client: carries decisions out, and acknowledges one when it is in place."""
    seen = None
    while not stop.wait(0.25):
        try:
            numbers = etcd.numbers()
        except OSError:
            continue
        decision, done = numbers.get("decision_id"), numbers.get("scaled_decision_id")
        now = time.time()
        if decision is None or decision == done:
            continue
        if decision != seen:
            seen = decision
            deployment.scale({kind: numbers[f"num_{kind}_workers"] for kind in ("prefill", "decode")
                              if f"num_{kind}_workers" in numbers}, now)
        elif deployment.is_in_place(now):
            etcd.put("scaled_decision_id", decision)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(deployment):
    class Frontend(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = deployment.page().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Frontend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/metrics"


def start(program, *arguments, **options):
    log = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
    return subprocess.Popen([program, *arguments], **log)


def wait_for(url):
    for _ in range(300):
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer after 30 s.")


def start_etcd(work, processes):
    url, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    processes.append(start(
        "etcd", "--name", "demo", "--data-dir", os.path.join(work, "etcd"),
        "--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peer,
        "--initial-advertise-peer-urls", peer, "--initial-cluster", f"demo={peer}"))
    wait_for(url + "/health")
    return url


def start_prometheus(work, page, processes):
    target = page.removeprefix("http://").removesuffix("/metrics")
    config = os.path.join(work, "prometheus.yml")
    with open(config, "w") as file:
        file.write("global: {scrape_interval: 1s}\nscrape_configs:\n"
                   f"- {{job_name: frontend, static_configs: [{{targets: ['{target}']}}]}}\n")
    port = free_port()
    processes.append(start(
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={work}/prometheus",
        f"--web.listen-address=127.0.0.1:{port}"))
    wait_for(f"http://127.0.0.1:{port}/-/ready")
    return f"http://127.0.0.1:{port}"


def planner_flags(state, etcd, prometheus, page):
    return [
        "--environment", "virtual", "--namespace", NAMESPACE, "--model-name", MODEL,
        "--etcd-endpoints", etcd, "--prometheus-endpoint", prometheus,
        "--profile-results-dir", PROFILE, "--state", state,
        "--ttft", str(TTFT_MS), "--itl", str(ITL_MS), "--max-gpu-budget", "10",
        # Two minutes stand for a day here: everything that takes minutes takes seconds.
        "--adjustment-interval", "10", "--startup-delay", str(START_UP_SECONDS),
        "--scale-down-stabilization", "12",
        "--enable-loadbased-scaling", "--loadbased-router-metrics-url", page,
        "--loadbased-adjustment-interval", "3", "--loadbased-metric-samples", "4"]


def tell(deployment, document):
    """One line a decision: what there was, what was decided."""
    now = time.time()
    with deployment.lock:
        recent, deployment.recent = sorted(deployment.recent), []
    p95 = f"{recent[int(0.95 * len(recent))]:5.0f} ms" if recent else "      –"
    parts = []
    for name in ("prefill", "decode"):
        component = document["components"].get(name, {})
        current, final = component.get("current"), component.get("final")
        arrow = "" if final in (None, current) else f" → {final}"
        parts.append(f"{name} {current if current is not None else '–'}{arrow}".ljust(15))
    print(f"{now - deployment.begin:4.0f} s {deployment.rate(now):5.1f} req/s  TTFT p95 {p95}  "
          + " ".join(parts) + f" {document['status']}", flush=True)


def summary(deployment):
    with deployment.lock:
        share = deployment.met / max(1, deployment.ended)
        hours = deployment.gpu_seconds / 3600
        elapsed = time.time() - deployment.begin
        peak = deployment.most * elapsed / 3600
        ended, most = deployment.ended, deployment.most
    return (f"{100 * share:.1f} % of {ended} requests met TTFT ≤ {TTFT_MS} ms and ITL ≤ {ITL_MS} ms "
            f"with {60 * hours:.1f} GPU-minutes;\n{most} GPUs, the most there were, for the whole time "
            f"are {60 * peak:.1f}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--planner", default="sla-planner")
    parser.add_argument("--seconds", type=int, default=105)
    parser.add_argument("--report", default="sla-planner-demo.html")
    options, more = parser.parse_known_args()
    for program in ("etcd", "prometheus"):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed; scripts/install-packages tests installs it.")

    work, processes, stop = tempfile.mkdtemp(prefix="sla-planner-demo-"), [], threading.Event()
    random.seed(7)
    try:
        etcd = start_etcd(work, processes)
        deployment = Deployment(options.seconds)
        page = serve(deployment)
        prometheus = start_prometheus(work, page, processes)
        threading.Thread(
            target=follow, args=(Etcd(etcd), deployment, stop), daemon=True).start()
        print(f"A deployment with 1 prefill and 1 decode worker; traffic rises to 32 requests a "
              f"second and falls again within {options.seconds} s.\nThe planner decides every 3 s; "
              f"a new worker takes {START_UP_SECONDS} s to start.\n", flush=True)
        time.sleep(WARM_UP_SECONDS)
        state = os.path.join(work, "planner.sqlite")
        planner = start(
            options.planner, "run", *planner_flags(state, etcd, prometheus, page),
            "--repeat-for", f"{options.seconds}s", "--output", "json", "--log-level", "error",
            *more, stdout=subprocess.PIPE, stderr=None, text=True)
        processes.append(planner)
        decisions = 0
        for line in planner.stdout:
            tell(deployment, json.loads(line))
            decisions += 1
        if planner.wait() != 0:
            sys.exit(f"The planner ended with exit code {planner.returncode}.")
        print("\n" + summary(deployment))
        report = subprocess.run(
            [options.planner, "report", options.report, "--state", state],
            capture_output=True, text=True)
        if report.returncode:
            sys.exit(report.stderr)
        print(f"{decisions} decisions, each with its reasons and plots: {options.report}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        stop.set()
        for process in reversed(processes):
            process.terminate()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


main()
