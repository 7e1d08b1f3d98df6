"""Fits an Isolation Forest and scores its rows, as the peers do it: PEER FILE
COLUMNS TREES THREADS OUTLIER_EVERY, PEER being scikit-learn, isotree or pyod.
"""

import json
import resource
import sys
import time
from importlib.metadata import version

import numpy as np
from sklearn.metrics import roc_auc_score

WARM_UP_ROWS = 4000
SUBSAMPLE = 256

peer, file = sys.argv[1:3]
columns, trees, threads, outlier_every = map(int, sys.argv[3:])


def with_scikit_learn(x):
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(
        n_estimators=trees, max_samples=SUBSAMPLE, n_jobs=threads, random_state=0
    )
    return -forest.fit(x).score_samples(x)


def with_isotree(x):
    from isotree import IsolationForest

    forest = IsolationForest(
        ntrees=trees,
        sample_size=SUBSAMPLE,
        ndim=1,
        ntry=1,
        missing_action="fail",
        standardize_data=False,
        nthreads=threads,
        random_seed=1,
    )
    return forest.fit(x).predict(x)


def with_pyod(x):
    from pyod.models.iforest import IForest

    forest = IForest(
        n_estimators=trees, max_samples=SUBSAMPLE, n_jobs=threads, random_state=0
    )
    # Its fit scores the training rows, too.
    return forest.fit(x).decision_scores_


work = {
    "scikit-learn": with_scikit_learn,
    "isotree": with_isotree,
    "pyod": with_pyod,
}[peer]
x = np.fromfile(file).reshape(-1, columns)
work(x[:WARM_UP_ROWS])
start = time.perf_counter()
scores = work(x)
seconds = time.perf_counter() - start
labels = np.arange(len(x)) % outlier_every == 0
print(
    json.dumps(
        {
            "seconds": seconds,
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "version": f"{peer} {version(peer)}",
            "check": float(roc_auc_score(labels, scores)),
        }
    )
)
