"""Writes prophet_tight.json: the library's own optimum of every case and window of prophet.json.

The library optimises with Newton's method below 100 points and L-BFGS above. Both stop short of
the optimum where the Laplace prior has its kink, so the same Stan program, data and initial values
are run under each of CmdStan's optimisers with tight tolerances; the highest `lp__` counts.
`default_lp` is that of the library's defaults. A log1p window's yhat is on the log scale.

Usage, in Tests/Fixtures/golden, with prophet 1.5.0 and pandas 3.1.1 from PyPI:
  python ../../../scripts/reference/prophet_tight.py prophet.json > prophet_tight.json
"""

import json
import logging
import math
import sys
import warnings

import numpy as np
import pandas as pd
from prophet import Prophet

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

TIGHT = dict(tol_obj=1e-15, tol_rel_obj=1, tol_grad=1e-14, tol_rel_grad=1, tol_param=1e-14)
ALGORITHMS = {
    "default": {},
    "BFGS": dict(algorithm="BFGS", **TIGHT),
    "LBFGS": dict(algorithm="LBFGS", history_size=30, **TIGHT),
}
START = pd.Timestamp("2024-01-01")


def optimum(times, values, future):
    """The best fit of the three; None for a constant history, which the library doesn't fit."""
    if min(values) == max(values):
        return None
    found = {}
    for name, options in ALGORITHMS.items():
        try:
            model = Prophet()
            model.fit(pd.DataFrame({"ds": times, "y": values}), **options)
        except (RuntimeError, ValueError):  # gave up; a ValueError in the fallback to Newton
            continue
        lp = float(model.stan_backend.stan_fit.optimized_params_dict["lp__"])
        forecast = model.predict(pd.DataFrame({"ds": [future]}))
        found[name] = (lp, float(forecast.yhat.iloc[0]))
    name = max(found, key=lambda key: found[key][0])
    return {
        "algorithm": name,
        "lp": found[name][0],
        "yhat": found[name][1],
        "default_lp": found["default"][0],
    }


def windows(case):
    """Each step of a predictor case: count of values seen, times, values and the next time."""
    wanted = {step["after"] for step in case["steps"]}
    times, values = [], []
    for after, value in enumerate(case["values"], 1):
        if value == 0 and not times:
            continue
        times.append(START + pd.Timedelta(seconds=len(times) * case["step_s"]))
        values.append(math.log1p(value) if case["log1p"] else value)
        size = case["window_size"]
        if after in wanted and len(times) >= 5:
            following = times[-1] + pd.Timedelta(seconds=case["step_s"])
            yield after, times[-size:], values[-size:], following


golden = json.load(open(sys.argv[1]))
cases, predictor_cases = [], []
for case in golden["cases"]:
    values = [math.log1p(y) for y in case["y"]] if case["log1p"] else case["y"]
    if "ds" in case:
        times = pd.to_datetime(case["ds"])
    else:
        times = START + pd.to_timedelta(np.arange(case["n"]) * case["step_s"], unit="s")
    best = optimum(times, values, pd.Timestamp(case["next_ds"][0]))
    if best:
        cases.append({"name": case["name"], **best})
for case in golden["predictor_cases"]:
    steps = []
    for after, times, values, following in windows(case):
        best = optimum(times, values, following)
        if best:
            steps.append({"after": after, **best})
    predictor_cases.append({"name": case["name"], "steps": steps})
source = "prophet 1.5.0, pandas 3.1.1, numpy 2.4.6, python 3.11.7, x86_64 Linux; prophet_tight.py"
json.dump({"source": source, "cases": cases, "predictor_cases": predictor_cases}, sys.stdout)
