"""The world that the benchmarks show the planner: traffic in Prometheus, workers on a router's page."""
import random

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
INTERVAL = 180
# Two real days in the past, aligned to the intervals.
START = 1_790_000_100 // INTERVAL * INTERVAL
SCRAPE = 15


def openmetrics(path, intervals):
    """Writes the frontend's counters of `intervals` intervals from START on.

    The request rate swings from one interval to the next: more than the workers there are can take,
    and never the same forecast twice.
    """
    chance = random.Random(1)
    totals = dict.fromkeys(
        ["requests_total", *(name + part for part in ("_sum", "_count") for name in (
            "time_to_first_token_seconds", "inter_token_latency_seconds",
            "request_duration_seconds", "input_sequence_tokens", "output_sequence_tokens"))], 0.0)
    points = {name: [] for name in totals}
    for step in range(intervals * INTERVAL // SCRAPE + 1):
        time = START + step * SCRAPE
        for name, value in totals.items():
            points[name].append("%s %d" % (round(value, 6), time))
        rate = 380 if step * SCRAPE // INTERVAL % 2 else 120
        count = round(rate * SCRAPE * chance.uniform(0.95, 1.05))
        osl = chance.uniform(280, 320)
        for name, mean, weight in [
                ("time_to_first_token_seconds", chance.uniform(0.18, 0.24), count),
                ("inter_token_latency_seconds", chance.uniform(0.010, 0.012), count * osl),
                ("request_duration_seconds", chance.uniform(3.2, 3.8), count),
                ("input_sequence_tokens", chance.uniform(2400, 2600), count),
                ("output_sequence_tokens", osl, count)]:
            totals[name + "_sum"] += mean * weight
            totals[name + "_count"] += weight
        totals["requests_total"] += count
    with open(path, "w") as file:
        for name, lines in sorted(points.items()):
            extra = ""
            if name == "requests_total":
                extra = ',endpoint="chat_completions",error_type="",request_type="stream",' \
                        'status="success"'
            labels = 'instance="frontend:8000",job="frontend",model="%s"%s' % (MODEL.lower(), extra)
            for line in lines:
                file.write("dynamo_frontend_%s{%s} %s\n" % (name, labels, line))
        file.write("# EOF\n")


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
