"""Rebuilds volumes_under_surface.json. Run by hand, never by CI.

    python -m venv .venv-golden
    .venv-golden/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.14.6
    .venv-golden/bin/pip install TSB-AD==1.5 --no-deps
    .venv-golden/bin/python tests/golden/generate_vus.py

TSB-AD's whole package needs PyTorch; its modules of metrics and periods need a few
imports that are not used here, which are left empty. The file names the versions,
the seed, the calls that made its numbers, and the tolerance within which ours
must agree.
"""

import importlib.metadata
import importlib.util
import json
import platform
import sys
import types
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

FOLDER = Path(__file__).parent
SEED = 20240601


def load(name, file):
    """A module alone: its package would import every detector."""
    path = importlib.metadata.distribution("TSB-AD").locate_file(f"TSB_AD/{file}")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def basic_metrics():
    for name in ("sklearn", "sklearn.metrics"):
        sys.modules.setdefault(name, MagicMock())
    for name in ("evaluation", "evaluation.affiliation"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = []
    for name in ("generics", "metrics"):
        sys.modules[f"evaluation.affiliation.{name}"] = MagicMock()
    return load("evaluation.basic_metrics", "evaluation/basic_metrics.py")


def periods():
    sys.modules["statsmodels.graphics.tsaplots"] = MagicMock()
    return load("slidingWindows", "utils/slidingWindows.py")


def case(name, grader, scores, labels, buffer, thresholds):
    *_, roc, pr = grader.RangeAUC_volume_opt(labels, scores, buffer, thresholds)
    return {
        "name": name, "longestBuffer": buffer, "thresholdCount": thresholds,
        "scores": scores.tolist(), "labels": labels.tolist(),
        "roc": float(roc), "pr": float(pr),
    }


def cases(grader):
    random = np.random.default_rng(SEED)

    def series(rows, stretches, decimals):
        labels = np.zeros(rows, dtype=int)
        for start, end in stretches:
            labels[start:end + 1] = 1
        near = np.convolve(labels, np.ones(7) / 7, mode="same")
        scores = np.round(random.normal(size=rows) + 2 * near, decimals)
        return scores, labels

    far = series(300, [(60, 70), (200, 203)], 3)
    touching = series(200, [(30, 31), (40, 40), (48, 60), (150, 150)], 3)
    ends = series(120, [(0, 3), (115, 119)], 3)
    tied = series(400, [(100, 110), (220, 240), (300, 301)], 0)
    few = series(40, [(10, 14)], 2)
    even = np.where(np.arange(50) % 9 == 4, 1, 0)
    return [
        case("far apart", grader, *far, 20, 250),
        case("buffers that overlap and cross a short stretch", grader, *touching, 40, 250),
        case("stretches at both ends", grader, *ends, 31, 250),
        case("scores with many ties", grader, *tied, 24, 250),
        case("fewer rows than thresholds, no buffer", grader, *few, 0, 250),
        case("few thresholds", grader, *far, 11, 7),
        case("equal scores", grader, np.ones(50), even, 6, 250),
        case("long buffer, short series", grader, *few, 100, 250),
    ]


def buffers(find):
    random = np.random.default_rng(SEED)

    def named(name, rows, period, noise):
        season = np.sin(2 * np.pi * np.arange(rows) / period) if period else 0
        value = np.round(season + noise * random.normal(size=rows), 3)
        return {"name": name, "value": value.tolist(), "buffer": int(find(value))}

    return [
        named("a day of hours", 500, 24, 0.3),
        named("a short period", 200, 5, 0.3),
        named("a long period", 700, 290, 0.1),
        named("noise", 450, 0, 1),
        named("a short series", 60, 12, 0.5),
    ]


if __name__ == "__main__":
    grader = basic_metrics().basic_metricor()
    document = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": importlib.metadata.version("scipy"),
            "statsmodels": importlib.metadata.version("statsmodels"),
            "TSB-AD": importlib.metadata.version("TSB-AD"),
        },
        "seed": SEED,
        "calls": "basic_metricor().RangeAUC_volume_opt(labels, scores, longestBuffer, thresholdCount): its last two values; find_length_rank(value)",
        "tolerance": {"absolute": 1e-12},
        "cases": cases(grader),
        "buffers": buffers(periods().find_length_rank),
    }
    text = json.dumps(document, allow_nan=False)
    (FOLDER / "volumes_under_surface.json").write_text(text + "\n")
