"""Golden losses of autoencoders, from Keras. Run by hand, about 5 minutes:

    python3 -m venv venv && venv/bin/pip install keras==3.15.1 tensorflow==2.21.0
    venv/bin/python tests/golden/generate_autoencoder.py

Writes autoencoder_losses.json: rows, and for each architecture, by seed, the
weights that Keras drew and the least validation loss after training as the
reference does (Adam 0.001, batches of 32, up to 50 epochs, the last tenth of
the rows to validate on, patience 5 with the best weights). The loss depends
much on the first weights, so ours are compared from the same ones.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

FOLDER = pathlib.Path(__file__).parent
DATA_SEED = 20240603
SEEDS = 5
ROWS = 3000
ARCHITECTURES = [
    {"data": "hours", "hidden": [16]},
    {"data": "factors", "hidden": [8, 3]},
]


def unit(x):
    low, high = x.min(axis=0), x.max(axis=0)
    return np.round((x - low) / (high - low), 4)


def hours(random):
    """Response times by hour of day: slower by day, skewed."""
    hour = random.integers(0, 24, size=ROWS)
    time = 80 + 40 * np.sin(hour / 24 * np.pi) + random.exponential(20, size=ROWS)
    return unit(np.column_stack([time, hour]))


def factors(random):
    """Six columns made of two, with noise."""
    hidden = random.normal(size=(ROWS, 2))
    mixed = np.tanh(hidden @ random.normal(size=(2, 6)))
    return unit(mixed + random.normal(size=mixed.shape) * 0.1)


def trained_loss(x, hidden, seed):
    keras.utils.set_random_seed(seed)
    mirrored = hidden + hidden[-2::-1]
    model = keras.Sequential([
        keras.layers.Input((x.shape[1],)),
        *[keras.layers.Dense(units, activation="relu") for units in mirrored],
        keras.layers.Dense(x.shape[1], activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mse")
    initial = np.concatenate([w.flatten() for w in model.get_weights()])
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=5, restore_best_weights=True)
    history = model.fit(x, x, epochs=50, batch_size=32, validation_split=0.1,
                        callbacks=[stopping], verbose=0)
    losses = history.history["val_loss"]
    return {
        "initial": [float(f"{w:.9g}") for w in initial],
        "loss": min(losses),
        "epochs": len(losses),
    }


def main():
    random = np.random.default_rng(DATA_SEED)
    sets = {"hours": hours(random), "factors": factors(random)}
    cases = []
    for architecture in ARCHITECTURES:
        x = sets[architecture["data"]]
        runs = [trained_loss(x, architecture["hidden"], seed) for seed in range(SEEDS)]
        print(architecture, [(run["loss"], run["epochs"]) for run in runs], flush=True)
        cases.append({**architecture, "runs": runs})
    document = {
        "generator": "tests/golden/generate_autoencoder.py",
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__,
                     "numpy": np.__version__},
        "seed": DATA_SEED,
        "call": "fit(x, x, epochs=50, batch_size=32, validation_split=0.1, EarlyStopping(patience=5, restore_best_weights=True)); min(val_loss)",
        "tolerance": {"relative": 0.05, "why": "of the means over the seeds"},
        "sets": {name: x.tolist() for name, x in sets.items()},
        "cases": cases,
    }
    text = json.dumps(document)
    (FOLDER / "autoencoder_losses.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
