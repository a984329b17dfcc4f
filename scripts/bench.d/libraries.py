"""Times the forecasting libraries from PyPI. Run by forecast.py inside the throw-away environment.

Reads one JSON object from standard input: {"tool", "runs", "series"}; prints a JSON list of seconds,
one of each run. The first, untimed fit compiles and caches what there is to compile.
"""
import json
import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def pmdarima(values):
    import pmdarima as pm

    def once():
        # As the original planner calls it.
        return pm.auto_arima(values, suppress_warnings=True, error_action="ignore")
    return once


def statsforecast(values):
    import numpy
    from statsforecast.models import AutoARIMA
    series = numpy.array(values)
    return lambda: AutoARIMA(season_length=1).forecast(y=series, h=1)


def prophet(values, seconds):
    import pandas
    from prophet import Prophet
    # The end of each interval, as the planner's own predictor counts it from the epoch on.
    times = pandas.to_datetime([(i + 1) * seconds for i in range(len(values) + 1)], unit="s")
    frame = pandas.DataFrame({"ds": times[:-1], "y": values})

    def once():
        model = Prophet()
        model.fit(frame)
        return model.predict(pandas.DataFrame({"ds": times[-1:]}))
    return once


def update(values):
    """One more value for a fitted ARIMA model, as the original planner does each interval."""
    import pmdarima as pm
    model = pm.auto_arima(values[:-50], suppress_warnings=True, error_action="ignore")
    rest = iter(values[-50:])

    def once():
        model.update([next(rest)])
        return model.predict(n_periods=1)
    return once


given = json.load(sys.stdin)
tool, values, runs = given["tool"], given["series"], given["runs"]
once = {"pmdarima": pmdarima, "statsforecast": statsforecast, "update": update,
        "prophet": lambda values: prophet(values, given["interval_seconds"])}[tool](values)
once()
seconds = []
for _ in range(runs):
    start = time.perf_counter()
    once()
    seconds.append(time.perf_counter() - start)
print("RESULT" + json.dumps(seconds))
