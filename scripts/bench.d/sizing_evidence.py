"""Simulates what docs/evidence/sizing.md shows, and prints its tables as Markdown.

Usage: scripts/sizing-evidence --data FOLDER [--planner FILE] [--results FOLDER] [--jobs N]
         [--seeds 1..5] [--start-ups 60,180,300] [--asked 0.95,0.99] [--smoke] [PART...]
  FOLDER  has `traces` (Mooncake and Azure) and `profiles` (H200 8B tp1, H100 70B tp4)
  PART    scenarios, traces, engines, recovery; all of them unless some are named
  --results keeps what was simulated as JSON; what is there already is not simulated again
  --smoke   one seed, one start-up, half an hour of each scenario: does it all run?

The planner gets no flag but targets, budget and profile; --asked is its --sla-quantile. Without
--planner one is built for release.
"""
import argparse
import collections
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PARTS = ["scenarios", "traces", "engines", "recovery"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
H200 = "h200-llama3.1-8b-tp1"
H100 = "h100-llama3.3-70b-tp4"
BUDGET = ["--max-gpu-budget", "600"]

# Scenarios that share targets and engines; the name is appended to those of the scenarios.
GROUPS = {
    "": (H100, 2000, 25, "steady,chat,ramp,step,shift,burst,outlier,failing-starts,slow-starts,"
         "slow-engine,fast-engine,reasoning,night,weekday,weekend", []),
    " (documents)": (H100, 4000, 25, "long-prompts", []),
    " (8B)": (H200, 1000, 12, "chat,ramp,step,night", ["--scale", "3"]),
    " (8B, code)": (H200, 400, 10, "code", ["--scale", "4"]),
}
# Recorded traffic; the seed is that of scaling and jitter.
TRACES = {
    "Mooncake × 16": (H200, 3000, 15, ["{traces}/mooncake_conversation_trace.jsonl",
                                       "--scale", "16"]),
    "Mooncake × 16, 70B": (H100, 10000, 25, ["{traces}/mooncake_conversation_trace.jsonl",
                                             "--scale", "16"]),
    "Azure code × 64": (H200, 300, 10, ["{traces}/AzureLLMInferenceTrace_code.csv",
                                        "--scale", "64", "--jitter", "30"]),
}
CAUSAL = ["hpa:target=0.5", "hpa:target=0.7", "keda", "keda:growth=double"]
BASELINES = [*CAUSAL, "fixed:peak=1", "oracle", "oracle-past"]
# What the evidence has to show (the points below the asked share; the ratios).
BELOW, REACTIVE, OVERALL, REACHABLE, CHANGES = 0.005, 1.02, 0.97, 0.97, 12


def planner(asked):
    return f"planner:sla-quantile={asked:g}"


class Lab:
    def __init__(self, options, executable, results):
        self.options, self.executable, self.results = options, executable, results
        self.folders = {"traces": f"{options.data}/traces", "profiles": f"{options.data}/profiles"}

    def run(self, arguments):
        command = [str(self.executable), "simulate", *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        return run.stdout

    def engine(self, profile, ttft, itl):
        gpus = "4" if profile == H100 else "1"
        return ["--profile-results-dir", f"{self.folders['profiles']}/{profile}", "--ttft", str(ttft),
                "--itl", str(itl), "--prefill-engine-num-gpu", gpus, "--decode-engine-num-gpu", gpus,
                *BUDGET]

    def study(self, name, arguments, policies, frontier=True):
        """Every case of a call, from the results if it is there."""
        kept = self.results / f"{name}.json"
        if not kept.exists():
            began = time.monotonic()
            command = [part.format(**self.folders) for part in arguments]
            for policy in policies:
                command += ["--policy", policy]
            command += ["--seeds", self.options.seeds, "--jobs", str(self.options.jobs),
                        "--output", "json"] + (["--frontier"] if frontier else [])
            kept.write_text(self.run(command))
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        return json.loads(kept.read_text())["cases"]


class Row:
    """One scenario over its seeds."""

    def __init__(self, cases):
        self.cases = cases

    def values(self, policy, value):
        found = []
        for case in self.cases:
            result = next(p for p in case["report"]["policies"] if p["policy"] == policy)
            found.append(value(case["report"], result))
        return [number for number in found if number is not None]

    def attained(self, policy):
        return self.values(policy, lambda report, result: result["total"].get("sla_attainment"))

    def over(self, yardstick, policy):
        def ratio(report, result):
            number = report[f"gpu_hours_over_{yardstick}"].get(policy)
            return number["value"] if isinstance(number, dict) else number
        return self.values(policy, ratio)

    def outside(self, policy):
        return sum(case["report"]["gpu_hours_over_reactive"][policy]["basis"] != "within"
                   for case in self.cases)

    def changes(self, policy):
        return self.values(policy, lambda report, result: max(
            result["total"]["changes"].values(), default=0) / result["total"]["seconds"] * 3600)

    def reactive(self):
        """The rule without a forecast: mean share and GPU-hours of each margin."""
        points = zip(*(case["report"]["reactive_frontier"] for case in self.cases))
        return [(statistics.mean(point["sla_attainment"] for point in margin),
                 statistics.mean(point["gpu_hours_of_trace"] for point in margin))
                for margin in points]

    def hours(self, policy):
        return self.values(policy, lambda report, result: result["gpu_hours_of_trace"])

    def means(self, policy):
        return statistics.mean(self.attained(policy)), statistics.mean(self.hours(policy))

    def best_causal(self, policies):
        """The most that the rule without a forecast or one of the policies reaches."""
        return max([share for share, _ in self.reactive()]
                   + [self.means(policy)[0] for policy in policies])

    def dominators(self, policy, others):
        """Policies that attain as much for fewer GPU-hours, on average over the seeds."""
        share, hours = self.means(policy)
        found = [other for other in others
                 if self.means(other)[0] >= share and self.means(other)[1] < hours]
        if any(other >= share and cost < hours for other, cost in self.reactive()):
            found.append("reactive")
        return found


def spread(values, digits, factor=1):
    if not values:
        return "–"
    text = f"{factor * statistics.mean(values):.{digits}f}"
    return f"{text} ± {factor * statistics.stdev(values):.{digits}f}" if len(values) > 1 else text


def rows(groups):
    """Rows by scenario, of the groups' cases."""
    found = collections.OrderedDict()
    for suffix, cases in groups.items():
        for case in cases:
            found.setdefault(case["traffic"] + suffix, []).append(case)
    return {name: Row(cases) for name, cases in found.items()}


def table(found, asked, startup):
    """The planner on every scenario, and whether it shows what it has to."""
    policy = planner(asked)
    print(f"Asked {asked:g}, start-up {startup} s:\n")
    print("| scenario | within the targets, % | least | best causal rule, % | × oracle | × reactive |"
          " changes/h | dominated by | shown |\n|---|---|---|---|---|---|---|---|---|")
    ratios, short = [], 0
    for name, row in found.items():
        attained, reactive = row.attained(policy), row.over("reactive", policy)
        best = row.best_causal(CAUSAL + [policy])
        changes = row.changes(policy)
        # A fleet of the peak's size is a choice where the peak is known, day after day.
        rivals = CAUSAL + ["fixed:peak=1"] * name.startswith(("night", "weekday", "weekend"))
        dominators = row.dominators(policy, rivals)
        faults = []
        if best >= REACHABLE and statistics.mean(attained) < asked - BELOW:
            faults.append("share")
        if statistics.mean(reactive) > REACTIVE:
            faults.append("cost")
        if dominators:
            faults.append("dominated")
        if statistics.mean(changes) > CHANGES:
            faults.append("changes")
        ratios += reactive
        short += bool(faults)
        outside = row.outside(policy)
        print(f"| {name} | {spread(attained, 2, 100)} | {100 * min(attained):.2f} | {100 * best:.2f} |"
              f" {spread(row.over('oracle', policy), 3)} |"
              f" {spread(reactive, 3)}{f' ({outside} outside)' if outside else ''} |"
              f" {spread(changes, 1)} | {', '.join(dominators) or '–'} |"
              f" {', '.join(faults) or 'yes'} |")
    mean = statistics.mean(ratios)
    print(f"\nOver all scenarios {mean:.3f} × reactive ({'≤' if mean <= OVERALL else '>'} {OVERALL}); "
          f"{len(found) - short} of {len(found)} show everything.\n")


def baselines(found, policies, startup):
    print(f"Everybody, means over the seeds, start-up {startup} s (share within the targets, GPU-hours"
          f" over the oracle's):\n\n| scenario | {' | '.join(policies)} |\n|---|{'---|' * len(policies)}")
    for name, row in found.items():
        cells = [f"{100 * statistics.mean(row.attained(policy)):.2f} %, "
                 f"{statistics.mean(row.over('oracle', policy)):.2f} ×" for policy in policies]
        print(f"| {name} | {' | '.join(cells)} |")
    print()


def scenarios(lab, options):
    policies = [planner(asked) for asked in options.asked] + BASELINES
    length = ["--scenario-hours", "0.5"] if options.smoke else []
    for startup in options.start_ups:
        groups = {}
        for suffix, (profile, ttft, itl, names, more) in GROUPS.items():
            groups[suffix] = lab.study(
                f"scenarios{suffix}-{startup}",
                ["--scenario", names, *lab.engine(profile, ttft, itl), *more, *length,
                 "--worker-startup", str(startup)], policies)
        found = rows(groups)
        for asked in options.asked:
            table(found, asked, startup)
        baselines(found, policies, startup)


def traces(lab, options):
    policies = [planner(asked) for asked in options.asked] + BASELINES
    cut = ["--until", "900"] if options.smoke else []
    for startup in options.start_ups:
        found = {}
        for name, (profile, ttft, itl, arguments) in TRACES.items():
            found[name] = Row(lab.study(
                f"{name}-{startup}",
                [*arguments, *cut, *lab.engine(profile, ttft, itl), "--worker-startup",
                 str(startup)], policies))
        for asked in options.asked:
            table(found, asked, startup)
        baselines(found, policies, startup)


def slowed(lab, profile, factor, folder):
    """A copy of a profile whose engine takes `factor` times as long."""
    source = pathlib.Path(lab.folders["profiles"]) / profile
    for name in ["prefill_raw_data.json", "decode_raw_data.json"]:
        data = json.loads((source / name).read_text())
        for key, values in data.items():
            if key in ("prefill_ttft", "z_itl"):
                data[key] = [value * factor for value in values]
            if key.endswith("thpt_per_gpu"):
                data[key] = [value / factor for value in values]
        (pathlib.Path(folder) / name).write_text(json.dumps(data))
    return str(folder)


def engines(lab, options):
    """Engines that differ from the profile against a planner that knows them, from minute 15 on."""
    profile, ttft, itl = H100, 2000, 25
    startup = options.start_ups[0]
    print("Engines that differ from the profile, from the 15th minute on, start-up "
          f"{startup} s:\n\n| scenario | asked | share, % | share with the true profile, % |"
          " GPU-hours over those with the true profile |\n|---|---|---|---|---|")
    length = ["--scenario-hours", "0.5"] if options.smoke else []
    for scenario, factor in [("slow-engine", 1.25), ("fast-engine", 1 / 1.2)]:
        common = ["--scenario", scenario, *length, "--warm-up", "900", "--worker-startup",
                  str(startup)]
        policies = [planner(asked) for asked in options.asked]
        believed = Row(lab.study(f"{scenario}-believed",
                                 common + lab.engine(profile, ttft, itl), policies, False))
        with tempfile.TemporaryDirectory() as folder:
            # The start is the same: as many workers as the believed profile begins with.
            true = lab.engine(profile, ttft, itl) + [
                "--plant-profile", f"{lab.folders['profiles']}/{profile}"]
            true[1] = slowed(lab, profile, factor, folder)
            known = Row(lab.study(f"{scenario}-known", common + true, policies, False))
        for asked in options.asked:
            policy = planner(asked)
            hours = [row.hours(policy) for row in (believed, known)]
            print(f"| {scenario} | {asked:g} | {spread(believed.attained(policy), 2, 100)} |"
                  f" {spread(known.attained(policy), 2, 100)} |"
                  f" {spread([a / b for a, b in zip(*hours)], 3)} |")
    print()


def recovery(lab, options):
    """How long the planner holds far more than what is needed, after surges and outliers."""
    profile, ttft, itl = H100, 2000, 25
    need = "reactive:hold=60,margin=0.3"
    policy = planner(options.asked[0])
    startup = options.start_ups[0]
    first, _, last = options.seeds.partition("..")
    print(f"Longest time with more than 1.5 × what `{need}` asks for, and one worker more, start-up "
          f"{startup} s, minutes:\n\n| scenario | prefill | decode |\n|---|---|---|")
    length = ["--scenario-hours", "0.5"] if options.smoke else []
    for scenario in ["step", "burst", "outlier", "night", "failing-starts"]:
        longest = {"prefill": [], "decode": []}
        for seed in range(int(first), int(last or first) + 1):
            with tempfile.NamedTemporaryFile(suffix=".csv") as timeline:
                lab.run(["--scenario", scenario, *length, "--seed", str(seed),
                         *lab.engine(profile, ttft, itl), "--worker-startup", str(startup),
                         "--report-interval", "15", "--policy", policy, "--policy", need,
                         "--jobs", str(options.jobs), "--timeline", timeline.name])
                steps = collections.defaultdict(list)
                for step in csv.DictReader(open(timeline.name)):
                    steps[step["policy"]].append(step)
            for component, found in longest.items():
                run = most = 0
                for own, other in zip(steps[policy], steps[need]):
                    asked = int(own[f"{component}_asked"])
                    run = run + 1 if asked > 1.5 * int(other[f"{component}_asked"]) + 1 else 0
                    most = max(most, run)
                found.append(most / 4)
        print(f"| {scenario} | {spread(longest['prefill'], 1)} | {spread(longest['decode'], 1)} |")
    print()


def built():
    build = ["swift", "build", "-c", "release", "--product", "sla-planner"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
    folder = subprocess.run(
        build + ["--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return pathlib.Path(folder.stdout.strip()) / "sla-planner"


def main():
    def numbers(kind):
        return lambda text: [kind(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(usage=__doc__.partition("Usage: ")[2].strip())
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--planner", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--seeds", default="1..5")
    parser.add_argument("--start-ups", type=numbers(int), default=[60, 180, 300])
    parser.add_argument("--asked", type=numbers(float), default=[0.95, 0.99])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.smoke:
        options.seeds, options.start_ups = "1", options.start_ups[:1]
    executable = options.planner or built()
    with tempfile.TemporaryDirectory() as folder:
        results = options.results or pathlib.Path(folder)
        results.mkdir(parents=True, exist_ok=True)
        lab = Lab(options, executable, results)
        for part in options.parts or PARTS:
            began = time.monotonic()
            {"scenarios": scenarios, "traces": traces, "engines": engines,
             "recovery": recovery}[part](lab, options)
            print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)


main()
