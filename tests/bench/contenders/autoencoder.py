"""Trains and scores an autoencoder: PEER WORK FILE, PEER being keras or pyod,
WORK epoch (the mean of three after a first; of PyOD, which tells no times, two
epochs less one) or score. Keras validates on a tenth of the rows; PyOD on none,
so that it is given the others alone.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
from rows import print_sample, read_rows

peer, work, file = sys.argv[1:]
EPOCHS = 4


def with_keras(x, _):
    import keras

    model = keras.Sequential([
        keras.layers.Input((x.shape[1],)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(x.shape[1], activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mse")
    ends = []
    on_end = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    model.fit(x, x, epochs=EPOCHS, batch_size=32, validation_split=0.1,
              callbacks=[on_end], verbose=0)
    model.predict(x[:1024], batch_size=1024, verbose=0)
    start = time.perf_counter()
    ((model.predict(x, batch_size=1024, verbose=0) - x) ** 2).mean(axis=1)
    score = time.perf_counter() - start
    return (ends[-1] - ends[0]) / (EPOCHS - 1), score, keras.__version__


def with_pyod(x, warm_up):
    from pyod.models.auto_encoder import AutoEncoder
    from pyod.version import __version__ as version

    def fit(rows, epochs):
        model = AutoEncoder(
            hidden_neuron_list=[16], epoch_num=epochs, batch_size=32,
            dropout_rate=0, batch_norm=False, preprocessing=False, verbose=0)
        start = time.perf_counter()
        model.fit(rows)
        return time.perf_counter() - start, model

    fit(warm_up, 1)
    train = x[: len(x) * 9 // 10]
    one, _ = fit(train, 1)
    two, model = fit(train, 2)
    start = time.perf_counter()
    model.decision_function(x)
    score = time.perf_counter() - start
    return two - one, score, version


def main():
    run = {"keras": with_keras, "pyod": with_pyod}[peer]
    epoch, score, version = run(*read_rows(file))
    print_sample(epoch if work == "epoch" else score, f"{peer} {version}")


main()
