"""Runs the benchmarks that were asked for and prints their table. Started by scripts/bench."""
import argparse
import shutil

import forecast
import image
import invocation
import kubernetes
import lookback
import parse
import peer
import state
from measuring import Bench

PARTS = {"invocation": invocation.measure, "kubernetes": kubernetes.measure,
         "image": image.measure, "peer": peer.measure, "parse": parse.measure,
         "state": state.measure, "simulate": lookback.simulate, "audit": lookback.audit,
         "report": lookback.report, "forecast": forecast.measure}

parser = argparse.ArgumentParser(prog="scripts/bench")
parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS) + " (all)")
parser.add_argument("--planner", required=True, help=argparse.SUPPRESS)
parser.add_argument("--probe", required=True, help=argparse.SUPPRESS)
parser.add_argument("--runs", type=int, default=40, help="runs per median (40)")
parser.add_argument("--keep", action="store_true", help="keep the folder with everything made")
given = parser.parse_args()
unknown = set(given.parts) - set(PARTS)
if unknown:
    parser.error("there is no part " + ", ".join(sorted(unknown)))

bench = Bench(given.planner, given.probe, given.runs)
try:
    for part in given.parts or PARTS:
        PARTS[part](bench)
finally:
    if given.keep:
        print("Kept:", bench.folder)
    else:
        shutil.rmtree(bench.folder)
print(bench.table())
for note in bench.notes:
    print("\n" + note)
