"""Fits and scores a one-class SVM: PEER WORK FILE, PEER being sklearn or pyod,
WORK fit, score or approximate (both, by Nyström and stochastic gradients).
"""

import sys
import time

from rows import print_sample, read_rows

peer, work, file = sys.argv[1:]
NU = 0.05


def with_sklearn(x):
    from sklearn.svm import OneClassSVM

    start = time.perf_counter()
    svm = OneClassSVM(nu=NU).fit(x)
    fitted = time.perf_counter()
    svm.decision_function(x)
    return fitted - start, time.perf_counter() - fitted, svm.offset_[0]


def with_pyod(x):
    from pyod.models.ocsvm import OCSVM

    start = time.perf_counter()
    svm = OCSVM(nu=NU, gamma="scale").fit(x)
    fitted = time.perf_counter()
    svm.decision_function(x)
    return fitted - start, time.perf_counter() - fitted, svm.detector_.offset_[0]


def approximately(x):
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import SGDOneClassSVM
    from sklearn.pipeline import make_pipeline

    start = time.perf_counter()
    gamma = 1 / (x.shape[1] * x.var())
    svm = make_pipeline(
        Nystroem(gamma=gamma, n_components=100, random_state=0),
        SGDOneClassSVM(nu=NU, shuffle=True, tol=1e-4, random_state=0),
    ).fit(x)
    fitted = time.perf_counter()
    svm.decision_function(x)
    return fitted - start, time.perf_counter() - fitted, None


def main():
    x, warm_up = read_rows(file)
    works = {"sklearn": with_sklearn, "pyod": with_pyod}
    run = approximately if work == "approximate" else works[peer]
    run(warm_up)
    fit, score, check = run(x)
    seconds = {"fit": fit, "score": score, "approximate": fit + score}[work]
    if peer == "pyod":
        from pyod.version import __version__ as version
    else:
        from sklearn import __version__ as version
    print_sample(seconds, f"{peer} {version}", check)


main()
