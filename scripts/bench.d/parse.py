"""The router's page of a very large deployment, read by our parser and by the original's."""
from measuring import median
from peer import peer_python
from workload import router_page

WORKERS = 10_000  # of each kind

PEER = """
import sys, time
from prometheus_client.parser import text_string_to_metric_families
text = open(sys.argv[1]).read()
start = time.perf_counter()
samples = sum(len(family.samples) for family in text_string_to_metric_families(text))
print(time.perf_counter() - start, samples)
"""


def measure(bench):
    """Adds the rows of the parser to the table."""
    page = bench.path("large-page")
    router_page(page, WORKERS, WORKERS, seed=1)
    with open(page, "rb") as file:
        size = len(file.read()) / 1e6
    lines = bench.output([bench.probe, "parse", page, "15"]).splitlines()
    if any(int(line.split()[1]) != 2 * WORKERS for line in lines):
        raise SystemExit("The parser did not find every worker.")
    ours = size / median([float(line.split()[0]) for line in lines[3:]])
    what = "router page of %d + %d workers × 5 gauges (%.1f MB), parsed" % (WORKERS, WORKERS, size)
    bench.row(what, "%.0f MB/s" % ours, "≥ 500 MB/s", ours >= 500)
    python = peer_python(bench)
    if python:
        seconds, samples = bench.output([python, "-c", PEER, page]).split()
        if int(samples) != 10 * WORKERS:
            raise SystemExit("The original's parser did not find every sample.")
        bench.row("the same page, the original's parser (prometheus_client)",
                  "%.1f MB/s" % (size / float(seconds)), "", None)
