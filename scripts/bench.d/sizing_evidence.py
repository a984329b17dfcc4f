"""Simulates what docs/evidence/sizing.md shows, and prints its tables as Markdown. Started by
scripts/sizing-evidence.

Usage: scripts/sizing-evidence --data FOLDER [--planner FILE] [--plots FOLDER] [--jobs N] [PART…]
  FOLDER  has `traces` (Mooncake and Azure) and `profiles` (H200 8B tp1, H100 70B tp4)
  PART    60, 180 (start-up, seconds), other, drill; all of them unless some are named

Without --planner it builds one for release. Takes about ten minutes.
"""
import argparse
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

PARTS = ["60", "180", "other", "drill"]
ROOT = pathlib.Path(__file__).resolve().parents[2]

H200 = ["--profile-results-dir", "{profiles}/h200-llama3.1-8b-tp1"]
H100 = [
    "--profile-results-dir", "{profiles}/h100-llama3.3-70b-tp4",
    "--prefill-engine-num-gpu", "4", "--decode-engine-num-gpu", "4",
]
CHAT = ["{traces}/mooncake_conversation_trace.jsonl", "--scale", "16"]
CODE = ["{traces}/AzureLLMInferenceTrace_code.csv", "--jitter", "30"]
DAY = ["--synthetic", "--synthetic-rate", "60", "--ttft", "1500", "--itl", "20", *H100]

COLUMNS = {
    "chat": CHAT + ["--ttft", "3000", "--itl", "15", *H200],
    "chat70": CHAT + ["--ttft", "10000", "--itl", "25", *H100],
    "code": CODE + ["--scale", "64", "--ttft", "300", "--itl", "10", *H200],
    "calm": DAY + ["--synthetic-bursts", "0"],
    "day": DAY,
}
# Traffic and engines that nothing was tuned on.
OTHER = {
    "chat, other seed": COLUMNS["chat"] + ["--seed", "2"],
    "day, other seed": DAY + ["--seed", "2"],
    "day of 200 requests/s, 8B": [
        "--seed", "3", "--synthetic", "--synthetic-rate", "200", "--synthetic-isl", "3000",
        "--synthetic-osl", "400", "--ttft", "500", "--itl", "12", *H200,
    ],
    "code × 32, 70B, warm": CODE
    + ["--scale", "32", "--ttft", "2000", "--itl", "25", "--initial", "60,5", *H100],
    "code, warm": COLUMNS["code"] + ["--initial", "38,4"],
}

ONE = "planner:modes=throughput"
TOLD = ONE + ",startup-delay={startup}"
QUICK = TOLD + ",adjustment-interval=60"
POLICIES = {
    "as it comes: 0.95, 180 s": ONE,
    "0.95, 60 s": QUICK,
    "0.97, 60 s": QUICK + ",sla-quantile=0.97",
    "0.98, 60 s": QUICK + ",sla-quantile=0.98",
    "0.98, 60 s, `auto`": QUICK + ",sla-quantile=0.98,load-predictor=auto",
    "0.98, 180 s": TOLD + ",sla-quantile=0.98",
    "0.98, 60 s, both modes": QUICK.replace("throughput", "both", 1) + ",sla-quantile=0.98",
    "capacity": ONE + ",sizing=capacity",
    "capacity, both modes": "planner:modes=both,sizing=capacity",
    "original:modes=both": "original:modes=both",
    "hpa:target=0.5": "hpa:target=0.5",
    "hpa:target=0.7": "hpa:target=0.7",
    "fixed:peak=1": "fixed:peak=1",
    "oracle": "oracle",
    "oracle-past": "oracle-past",
    "oracle-past:margin=1.3": "oracle-past:margin=1.3",
}
OTHER_POLICIES = [
    "as it comes: 0.95, 180 s", "0.95, 60 s", "0.98, 60 s", "hpa:target=0.5", "hpa:target=0.7",
    "fixed:peak=1", "oracle",
]


class Lab:
    def __init__(self, planner, data, plots):
        self.planner, self.plots = planner, plots
        self.folders = {"traces": f"{data}/traces", "profiles": f"{data}/profiles"}

    def simulate(self, traffic, startup, policies, extra=()):
        """What each of the policies made of it, by its name in the table."""
        command = [str(self.planner), "simulate", "--output", "json"]
        command += [part.format(**self.folders) for part in traffic]
        command += ["--worker-startup", str(startup), "--loadbased-metric-samples", "3", *extra]
        specs = {name: POLICIES[name].format(startup=startup) for name in policies}
        for spec in specs.values():
            command += ["--policy", spec]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        found = {entry["policy"]: entry["total"] for entry in json.loads(run.stdout)["policies"]}
        return {name: found[spec] for name, spec in specs.items()}

    def plot(self, name, startup):
        return ["--plot", f"{self.plots}/{name}-{startup}.svg"] if self.plots else []


def rows(columns, results, policies):
    print("| policy | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name in policies:
        cells = []
        for column in columns:
            total, best = results[column][name], results[column]["oracle"]
            cells.append(
                f"{100 * total['sla_attainment']:.2f} %,"
                f" {total['gpu_hours'] / best['gpu_hours']:.2f} ×"
            )
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()


def changes(columns, results):
    """Changes an hour of the component that changes more, of this planner's rows."""
    print("Changes an hour of the busier component:\n")
    for name in POLICIES:
        if name[0] not in "a0":
            continue
        counts = []
        for column in columns:
            total = results[column][name]
            most = max(total["changes"].values(), default=0)
            counts.append(f"{column} {most / total['seconds'] * 3600:.0f}")
        print(f"- {name}: " + ", ".join(counts))
    print()


def drill(lab, startup):
    """When the shares of all later quarter minutes stay above 99 % after traffic doubled."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as timeline:
        lab.simulate(
            ["--synthetic", "--synthetic-rate", "40", "--synthetic-trough", "1",
             "--synthetic-bursts", "0", "--synthetic-hours", "0.5", "--initial", "6,4",
             "--report-interval", "15", "--ttft", "1500", "--itl", "20", *H100],
            startup, ["0.98, 60 s"], ["--timeline", timeline.name])
        steps = list(csv.DictReader(open(timeline.name)))
    late = [float(step["start_s"]) for step in steps if float(step["sla_attainment"] or 1) < 0.99]
    print(f"- start-up {startup} s: above 99 % from {max(late, default=-15) + 15:.0f} s on")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("Usage: ")[2].strip())
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--planner", type=pathlib.Path)
    parser.add_argument("--plots", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    parts = options.parts or PARTS
    planner = options.planner
    if planner is None:
        build = ["swift", "build", "-c", "release", "--product", "sla-planner"]
        subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
        folder = subprocess.run(
            build + ["--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
        planner = pathlib.Path(folder.stdout.strip()) / "sla-planner"
    lab = Lab(planner, options.data, options.plots)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        def table(traffic, startup, policies, plots=False):
            waiting = {
                name: pool.submit(
                    lab.simulate, arguments, startup, policies,
                    lab.plot(name, startup) if plots else [])
                for name, arguments in traffic.items()
            }
            return {name: result.result() for name, result in waiting.items()}

        for startup in ("60", "180"):
            if startup not in parts:
                continue
            print(f"Start-up {startup} s:\n")
            results = table(COLUMNS, startup, list(POLICIES), plots=True)
            rows(list(COLUMNS), results, list(POLICIES))
            changes(list(COLUMNS), results)
        if "other" in parts:
            print("Traffic that nothing was tuned on, start-up 60 s:\n")
            rows(list(OTHER), table(OTHER, 60, OTHER_POLICIES), OTHER_POLICIES)
    if "drill" in parts:
        print("Overload drill:\n")
        for startup in (60, 180):
            drill(lab, startup)


main()
