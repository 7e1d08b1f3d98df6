"""Rebuilds exponential_smoothing.json. Run by hand, never by CI.

    python -m venv .venv-golden
    .venv-golden/bin/pip install numpy==2.4.6 statsmodels==0.14.6
    .venv-golden/bin/python tests/golden/generate_smoothing.py

The file names the versions, the seed, the calls that made its numbers, and
the tolerance within which ours must agree.
"""

import json
import platform
import warnings
from pathlib import Path

import numpy as np
import statsmodels
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

FOLDER = Path(__file__).parent
SEED = 20240601
SEASON = 6
HORIZON = 14


def series(rows):
    """Trend, season and an autocorrelated rest."""
    random = np.random.default_rng(SEED)
    row = np.arange(rows)
    rest = np.zeros(rows)
    for i in range(1, rows):
        rest[i] = 0.6 * rest[i - 1] + random.normal(scale=2)
    season = 10 * np.sin(2 * np.pi * row / SEASON) + 3 * (row % 2)
    return np.round(50 + 0.2 * row + season + rest, 6)


def start():
    season = np.round(10 * np.sin(2 * np.pi * np.arange(SEASON) / SEASON), 6)
    return {"level": 49.0, "trend": 0.3, "season": season.tolist()}


def ets(target, state, trend, seasonal):
    """The model from a known state; statsmodels lists the newest season first,
    which before the first row is the last of the season."""
    return ETSModel(
        target, error="add",
        trend=None if trend == "none" else "add", damped_trend=trend == "damped",
        seasonal="add" if seasonal else None,
        seasonal_periods=SEASON if seasonal else None,
        initialization_method="known", initial_level=state["level"],
        initial_trend=None if trend == "none" else state["trend"],
        initial_seasonal=state["season"] if seasonal else None,
    )


def parameter_list(model, p, state, seasonal):
    named = {
        "smoothing_level": p["level"], "smoothing_trend": p["trend"],
        "smoothing_seasonal": p["season"], "damping_trend": p["damping"],
        "initial_level": state["level"], "initial_trend": state["trend"],
    }
    for k in range(SEASON):
        named[f"initial_seasonal.{k}"] = state["season"][SEASON - 1 - k]
    return [named[name] for name in model.param_names]


def case(target, trend, parameters, seasonal=True):
    state = start()
    model = ets(target, state, trend, seasonal)
    result = model.smooth(parameter_list(model, parameters, state, seasonal))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = model.fit(disp=False, maxiter=5000)
    return {
        "trend": trend,
        "start": state if seasonal else {**state, "season": [0.0]},
        "parameters": parameters,
        "fitted": result.fittedvalues.tolist(),
        "forecast": np.asarray(result.forecast(HORIZON)).tolist(),
        "leastSquaredError": float(best.sse),
    }


def other_way(target):
    """The older Holt-Winters class, whose smoothing_trend is β / α. Its one-step
    forecasts only: those beyond the end leave the last value out of the season."""
    state, p = start(), {"level": 0.3, "trend": 0.06, "season": 0.14, "damping": 0.9}
    model = ExponentialSmoothing(
        target, trend="add", damped_trend=True, seasonal="add",
        seasonal_periods=SEASON, initialization_method="known",
        initial_level=state["level"], initial_trend=state["trend"],
        initial_seasonal=state["season"],
    )
    result = model.fit(
        smoothing_level=p["level"], smoothing_trend=p["trend"] / p["level"],
        smoothing_seasonal=p["season"],
        damping_trend=p["damping"], optimized=False,
    )
    return {"start": state, "parameters": p, "fitted": result.fittedvalues.tolist()}


if __name__ == "__main__":
    target = series(90)
    cases = [
        case(target, "none", {"level": 0.4, "trend": 0.0, "season": 0.2, "damping": 0.0}),
        case(target, "additive", {"level": 0.3, "trend": 0.05, "season": 0.1, "damping": 1.0}),
        case(target, "damped", {"level": 0.3, "trend": 0.06, "season": 0.14, "damping": 0.9}),
        case(target, "damped", {"level": 0.7, "trend": 0.2, "season": 0.0, "damping": 0.85},
             seasonal=False),
    ]
    document = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "statsmodels": statsmodels.__version__,
        },
        "seed": SEED,
        "calls": "ETSModel(error='add', initialization_method='known').smooth(parameters): fittedvalues, forecast; .fit(): sse; ExponentialSmoothing(...).fit(optimized=False): fittedvalues",
        "tolerance": {
            "relative": 1e-9,
            "leastSquaredError": 1.002,
            "why": "the least error is that of two different searches in slightly different bounds",
        },
        "target": target.tolist(),
        "horizon": HORIZON,
        "cases": cases,
        "holtWinters": other_way(target),
    }
    text = json.dumps(document, indent=1, allow_nan=False)
    (FOLDER / "exponential_smoothing.json").write_text(text + "\n")
