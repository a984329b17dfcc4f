"""The container image: what takes the space, and how long its binary takes to start."""
import os
import re
import subprocess

from measuring import ROOT, median, spread


def measure(bench):
    """Adds the rows of the image to the table."""
    root = bench.path("image-root")
    output = bench.output([os.path.join(ROOT, "scripts/build-image-root"), "--no-check", "--binary",
                           bench.planner, root])
    parts = re.findall(r"^(.+?) +([\d.]+) MB +([\d.]+) MB gzipped$", output, re.MULTILINE)
    for part, size, packed in parts:
        whole = part == "all of it"
        bench.row("image: %s, as it is / gzipped" % part, "%s MB / %s MB" % (size, packed),
                  "≤ 45 MB gzipped" if whole else "", float(packed) <= 45 if whole else None)
    if not parts or parts[-1][0] != "all of it":
        raise SystemExit("scripts/build-image-root printed no table:\n" + output)
    runs = [bench.time([root + "/usr/bin/sla-planner", "--version"]) for _ in range(bench.runs + 3)]
    if any(run.exit != 0 for run in runs):
        raise SystemExit("The image's binary does not start:\n" + runs[0].errors)
    times = [run.wall for run in runs[3:]]
    bench.row("image: start-up of its binary (`--version`)", spread(times), "≤ 15 ms",
              median(times) <= 0.015)
