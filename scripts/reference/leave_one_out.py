#!/usr/bin/env python3
"""How well a decode surface predicts a context length that was not profiled.

Every inner context row of a profile is left out in turn; the surface made of the other rows is
asked for the left-out points, and the mean relative error of inter-token latency and of throughput
is taken over all of them. The outermost rows are not left out: no surface can know what lies
beyond the profiled range.

This script does it for the surface of the original planner (ai-dynamo 1.0.0), SciPy's cubic
griddata over (KV usage, context), with what lies outside the convex hull filled from the nearest
point; twice: asked at the points themselves ("cubic"), and as the planner uses it, evaluated once
on a 100 x 100 grid over [0, 1] x [0, largest context] with queries rounded to the nearest cell
("grid"). The numbers stand beside ours in Tests/EngineProfilesTests.

Usage: leave_one_out.py > Tests/Fixtures/profiles/leave_one_out.json
Needs: numpy, scipy.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.interpolate import griddata

PROFILES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "profiles"
CELLS = 100


def surface(points, values, queries):
    cubic = griddata(points, values, queries, method="cubic")
    nearest = griddata(points, values, queries, method="nearest")
    return np.where(np.isnan(cubic), nearest, cubic)


def cells(usage, context, largest_context):
    """The centres of the grid cells that the queries are rounded to."""
    columns = np.clip(np.round(usage * (CELLS - 1)), 0, CELLS - 1)
    rows = np.clip(np.round(context / largest_context * (CELLS - 1)), 0, CELLS - 1)
    return columns / (CELLS - 1), rows / (CELLS - 1) * largest_context


def errors(profile):
    usage, context, itl, throughput = (
        np.array(profile[key], float)
        for key in ("x_kv_usage", "y_context_length", "z_itl", "z_thpt_per_gpu")
    )
    found = {f"{kind}_{name}": [] for kind in ("cubic", "grid") for name in ("itl", "throughput")}
    for left_out in np.unique(context)[1:-1]:
        kept = context != left_out
        points = np.column_stack([usage[kept], context[kept]])
        for kind in ("cubic", "grid"):
            queries = (usage[~kept], context[~kept])
            if kind == "grid":
                queries = cells(*queries, context[kept].max())
            for name, values in (("itl", itl), ("throughput", throughput)):
                answers = surface(points, values[kept], queries)
                found[f"{kind}_{name}"].extend(abs(answers / values[~kept] - 1))
    return {"points": len(found["cubic_itl"])} | {
        f"{name}_error": float(np.mean(values)) for name, values in found.items()
    }


result = {
    "source": f"scripts/reference/leave_one_out.py with scipy {scipy.__version__}, "
    f"numpy {np.__version__}",
    "profiles": {
        file.parent.name: errors(json.loads(file.read_text()))
        for file in sorted(PROFILES.glob("*/decode_raw_data.json"))
    },
}
print(json.dumps(result, indent=2))
