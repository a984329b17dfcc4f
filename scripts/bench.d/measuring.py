"""What all benchmarks share: timed runs, medians, the table, and the programs they need."""
import os
import statistics
import subprocess
import tempfile
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# wall and cpu in seconds, peak in MB (10^6 bytes).
Run = namedtuple("Run", "wall cpu peak exit errors")


class Bench:
    """A folder for one run of the benchmarks, the C programs in it, and the rows of the table."""

    def __init__(self, planner, probe, runs):
        self.planner = planner
        self.probe = probe
        self.runs = runs
        self.folder = tempfile.mkdtemp(prefix="sla-planner-bench-")
        self.rows = []
        self.peer = None  # see peer.py
        self.notes = []
        compiler = os.environ.get("CC", "clang")
        for name, libraries in [("timing", []), ("floor", ["-lcurl", "-lsqlite3"]),
                                ("pageserver", ["-lpthread"]),
                                ("apiserver", ["-lssl", "-lcrypto", "-lpthread"])]:
            subprocess.run([compiler, "-O2", "-Wall", "-o", self.path(name),
                            os.path.join(HERE, name + ".c"), *libraries], check=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def time(self, command, environment=None):
        """Runs a command once; its own output on stderr is kept."""
        done = subprocess.run([self.path("timing"), *command], env=environment or {},
                              capture_output=True, text=True, check=True)
        wall, cpu, peak, status = done.stdout.split()
        return Run(float(wall), float(cpu), float(peak) * 1024 / 1e6, int(status), done.stderr)

    def output(self, command):
        """What a command prints."""
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def row(self, what, value, bound, is_met):
        """Adds a line to the table; `is_met` is None where nothing was asked for."""
        self.rows.append((what, value, bound, {True: "yes", False: "**no**", None: ""}[is_met]))

    def note(self, sentence):
        self.notes.append(sentence)

    def table(self):
        header = ("what", "measured", "asked for", "met")
        lines = [header, tuple("---" for _ in header), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def median(values):
    return statistics.median(values)


def spread(values):
    """Median with the quartiles, in milliseconds."""
    if len(values) < 4:
        return "%.1f ms" % (median(values) * 1e3)
    low, middle, high = (q * 1e3 for q in statistics.quantiles(values, n=4))
    return "%.1f ms (%.1f–%.1f)" % (middle, low, high)
