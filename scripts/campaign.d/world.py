"""The world of the campaign: steady traffic in a real Prometheus, workers on a router's page, and a
deployment in a stand-in API server whose replicas are what was written last.

The traffic never falls, so no decision has a reason to order fewer replicas than it takes.
"""
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts/bench.d"))

import workload  # noqa: E402
from servers import Prometheus  # noqa: E402

PROFILE = os.path.join(ROOT, "Tests/Fixtures/profiles/h200-llama3.1-8b-tp1")
GROUP = "/apis/nvidia.com/v1beta1"
SPACE = GROUP + "/namespaces/serving"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/serving/leases/chat-planner"
RATE = 40  # requests in a scrape of 15 s
INTERVALS = 60
COMPONENTS = ("prefill", "decode")


def time_of(interval):
    """Three seconds after the end of an interval."""
    return workload.START + (interval + 1) * workload.INTERVAL + 3


def prometheus(folder):
    """A Prometheus that has seen INTERVALS intervals of the same traffic."""
    file = os.path.join(folder, "traffic.openmetrics")
    workload.openmetrics(file, INTERVALS, rates=(RATE, RATE))
    return Prometheus(folder, file)


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that goes away in the middle of it is what the campaign is about."""


class Cluster:
    """The deployment, as the API server shows it and as it was ordered to be."""

    def __init__(self, replicas):
        self.replicas = dict(replicas)
        self.orders = []
        self.lock = threading.Lock()
        fixtures = os.path.join(ROOT, "Tests/Fixtures/kubernetes")
        with open(os.path.join(fixtures, "v1beta1_disagg.json")) as file:
            self.template = json.load(file)
        with open(os.path.join(fixtures, "scale_get.json")) as file:
            self.scale = json.load(file)
        self.lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {
            "name": "chat-planner", "namespace": "serving", "resourceVersion": "1"}}

    def deployment(self):
        deployment = json.loads(json.dumps(self.template))
        for component in deployment["spec"]["components"]:
            name = component["name"]
            if name not in COMPONENTS:
                continue
            component["replicas"] = self.replicas[name]
            status = deployment["status"]["components"][name]
            for count in ("replicas", "updatedReplicas", "readyReplicas"):
                status[count] = self.replicas[name]
            status.pop("availableReplicas", None)
        return deployment

    def adapter(self, name):
        adapter = json.loads(json.dumps(self.scale))
        adapter["metadata"]["name"] = "chat-" + name
        adapter["spec"]["replicas"] = adapter["status"]["replicas"] = self.replicas[name]
        return adapter

    def answer(self, method, path, body):
        """Status and JSON of a request to the API server."""
        with self.lock:
            if path == LEASE:
                if method == "PUT":
                    self.lease = json.loads(body)
                    version = int(self.lease["metadata"]["resourceVersion"]) + 1
                    self.lease["metadata"]["resourceVersion"] = str(version)
                return 200, self.lease
            if path == GROUP:
                return 200, {
                    "kind": "APIResourceList", "groupVersion": "nvidia.com/v1beta1", "resources": [
                        {"name": name, "namespaced": True, "kind": kind, "verbs": ["get", "patch"]}
                        for name, kind in [
                            ("dynamographdeployments", "DynamoGraphDeployment"),
                            ("dynamographdeploymentscalingadapters/scale", "Scale")]]}
            if path == SPACE + "/dynamographdeployments/chat":
                return 200, self.deployment()
            for name in COMPONENTS:
                if path.endswith("/chat-%s/scale" % name):
                    if method == "PATCH":
                        self.write(name, json.loads(body))
                    return 200, self.adapter(name)
            if method == "POST" and path.endswith("/events"):
                return 201, json.loads(body)
            return 404, {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound",
                         "message": "not found"}

    def write(self, name, patch):
        if isinstance(patch, list):
            wanted = [step["value"] for step in patch
                      if step.get("op") != "test" and step["path"].endswith("/replicas")]
        else:
            wanted = [patch["spec"]["replicas"]] if "spec" in patch else []
        for count in wanted:
            self.orders.append((name, count))
            self.replicas[name] = count


class Origin:
    """Router's page and API server on one free loopback port."""

    def __init__(self, cluster, page):
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path = self.path.split("?")[0]
                if path == "/metrics":
                    return self.say(200, "text/plain; version=0.0.4", origin.page(cluster))
                status, answer = cluster.answer(self.command, path, body)
                self.say(status, "application/json", json.dumps(answer).encode())

            do_POST = do_PUT = do_PATCH = do_GET

            def say(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.page = page
        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def router_page(cluster):
    """As many busy workers as the deployment has."""
    lines = []
    values = {
        "active_prefill_tokens": lambda kind, i: 9000 + 100 * i if kind == "prefill" else 0,
        "active_decode_blocks": lambda kind, i: 500 + 10 * i if kind == "decode" else 0,
        "last_time_to_first_token_seconds": lambda kind, i: 0.2 + i / 1000,
        "last_input_sequence_tokens": lambda kind, i: 2500 + 10 * i,
        "last_inter_token_latency_seconds": lambda kind, i: 0.011 + i / 10000,
    }
    for name, value in values.items():
        for kind in COMPONENTS:
            for i in range(cluster.replicas[kind]):
                lines.append('dynamo_frontend_worker_%s{dp_rank="0",worker_id="%s%d",worker_type="%s"} %s'
                             % (name, kind, i, kind, value(kind, i)))
    return ("\n".join(lines) + "\n").encode()
