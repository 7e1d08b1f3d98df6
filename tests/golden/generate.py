"""Rebuilds the golden files of this folder. Run by hand, never by CI.

    python -m venv .venv-golden
    .venv-golden/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    .venv-golden/bin/python tests/golden/generate.py

Each file names the versions, the seed, the calls that made its numbers, and
the tolerance within which ours must agree.
"""

import json
import platform
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.ensemble import IsolationForest
from sklearn.svm import OneClassSVM

FOLDER = Path(__file__).parent
DATA_SEED = 20240601
VERSIONS = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scikit-learn": sklearn.__version__,
}


def write(name, calls, tolerance, content):
    document = {
        "versions": VERSIONS,
        "seed": DATA_SEED,
        "calls": calls,
        "tolerance": tolerance,
        **content,
    }
    text = json.dumps(document, indent=1, allow_nan=False)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def listed(values):
    """Plain numbers; JSON knows no infinity, so it stands as text."""
    return [str(v) if np.isinf(v) else v for v in np.asarray(values).tolist()]


def planted(rows, columns, anomalies):
    """Correlated, skewed rows, the last of them drawn from a wide box."""
    random = np.random.default_rng(DATA_SEED)
    x = random.normal(size=(rows, columns)) @ random.normal(size=(columns, columns))
    x[:, 0] = np.exp(x[:, 0] / 3)
    x[-anomalies:] = random.uniform(-9, 9, size=(anomalies, columns))
    labels = np.zeros(rows, dtype=int)
    labels[-anomalies:] = 1
    return np.round(x, 6), labels


def isolation_forest():
    x, labels = planted(rows=300, columns=3, anomalies=15)
    cases = []
    for trees, psi, seeds in [(100, 256, 200), (50, 64, 200)]:
        scores = np.array([
            -IsolationForest(n_estimators=trees, max_samples=psi, random_state=seed)
            .fit(x).score_samples(x)
            for seed in range(seeds)
        ])
        areas = [metrics.roc_auc_score(labels, row) for row in scores]
        cases.append({
            "treeCount": trees,
            "subsampleSize": psi,
            "seeds": seeds,
            "meanScores": listed(scores.mean(axis=0)),
            "meanDeviation": float(scores.std(axis=0).mean()),
            "meanRocAuc": float(np.mean(areas)),
        })
    calls = "-IsolationForest(n_estimators, max_samples, random_state).fit(x).score_samples(x), random_state from 0"
    tolerance = {
        "seeds": 60,
        "meanScore": 0.015,
        "overallMean": 0.0035,
        "meanDeviationRatio": 0.12,
        "rocAuc": 0.003,
        "why": "ours average 60 seeds: about 4 standard errors of such a mean",
    }
    write("isolation_forest", calls, tolerance, {
        "x": x.tolist(), "labels": labels.tolist(), "cases": cases,
    })


def svm_sets():
    """Rows to fit on and queries, standardized: correlated and skewed with
    outliers; two clusters and a stretch between; one column, few values."""
    random = np.random.default_rng(DATA_SEED + 1)
    skewed, _ = planted(rows=120, columns=3, anomalies=6)
    clusters = np.concatenate([
        random.normal(size=(150, 2)) * 0.3 - 1, random.normal(size=(120, 2)) * 0.2 + 1,
        random.uniform(-2, 2, size=(30, 2)),
    ])
    ties = np.round(random.exponential(size=(100, 1)) * 4) / 4
    sets = {}
    for name, x in {"skewed": skewed, "clusters": clusters, "ties": ties}.items():
        queries = random.normal(size=(20, x.shape[1])) * 2
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        sets[name] = (np.round(x, 6), np.round(queries, 6))
    return sets


def isolation_forest_sets():
    """What 20 seeds of a default forest make of rows of several kinds."""
    random = np.random.default_rng(DATA_SEED)
    few = np.arange(10) / 9

    def outlying(x):
        """The last 5 % of the rows drawn from a box around all."""
        count = len(x) // 20
        low, high = x.min(axis=0), x.max(axis=0)
        x[-count:] = random.uniform(low - (high - low), 2 * high - low, size=(count, x.shape[1]))
        return x

    centres = np.array([[0, 0], [6, 1], [2, 7]])
    sets = {
        "three clusters": outlying(
            centres[random.integers(3, size=400)] + random.normal(size=(400, 2))),
        "latency and hour": outlying(np.column_stack(
            [np.exp(4 + random.normal(size=500) / 2), random.integers(24, size=500)])),
        "ties and duplicates": np.round(outlying(2 * random.normal(size=(300, 3)))),
        "a constant column": np.insert(outlying(random.normal(size=(300, 2))), 1, 7.0, axis=1),
        "fewer rows than the subsample": outlying(random.normal(size=(100, 4))),
        "wide": outlying(random.normal(size=(200, 15)) * (1 + few.repeat(2)[:15])),
    }
    cases = []
    for name, x in sets.items():
        x = np.round(x, 3)
        labels = (np.arange(len(x)) >= len(x) - len(x) // 20).astype(int)
        scores = np.array([
            -IsolationForest(max_samples=256 if len(x) > 256 else len(x), random_state=seed)
            .fit(x).score_samples(x)
            for seed in range(20)
        ])
        areas = [metrics.roc_auc_score(labels, row) for row in scores]
        cases.append({
            "name": name,
            "rows": len(x),
            "cols": x.shape[1],
            "x": x.ravel().tolist(),
            "anomalies": int(labels.sum()),
            "meanScores": listed(np.round(scores.mean(axis=0), 6)),
            "meanRocAuc": float(np.mean(areas)),
        })
    calls = "-IsolationForest(max_samples=min(256, n), random_state).fit(x).score_samples(x), random_state from 0; the last rows are the anomalies"
    write("isolation_forest_sets", calls, {
        "seeds": 20, "rocAuc": 0.005, "rankCorrelation": 0.99,
    }, {"cases": cases})


def one_class_svm():
    sets = svm_sets()
    settings = [
        {"data": "skewed", "kernel": "rbf", "gamma": "auto", "nu": 0.05},
        {"data": "skewed", "kernel": "rbf", "gamma": "scale", "nu": 0.5},
        {"data": "skewed", "kernel": "rbf", "gamma": "scale", "nu": 1 / 7},
        {"data": "skewed", "kernel": "rbf", "gamma": 2.5, "nu": 0.2},
        {"data": "clusters", "kernel": "rbf", "gamma": "auto", "nu": 0.031},
        {"data": "clusters", "kernel": "rbf", "gamma": "scale", "nu": 0.3},
        {"data": "clusters", "kernel": "rbf", "gamma": 10.0, "nu": 0.1},
        {"data": "ties", "kernel": "rbf", "gamma": 0.7, "nu": 0.123},
        # Away from the origin, or the boundary is none at all. nu n is no
        # integer, so that some multiplier is free and rho unique.
        {"data": "skewed", "kernel": "linear", "nu": 0.12, "shift": 8},
        {"data": "clusters", "kernel": "linear", "nu": 0.071, "shift": 8},
        {"data": "skewed", "kernel": "poly", "degree": 2, "coef0": 1.0, "gamma": "auto", "nu": 0.12},
        {"data": "skewed", "kernel": "poly", "gamma": 0.1, "nu": 0.12, "shift": 3},
        {"data": "clusters", "kernel": "poly", "degree": 4, "coef0": 0.5, "gamma": "scale", "nu": 0.071},
        {"data": "skewed", "kernel": "sigmoid", "gamma": 0.05, "coef0": 0.3, "nu": 0.12, "shift": 2},
        {"data": "clusters", "kernel": "sigmoid", "gamma": 0.02, "coef0": -0.4, "nu": 0.071, "shift": 3},
    ]
    cases = []
    for setting in settings:
        setting = {"tol": 1e-10, "shift": 0, **setting}
        shift = setting.pop("shift")
        data = setting.pop("data")
        x, queries = sets[data]
        model = OneClassSVM(**setting, max_iter=10**6).fit(x + shift)
        cases.append({
            "data": data,
            **setting,
            "shift": shift,
            "iterations": int(model.n_iter_),
            "rho": float(model.offset_[0]),
            "support": model.support_.tolist(),
            "dualSum": float(model.dual_coef_.sum()),
            "decision": listed(model.decision_function(x + shift)),
            "queryDecision": listed(model.decision_function(queries + shift)),
        })
    write("one_class_svm", "OneClassSVM(kernel, gamma, degree, coef0, nu, tol).fit(x + shift)", {
        "absolute": 1e-6,
        "why": "times the offset rho where that is above 1: libsvm keeps kernel values in 32 bits, ours have 64",
    }, {
        "sets": {name: {"x": x.tolist(), "queries": q.tolist()} for name, (x, q) in sets.items()},
        "cases": cases,
    })


def point_metrics():
    random = np.random.default_rng(DATA_SEED)
    distinct = np.round(random.normal(size=40), 6)
    sets = {
        "distinct scores": distinct,
        "many ties": np.round(distinct),
        "all tied": np.zeros(40),
        "perfect": np.arange(40.0),
    }
    noisy = (distinct + random.normal(size=40) > 0.8).astype(int)
    cases = []
    for name, scores in sets.items():
        labels = (np.arange(40) >= 33).astype(int) if name == "perfect" else noisy
        fpr, tpr, limits = metrics.roc_curve(labels, scores, drop_intermediate=False)
        precision, recall, cuts = metrics.precision_recall_curve(labels, scores)
        flags = (scores > 0.5).astype(int)
        p, r, f1, _ = metrics.precision_recall_fscore_support(
            labels, flags, average="binary", zero_division=0)
        cases.append({
            "name": name,
            "scores": listed(scores),
            "labels": labels.tolist(),
            "rocAuc": metrics.roc_auc_score(labels, scores),
            "averagePrecision": metrics.average_precision_score(labels, scores),
            "roc": {"falsePositiveRates": listed(fpr), "truePositiveRates": listed(tpr),
                    "thresholds": listed(limits)},
            "precisionRecall": {"precisions": listed(precision), "recalls": listed(recall),
                                "thresholds": listed(cuts)},
            "flags": flags.tolist(),
            "confusion": {
                **dict(zip(
                    ["trueNegatives", "falsePositives", "falseNegatives", "truePositives"],
                    metrics.confusion_matrix(labels, flags).ravel().tolist())),
                "precision": float(p), "recall": float(r), "f1": float(f1),
            },
        })
    calls = "roc_curve(drop_intermediate=False), roc_auc_score, precision_recall_curve, average_precision_score, confusion_matrix, precision_recall_fscore_support"
    write("point_metrics", calls, {"absolute": 1e-12}, {"cases": cases})


def statistics():
    random = np.random.default_rng(DATA_SEED)
    sets = [random.normal(size=17), np.exp(3 * random.normal(size=50)),
            np.array([2.0, 2.0, 2.0, 5.0]), np.array([7.5])]
    probabilities = [0, 0.01, 0.25, 1 / 3, 0.5, 0.9, 0.975, 1]
    cases = [{
        "values": listed(values),
        "quantiles": listed(np.quantile(values, probabilities)),
        "mean": float(values.mean()),
        "standardDeviation": float(values.std()),
    } for values in sets]
    write("statistics", "numpy.quantile(values, probabilities), mean(), std()", {"relative": 1e-13},
          {"probabilities": probabilities, "cases": cases})


if __name__ == "__main__":
    isolation_forest()
    isolation_forest_sets()
    one_class_svm()
    point_metrics()
    statistics()
