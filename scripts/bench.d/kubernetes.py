"""One invocation in the kubernetes environment over TLS, beside a C program that does the same.

The API server is a stand-in that is the same for both (apiserver.c): it always shows 8 + 8 workers, so
that every decision changes something, and confirms what is written. The floor program sends what the
planner has just sent, taken from the server's log.
"""
import json
import os
import shutil

from invocation import CAUGHT_UP, WORKERS, Floor, World, add_rows, newest_decision, time_of
from measuring import ROOT
from servers import ApiServer, Pages, Prometheus
from workload import MODEL, openmetrics, router_page

GROUP = "/apis/nvidia.com/v1beta1"
SPACE = GROUP + "/namespaces/serving"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/serving/leases/chat-planner"


def answers():
    """What the API server knows: a deployment with an adapter for each of its two kinds of worker."""
    fixtures = os.path.join(ROOT, "Tests/Fixtures/kubernetes")
    with open(os.path.join(fixtures, "v1beta1_disagg.json")) as file:
        deployment = json.load(file)
    with open(os.path.join(fixtures, "scale_get.json")) as file:
        scale = json.load(file)
    known = {
        LEASE: {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {
            "name": "chat-planner", "namespace": "serving", "resourceVersion": "1"}},
        GROUP: {"kind": "APIResourceList", "groupVersion": "nvidia.com/v1beta1", "resources": [
            {"name": name, "namespaced": True, "kind": kind, "verbs": ["get", "patch"]}
            for name, kind in [("dynamographdeployments", "DynamoGraphDeployment"),
                               ("dynamographdeploymentscalingadapters/scale", "Scale")]]}}
    for component in deployment["spec"]["components"]:
        name = component["name"]
        if name not in ("prefill", "decode"):
            continue
        component["replicas"] = WORKERS
        status = deployment["status"]["components"][name]
        for count in ("replicas", "updatedReplicas", "readyReplicas"):
            status[count] = WORKERS
        status.pop("availableReplicas", None)
        adapter = json.loads(json.dumps(scale))
        adapter["metadata"]["name"] = "chat-" + name
        adapter["spec"]["replicas"] = adapter["status"]["replicas"] = WORKERS
        known["%s/dynamographdeploymentscalingadapters/chat-%s/scale" % (SPACE, name)] = adapter
    known[SPACE + "/dynamographdeployments/chat"] = deployment
    return known


class Cluster(World):
    """The servers of the kubernetes environment, and what the planner is told of them."""

    def __init__(self, bench, prometheus, api, pages):
        super().__init__(bench, prometheus, None, pages)
        self.api = api
        self.kubeconfig = bench.path("kubeconfig")
        with open(self.kubeconfig, "w") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "bench",
                "contexts": [{"name": "bench", "context": {
                    "cluster": "bench", "user": "bench", "namespace": "serving"}}],
                "clusters": [{"name": "bench", "cluster": {
                    "server": api.url, "certificate-authority": api.authority}}],
                "users": [{"name": "bench", "user": {"token": "secret"}}]}, file)

    def place(self):
        return "--environment", "kubernetes", "--deployment", "chat"

    def run(self, interval, *more, status="applied"):
        """One invocation that decides on `interval`; what it asked the API server is kept."""
        router_page(self.bench.path("pages", "router"), WORKERS, WORKERS, interval)
        run = self.bench.time(self.command(interval, *more), {"KUBECONFIG": self.kubeconfig})
        decision = newest_decision(self.state)
        if run.exit != 0 or decision["time"] != time_of(interval) or decision["status"] != status:
            raise SystemExit("The invocation's decision is not %s:\n%s" % (status, run.errors))
        self.requests = self.api.new_requests()
        return run


class ClusterFloor(Floor):
    """What the floor program is given to do."""

    def __init__(self, world, recording, recorded_interval):
        super().__init__(world, recording, recorded_interval)
        shutil.copy(world.api.authority, os.path.join(self.folder, "ca.pem"))
        self.write("token", "secret")

    def run(self, interval):
        run = super().run(interval)
        if len(self.world.api.new_requests()) != len(self.world.requests):
            raise SystemExit("The floor program did not ask the API server what the planner asked.")
        return run

    def write_requests(self, interval):
        """Side by side what the planner sends side by side, in its order."""
        requests = list(self.world.requests)
        lease = [r for r in requests if r[1] == LEASE]
        scales = [r for r in requests if r[1].endswith("/scale")]
        steps = [
            ("lease", lease[:1]), ("take", lease[1:2]),
            # Once an hour; what the state file remembers is good for that long.
            ("discover", [r for r in requests if r[1] == GROUP]),
            ("observe", [r for r in requests if r[1].endswith("/chat")]), ("save.sql", None),
            ("read", [r for r in scales if r[0] == "GET"]),
            ("patch", [r for r in scales if r[0] == "PATCH"]),
            ("event", [r for r in requests if r[0] == "POST"]), ("settle.sql", None),
            ("give", lease[2:])]
        if sum(len(r) for _, r in steps if r) != len(requests):
            raise SystemExit("The planner asked for something unexpected: %s" % requests)
        self.write("steps", "".join(name + "\n" for name, _ in steps))
        for name, sent in steps:
            if sent is not None:
                lines = [self.line(*request) for request in sent]
                more = self.metrics_requests(interval) if name == "observe" else []
                self.write(name, "\n".join(lines + more))

    def line(self, method, path, kind, body):
        line = "%s %s%s" % (method, self.world.api.url, path)
        return line if method == "GET" else "%s %s %s" % (line, kind, body)


def measure(bench):
    """Adds the rows of one invocation in a cluster to the table."""
    os.makedirs(bench.path("pages"), exist_ok=True)
    folder = bench.path("kubernetes")
    os.mkdir(folder)
    traffic = os.path.join(folder, "traffic.om")
    openmetrics(traffic, CAUGHT_UP + bench.runs + 10)
    with Prometheus(folder, traffic) as prometheus, \
            ApiServer(bench.path("apiserver"), folder, answers()) as api, \
            Pages(bench.path("pageserver"), bench.path("pages")) as pages:
        world = Cluster(bench, prometheus, api, pages)
        world.state = os.path.join(folder, "planner.sqlite")
        world.run(CAUGHT_UP)
        recording = os.path.join(folder, "recording")
        world.run(CAUGHT_UP + 1, "--record", recording)
        floor = ClusterFloor(world, recording, CAUGHT_UP + 1)
        ours, theirs, most = [], [], 0
        for turn in range(bench.runs + 3):
            interval = CAUGHT_UP + 2 + turn
            pair = world.run(interval), floor.run(interval)
            most = max(most, len(world.requests))
            if turn >= 3:  # the first ones warm the servers up
                ours.append(pair[0])
                theirs.append(pair[1])
        # A prefill replica has 1 GPU, a decode replica 8: these bounds leave only what is there already.
        world.run(CAUGHT_UP + bench.runs + 6, "--min-endpoint", str(WORKERS), "--max-gpu-budget",
                  str(WORKERS * (1 + 8)), status="unchanged")
    title = "one invocation in a cluster, over TLS"
    add_rows(bench, title, ours, theirs)
    count = len(world.requests)
    bench.row(title + ": requests to the API server, at most / when nothing changes",
              "%d / %d" % (most, count), "≤ 4 when nothing changes", count <= 4)
