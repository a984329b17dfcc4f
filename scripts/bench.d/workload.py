"""The world that the benchmarks show the planner: traffic in Prometheus, workers on a router's page."""
import math
import random

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
INTERVAL = 180
# Two real days in the past, aligned to the intervals.
START = 1_790_000_100 // INTERVAL * INTERVAL
SCRAPE = 15


# The upper bounds of a frontend's histograms, as release 1.0.0 has them.
BOUNDS = {
    "time_to_first_token_seconds": (
        0, 0.0022, 0.0047, 0.01, 0.022, 0.047, 0.1, 0.22, 0.47, 1, 2.2, 4.7, 10, 22, 48, 100, 220,
        480),
    "inter_token_latency_seconds": (
        0, 0.0019, 0.0035, 0.0067, 0.013, 0.024, 0.045, 0.084, 0.16, 0.3, 0.56, 1.1, 2, 4.1, 7.4,
        13, 24, 44, 80),
    "input_sequence_tokens": (
        0, 100, 210, 430, 870, 1800, 3600, 7400, 15000, 31000, 63000, 130000),
    "output_sequence_tokens": (0, 100, 210, 430, 880, 1800, 3700, 7600, 16000, 32000),
}


def openmetrics(path, intervals, rates=(120, 380)):
    """Writes the frontend's metrics of `intervals` intervals from START on.

    The requests of a scrape swing between `rates` from one interval to the next: more than the
    workers there are can take, and never the same forecast twice. Lengths and latencies are spread log-normally.
    """
    chance = random.Random(1)
    totals, points = {}, {}

    def grow(name, by, **labels):
        series = (name, tuple(labels.items()))
        totals[series] = totals.get(series, 0.0) + by

    def observe(name, mean, count):
        grow(name + "_sum", mean * count)
        grow(name + "_count", count)
        for bound in BOUNDS.get(name, ()):
            grow(name + "_bucket", count * lognormal_share(bound / mean), le="%g" % bound)
        if name in BOUNDS:
            grow(name + "_bucket", count, le="+Inf")

    for step in range(intervals * INTERVAL // SCRAPE + 1):
        time = START + step * SCRAPE
        rate = rates[step * SCRAPE // INTERVAL % 2]
        count = round(rate * SCRAPE * chance.uniform(0.95, 1.05)) if step else 0
        osl = chance.uniform(280, 320)
        observe("time_to_first_token_seconds", chance.uniform(0.18, 0.24), count)
        observe("inter_token_latency_seconds", chance.uniform(0.010, 0.012), count * osl)
        observe("request_duration_seconds", chance.uniform(3.2, 3.8), count)
        observe("input_sequence_tokens", chance.uniform(2400, 2600), count)
        observe("output_sequence_tokens", osl, count)
        grow("requests_total", count, endpoint="chat_completions", error_type="",
             request_type="stream", status="success")
        totals["inflight_requests", ()] = round(rate * 3.5)
        totals["queued_requests", ()] = round(rate * 0.2)
        for series, value in totals.items():
            points.setdefault(series, []).append("%s %d" % (round(value, 6), time))
    with open(path, "w") as file:
        for (name, labels), lines in sorted(points.items()):
            labels = (("instance", "frontend:8000"), ("job", "frontend"), ("model", MODEL.lower()),
                      *labels)
            labels = ",".join('%s="%s"' % label for label in labels)
            for line in lines:
                file.write("dynamo_frontend_%s{%s} %s\n" % (name, labels, line))
        file.write("# EOF\n")


def lognormal_share(ratio, sigma=0.8):
    """Share of a log-normal distribution below so many times its mean."""
    if ratio <= 0:
        return 0.0
    return 0.5 * math.erfc(-(math.log(ratio) + sigma * sigma / 2) / sigma / math.sqrt(2))


def router_page(path, prefill, decode, seed):
    """Writes the five gauges of so many workers as a router shows them."""
    chance = random.Random(seed)
    workers = [("prefill", i) for i in range(prefill)] + [("decode", i) for i in range(decode)]
    gauges = {
        "active_prefill_tokens": lambda kind: chance.randrange(0, 60_000) if kind == "prefill" else 0,
        "active_decode_blocks": lambda kind: chance.randrange(50, 900) if kind == "decode" else 0,
        "last_time_to_first_token_seconds": lambda kind: round(chance.uniform(0.05, 0.4), 9),
        "last_input_sequence_tokens": lambda kind: chance.randrange(200, 6_000),
        "last_inter_token_latency_seconds": lambda kind: round(chance.uniform(0.006, 0.02), 9),
    }
    with open(path, "w") as file:
        for name, value in gauges.items():
            name = "dynamo_frontend_worker_" + name
            file.write("# HELP %s Of each worker\n# TYPE %s gauge\n" % (name, name))
            for kind, number in workers:
                worker = 9_041_998_841_395_110_000 + number * 37 + (kind == "decode")
                file.write('%s{dp_rank="0",worker_id="%d",worker_type="%s"} %s\n'
                           % (name, worker, kind, value(kind)))
