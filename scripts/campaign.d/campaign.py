"""Runs trials, family after family, until the time is up, and prints what came of them."""
import argparse
import gzip
import inspect
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import tampering
from world import COMPONENTS, PROFILE, ROOT, Cluster, Origin, prometheus, router_page, time_of
from workload import MODEL

DEADLINE = 3           # seconds that a run is given
GRACE = 2              # seconds after which it is past its deadline
MEMORY = 150           # MB
WARM = 12              # runs before the trials
START = 30             # the interval of the first of them
HANGS = 40             # seconds after which a trial is ended from outside
FAMILIES = {
    "kills": None, "delays": tampering.delays, "truncations": tampering.truncations,
    "repetitions": tampering.repetitions, "errors": tampering.errors,
    "partial answers": tampering.partials, "absurd numbers": tampering.absurdities,
    "damaged answers": tampering.mutations, "damaged files": None, "full disk": None,
    "starvation": None,
}
# Where numbers are changed at random, a smaller one may be as plausible as the right one.
UNJUDGED = ("damaged answers", "damaged files")


class Run:
    """What one process came to."""

    def __init__(self, command, environment, kill_after=None, limits=()):
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env=environment, cwd=environment["TMPDIR"],
                                   preexec_fn=lambda: [resource.setrlimit(what, (most, most))
                                                       for what, most in limits])
        self.hung = False
        self.megabytes = 0
        while True:
            self.megabytes = max(self.megabytes, peak_megabytes(process.pid))
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                break
            elapsed = time.monotonic() - begin
            if elapsed > HANGS or kill_after is not None and elapsed >= kill_after:
                os.kill(process.pid, signal.SIGKILL)
                self.hung = elapsed > HANGS
            time.sleep(0.003)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.exit, self.seconds = process.returncode, time.monotonic() - begin
        self.was_killed = kill_after is not None
        for file in (out, err):
            file.seek(0)
        self.output, self.errors = (file.read().decode("utf-8", "replace") for file in (out, err))
        out.close()
        err.close()

    @property
    def crashed(self):
        if self.exit < 0:
            return not (self.was_killed or self.hung)
        return self.exit in (70, 132, 133, 134, 135, 136, 139) or "Fatal error" in self.errors


def peak_megabytes(pid):
    """The most memory that the process has held. What wait4 tells would count this process, too, of
    which it is a copy before it becomes the planner."""
    try:
        with open("/proc/%d/status" % pid) as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


class Campaign:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.prometheus = prometheus(folder)
        self.prometheus_port = int(self.prometheus.url.rsplit(":", 1)[1])
        self.base = os.path.join(folder, "base")
        os.mkdir(self.base)
        self.results = {name: [] for name in FAMILIES}

    # MARK: One run of the planner

    def command(self, folder, metrics, cluster_url, interval, *more):
        kubeconfig = os.path.join(folder, "kubeconfig")
        if not os.path.exists(kubeconfig) or cluster_url not in open(kubeconfig, errors="replace").read():
            with open(kubeconfig, "w") as file:
                json.dump({
                    "apiVersion": "v1", "kind": "Config", "current-context": "c",
                    "contexts": [{"name": "c", "context": {
                        "cluster": "c", "user": "c", "namespace": "serving"}}],
                    "clusters": [{"name": "c", "cluster": {"server": cluster_url}}],
                    "users": [{"name": "c", "user": {"token": "campaign-token-1"}}]}, file)
        return [self.options.planner, "run", "--environment", "kubernetes", "--deployment", "chat",
                "--namespace", "dynamo", "--model-name", MODEL, "--mode", "disagg", "--ttft", "300",
                "--itl", "20", "--max-gpu-budget", "64", "--load-predictor", "kalman",
                "--profile-results-dir", PROFILE, "--prometheus-endpoint", metrics,
                "--enable-loadbased-scaling", "--loadbased-metric-samples", "1",
                "--loadbased-router-metrics-url", cluster_url + "/metrics", "--output", "json",
                "--catch-up-intervals", "6", "--deadline", str(DEADLINE),
                "--state", os.path.join(folder, "planner.sqlite"),
                "--now", str(time_of(interval)), *more]

    def environment(self, folder):
        return {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder,
                "KUBECONFIG": os.path.join(folder, "kubeconfig"),
                "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}

    def run(self, folder, cluster, interval, tamper=None, kill_after=None, more=(), limits=(),
            wrap=()):
        """One invocation; `tamper` changes what the servers answer."""
        origin = Origin(cluster, router_page)
        straight = lambda method, path, answer: answer
        proxies = [tampering.Proxy(port, tamper or straight)
                   for port in (self.prometheus_port, origin.port)]
        try:
            command = self.command(folder, proxies[0].url, proxies[1].url, interval, *more)
            return Run([*wrap, *command], self.environment(folder), kill_after, limits)
        finally:
            for server in proxies + [origin]:
                server.close()

    # MARK: What is right

    def prepare(self):
        """Learns from a world without faults what the right replicas are."""
        cluster = Cluster({"prefill": 2, "decode": 2})
        seconds = []
        for interval in range(START, START + WARM):
            run = self.run(self.base, cluster, interval, tampering.remember)
            if run.exit != 0:
                raise SystemExit("A run without faults failed:\n" + run.errors)
            seconds.append(run.seconds)
        self.replicas = dict(cluster.replicas)
        self.typical = sorted(seconds)[len(seconds) // 2]
        # What the next two decisions are where nothing fails.
        twin = self.trial_folder("twin")
        self.right = []
        for interval in (START + WARM, START + WARM + 1):
            self.run(twin, cluster, interval)
            self.right.append(dict(cluster.replicas))
        shutil.rmtree(twin)

    def trial_folder(self, name):
        folder = os.path.join(self.folder, name)
        shutil.copytree(self.base, folder)
        return folder

    # MARK: Trials

    def trial(self, family, number):
        chance = random.Random("%s/%s/%d" % (self.options.seed, family, number))
        folder = self.trial_folder("%s-%d" % (family.replace(" ", "-"), number))
        try:
            if family == "damaged files":
                return self.damaged_file(folder, chance)
            cluster = Cluster(self.replicas)
            kind, tamper, kill, limits, wrap = "kill", None, None, (), ()
            if family == "kills":
                kill = chance.uniform(0, self.typical * 1.3)
            elif family == "full disk":
                kind, wrap = self.full_disk(folder, chance)
            elif family == "starvation":
                kind, limits = self.starvation(chance)
            else:
                kind, tamper = self.tampering(FAMILIES[family], chance)
            run = self.run(folder, cluster, START + WARM, tamper, kill, limits=limits, wrap=wrap)
            faults = self.judge(run, family, cluster, 0)
            if run.exit not in (0, 1) and family in ("full disk", "starvation"):
                if not run.errors.rstrip().split("\n")[-1].startswith(("Error: ", "Warning: ")):
                    faults.append("crash: exit %d without a sentence, %s" % (
                        run.exit, run.errors[-400:]))
            self.end_leases(folder, cluster)
            # What was learned from it must not lead the next run astray either.
            after = self.run(folder, cluster, START + WARM + 1)
            faults += ["afterwards: " + fault for fault in self.judge(after, family, cluster, 1)]
            # On a busy machine a stand-in server may be too slow for the deadline.
            if after.exit != 0 and "gave no complete answer within" not in after.errors:
                faults.append("afterwards: exit %d: %s" % (after.exit, after.errors[-300:]))
            return kind, run, faults
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def full_disk(folder, chance):
        """The folder on a disk of its own with hardly any room left, for the planner alone."""
        spare = chance.choice((0, 4, 16, 64, 128, 256))
        script = ("mount -t tmpfs -o size=%dk none /mnt && cp -a \"$0\"/. /mnt && "
                  "mount --bind /mnt \"$0\" && cd \"$0\" && exec \"$@\"")
        used = sum(-(-os.path.getsize(os.path.join(folder, name)) // 4096) * 4 + 4
                   for name in os.listdir(folder))
        return "%d kB left" % spare, ("unshare", "-m", "bash", "-c", script % (used + spare), folder)

    @staticmethod
    def starvation(chance):
        """Too few file descriptors, or too little memory."""
        if chance.random() < 0.5:
            most = chance.randint(5, 60)
            return "%d descriptors" % most, ((resource.RLIMIT_NOFILE, most),)
        most = chance.randint(60, 600)
        return "%d MB" % most, ((resource.RLIMIT_AS, most << 20),)

    @staticmethod
    def tampering(family, chance):
        kind, change = family(chance)
        share = chance.choice((0.1, 0.4, 1))
        sources = chance.choice((("prometheus",), ("router",), ("kubernetes",),
                                 ("prometheus", "router", "kubernetes")))
        takes_path = len(inspect.signature(change).parameters) == 2

        def tamper(method, path, answer):
            # An answer to a write that is tampered with is another matter: it was carried out.
            if tampering.source_of(path) not in sources or chance.random() >= share:
                return answer
            return change(answer, path) if takes_path else change(answer)
        return "%s of %s" % (kind, "+".join(sources)), tamper

    def judge(self, run, family, cluster, step):
        faults = []
        if run.crashed:
            faults.append("crash: exit %d, %s" % (run.exit, run.errors[-400:]))
        if run.hung or run.seconds > DEADLINE + GRACE:
            faults.append("late: %.1f s" % run.seconds)
        if run.megabytes > MEMORY:
            faults.append("memory: %.0f MB" % run.megabytes)
        if family not in UNJUDGED:
            for name in COMPONENTS:
                least = min(self.replicas[name], self.right[step][name])
                lowest = min([n for who, n in cluster.orders if who == name], default=least)
                if lowest < least:
                    faults.append("down: %s to %d where %d are needed" % (name, lowest, least))
        return faults

    @staticmethod
    def end_leases(folder, cluster):
        """A killed run leaves its leases; nobody here waits for them to run out."""
        cluster.lease.pop("spec", None)
        connection = sqlite3.connect(os.path.join(folder, "planner.sqlite"))
        with connection:
            connection.execute("UPDATE lease SET expires = 0")
        connection.close()

    def damaged_file(self, folder, chance):
        kind = chance.choice(("profile", "state", "history", "trace", "configuration", "kubeconfig",
                              "look-back"))
        count = chance.choice((1, 3, 20, 200))
        cluster = Cluster(self.replicas)
        state = os.path.join(folder, "planner.sqlite")
        damage = lambda data: tampering.mutated(data, chance, count)
        if kind == "profile":
            copy = os.path.join(folder, "profile")
            shutil.copytree(PROFILE, copy)
            for path, _, names in os.walk(copy):
                for name in names:
                    rewrite(os.path.join(path, name), damage)
            if chance.random() < 0.5:
                run = self.simple(folder, "profile", copy, "--isl", "3000", "--itl", "20")
            else:
                run = self.run(folder, cluster, START + WARM,
                               more=("--profile-results-dir", copy))
        elif kind == "state":
            rewrite(state, damage)
            run = self.run(folder, cluster, START + WARM)
        elif kind in ("history", "look-back"):
            rewrite(state, damage)
            command = "history" if kind == "history" else chance.choice(("audit", "explain", "report"))
            more = {"report": [os.path.join(folder, "report.html")]}.get(command, [])
            run = self.simple(folder, command, *more, "--state", state)
        elif kind == "trace":
            path = os.path.join(folder, "trace")
            text = b"".join(b'{"timestamp": %d, "input_length": 900, "output_length": 20}\n' % t
                            for t in range(0, 60_000, 500))
            text = damage(text)
            with open(path, "wb") as file:
                file.write(damage(gzip.compress(text)) if chance.random() < 0.5 else text)
            run = self.simple(folder, "simulate", path, "--profile-results-dir", PROFILE,
                              "--policy", "fixed:prefill=1,decode=1", "--skip-bad-lines")
        elif kind == "configuration":
            path = os.path.join(folder, "planner.yaml")
            text = b"ttft: 300\nitl: 20\nload_predictor: kalman\nmax_gpu_budget: -1\n"
            with open(path, "wb") as file:
                file.write(damage(text))
            run = self.run(folder, cluster, START + WARM, more=("--config", path))
        else:
            self.run(folder, cluster, START + WARM)
            rewrite(os.path.join(folder, "kubeconfig"), damage)
            environment = self.environment(folder)
            run = Run(self.command(folder, self.prometheus.url, "", START + WARM + 1), environment)
        faults = self.judge(run, "damaged files", cluster, 0)
        return kind, run, faults

    def simple(self, folder, *arguments):
        return Run([self.options.planner, *arguments], self.environment(folder))

    # MARK: All of them

    def go(self):
        self.prepare()
        families = self.options.family or list(FAMILIES)
        end = time.monotonic() + self.options.seconds
        if self.options.trial is not None:
            return [self.note(family, self.options.trial) for family in families]
        number = 0
        with ThreadPoolExecutor(self.options.jobs) as pool:
            while time.monotonic() < end:
                pending = [pool.submit(self.note, family, number, end) for family in families]
                for trial in pending:
                    trial.result()
                number += 1

    def note(self, family, number, end=None):
        if end is not None and time.monotonic() >= end:
            return
        kind, run, faults = self.trial(family, number)
        if any("late:" in fault for fault in faults):
            # A machine that does something else is no fault of the planner: it has to be late again.
            kind, run, again = self.trial(family, number)
            faults = [fault for fault in faults if "late:" not in fault] + [
                fault for fault in again if "late:" in fault]
        self.results[family].append((run, faults))
        for fault in faults:
            print("%s, trial %d (%s): %s" % (family, number, kind, fault.strip()), file=sys.stderr)
        if self.options.trial is not None:
            print("exit %d in %.2f s, %.0f MB\n%s%s" % (
                run.exit, run.seconds, run.megabytes, run.output, run.errors), file=sys.stderr)

    def table(self):
        """One row a family; true when nothing happened that must not."""
        rows = ["| family | trials | crashes | past deadline + %d s | above %d MB | wrong scale-downs "
                "| slowest | largest |" % (GRACE, MEMORY), "|---|--:|--:|--:|--:|--:|--:|--:|"]
        is_good = True
        for family, results in self.results.items():
            if not results:
                continue
            faults = [fault for _, found in results for fault in found]
            counts = [sum(word in fault for fault in faults)
                      for word in ("crash:", "late:", "memory:", "down:")]
            is_good = is_good and not faults
            downs = "–" if family in UNJUDGED else counts[3]
            rows.append("| %s | %d | %d | %d | %d | %s | %.1f s | %.0f MB |" % (
                family, len(results), *counts[:3], downs,
                max(run.seconds for run, _ in results), max(run.megabytes for run, _ in results)))
        print("\n".join(rows))
        return is_good


def rewrite(path, change):
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(change(data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--planner", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--family", action="append", choices=list(FAMILIES))
    parser.add_argument("--trial", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.planner = os.path.abspath(options.planner)
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        campaign = Campaign(options, folder)
        with campaign.prometheus:
            campaign.go()
        sys.exit(0 if campaign.table() else 1)


if __name__ == "__main__":
    main()
