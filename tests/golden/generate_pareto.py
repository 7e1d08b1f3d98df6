"""Rebuilds generalized_pareto.json. Run by hand, never by CI.

    python -m venv .venv-golden
    .venv-golden/bin/pip install numpy==2.4.6 scipy==1.17.1
    .venv-golden/bin/python tests/golden/generate_pareto.py

The file names the versions, the seed, the calls that made its numbers, and the
tolerance within which ours must agree.
"""

import json
import platform
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.stats import genpareto, norm

FOLDER = Path(__file__).parent
SEED = 20240601


def fit(name, excesses):
    """scipy's own fit, refined: it stops early."""
    excesses = np.round(excesses, 6)
    shape, _, scale = genpareto.fit(excesses, floc=0)
    result = minimize(
        lambda p: genpareto.nnlf((p[0], 0, np.exp(p[1])), excesses),
        [shape, np.log(scale)], method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 10000})
    return {"name": name, "excesses": excesses.tolist(),
            "shape": float(result.x[0]), "scale": float(np.exp(result.x[1]))}


if __name__ == "__main__":
    random = np.random.default_rng(SEED)
    draw = lambda shape, size, scale=1: genpareto.rvs(
        shape, scale=scale, size=size, random_state=random)
    normal = norm.rvs(size=2000, random_state=random)
    document = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "seed": SEED,
        "calls": "genpareto.fit(excesses, floc=0), refined by minimize(genpareto.nnlf); genpareto.sf, genpareto.isf",
        "tolerance": {"fit": 1e-5, "relative": 1e-12},
        "fits": [
            fit("heavy", draw(0.3, 200)),
            fit("heavier, in milliseconds", draw(0.6, 80, 250)),
            fit("exponential", draw(0, 150)),
            fit("bounded", draw(-0.25, 120)),
            fit("few", draw(0.2, 30)),
            fit("tail of a normal distribution", normal[normal > 1.7] - 1.7),
        ],
        "tails": [
            {"shape": c, "scale": s, "excess": y, "tail": float(genpareto.sf(y, c, scale=s))}
            for c in (-0.3, 0, 0.4) for s in (0.5, 3) for y in (0, 0.1, 1.2, 5)
        ],
        "quantiles": [
            {"shape": c, "scale": s, "tail": q, "excess": float(genpareto.isf(q, c, scale=s))}
            for c in (-0.3, 0, 0.4) for s in (0.5, 3) for q in (1, 0.3, 1e-3, 1e-9)
        ],
    }
    text = json.dumps(document, allow_nan=False)
    (FOLDER / "generalized_pareto.json").write_text(text + "\n")
