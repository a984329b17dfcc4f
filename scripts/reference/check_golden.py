#!/usr/bin/env python3
"""Computes golden files again from the inputs that stand in them, and says how far they are off.

Usage: scripts/reference/check_golden.py [PART…]
  PART  kalman, regression, interpolation, arima, prophet; all of them unless some are named
Needs, from PyPI: numpy, scipy, pmdarima (arima), prophet (prophet).

The original planner's part in these files is small, so it is written down here: a local linear
trend for `kalman`, a line through the newest points for `regression`, SciPy's cubic spline for
`interpolation`, the library's own defaults for `arima` and `prophet`. What an optimiser found
differs with its version; the last columns are what to look at there.
"""
import json
import math
import pathlib
import sys

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "golden"


def golden(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def off(found, expected):
    """The relative difference, over at least one."""
    return abs(found - expected) / max(1, abs(expected))


def numbers(values):
    return [float(value) for value in values]


def kalman():
    """Forecast after each value: the first sets the level, then update and predict."""
    worst, count = 0, 0
    data = golden("kalman")
    transition = np.array([[1.0, 1.0], [0.0, 1.0]])
    for case in data["cases"]:
        config = {**data["defaults"], **case["config"]}
        noise = np.diag(
            [max(1e-12, config["kalman_q_level"]), max(1e-12, config["kalman_q_trend"])])
        measured = max(1e-9, config["kalman_r"])
        state = None
        for value, expected in zip(numbers(case["values"]), numbers(case["forecasts"])):
            value = 0.0 if math.isnan(value) else value
            if config["load_predictor_log1p"]:
                value = math.log1p(max(0.0, value))
            if state is None:
                if value == 0:  # Idle time before the first request.
                    continue
                state, spread = np.array([value, 0.0]), 1000 * np.eye(2)
            else:
                gain = spread[:, 0] / (spread[0, 0] + measured)
                state = state + gain * (value - state[0])
                keep = np.eye(2) - np.outer(gain, [1.0, 0.0])
                spread = keep @ spread @ keep.T + measured * np.outer(gain, gain)
            # The original predicts once after each value, and keeps the prediction as its state.
            state, spread = transition @ state, transition @ spread @ transition.T + noise
            forecast = state[0]
            if config["load_predictor_log1p"]:
                forecast = max(0.0, math.expm1(forecast))
            worst, count = max(worst, off(forecast, expected)), count + 1
    return f"{count} forecasts, at most {worst:.1e} off"


def regression():
    worst, count = 0, 0
    for case in golden("regression")["cases"]:
        for probe in case["probes"]:
            if probe.get("slope") in (None, "NaN"):
                continue
            pairs = np.array(case["observations"][: probe["after"]], dtype=float)
            x, y = pairs[-case["window_size"]:].T
            spread = ((x - x.mean()) ** 2).sum()
            slope = ((x - x.mean()) * (y - y.mean())).sum() / spread if spread else 0.0
            scale = max(1, abs(y).max())
            worst = max(worst, abs(y.mean() - slope * x.mean() - float(probe["intercept"])) / scale)
            count += 1
    return f"{count} lines, intercepts at most {worst:.1e} of the largest value off"


def interpolation():
    from scipy.interpolate import interp1d
    worst, count = 0, 0
    for profile in golden("interpolation")["profiles"].values():
        raw = profile["raw"]
        curves = [interp1d(raw["prefill_isl"], raw[key], kind="cubic")
                  for key in ("prefill_ttft", "prefill_thpt_per_gpu")]
        for isl, *expected in profile["interp1d_cubic"]:
            for curve, value in zip(curves, expected):
                worst, count = max(worst, off(float(curve(isl)), value)), count + 1
    return f"{count} values, at most {worst:.1e} off"


def arima():
    import pmdarima
    equal, worst, count = 0, 0, 0
    for fit in golden("arima")["fits"]:
        values = np.array(numbers(fit["values"]))
        series = np.log1p(np.maximum(values, 0)) if fit["log1p"] else values
        model = pmdarima.auto_arima(series, suppress_warnings=True, error_action="ignore")
        count += 1
        if list(model.order) == fit["order"]:
            equal += 1
            worst = max(worst, abs(model.aic() - float(fit["aic"])))
    return f"{count} fits, {equal} with the order in the file; AIC of those at most {worst:.2g} off"


def prophet():
    import logging

    import pandas
    from prophet import Prophet
    logging.getLogger("cmdstanpy").disabled = True
    near, count = 0, 0
    for case in golden("prophet")["cases"]:
        values = np.log1p(case["y"]) if case["log1p"] else np.array(case["y"], dtype=float)
        if case.get("ds"):
            times = pandas.to_datetime(case["ds"])
        else:
            times = pandas.Timestamp(case["start"]) + pandas.to_timedelta(
                np.arange(case["n"]) * case["step_s"], unit="s")
        model = Prophet().fit(pandas.DataFrame({"ds": times, "y": values}))
        found = model.predict(pandas.DataFrame({"ds": pandas.to_datetime(case["next_ds"][:1])}))
        count += 1
        near += off(float(found["yhat"].iloc[0]), case["yhat"][0]) <= 0.01
    return f"{count} fits, {near} forecasts within 1 %"


PARTS = {"kalman": kalman, "regression": regression, "interpolation": interpolation,
         "arima": arima, "prophet": prophet}


def main():
    parts = sys.argv[1:] or list(PARTS)
    for part in parts:
        if part not in PARTS:
            sys.exit(f"There is no part {part}; there are {', '.join(PARTS)}.")
    for part in parts:
        print(f"{part}: {PARTS[part]()}", flush=True)


main()
