"""Times the training step of lstm_step.ts in PyTorch and in Keras on
TensorFlow, with one and two threads. Prints JSON, times in ms.

    python3 -m venv .venv-bench
    .venv-bench/bin/pip install torch==2.13.0 keras tensorflow
    .venv-bench/bin/python tests/bench/lstm_step.py [STEPS]
"""

import json
import os
import statistics
import subprocess
import sys
import time

BATCH, STEPS, FEATURES, UNITS, DENSE, DROPOUT = 32, 50, 5, 50, 25, 0.2
WARM_UP = 20


def median_of(step, count):
    for _ in range(WARM_UP):
        step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {
        "median": round(statistics.median(times), 3),
        "fifthPercentile": round(times[len(times) // 20], 3),
    }


def torch_step(threads):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
            self.second = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
            self.dropout = torch.nn.Dropout(DROPOUT)
            self.dense = torch.nn.Linear(UNITS, DENSE)
            self.output = torch.nn.Linear(DENSE, 1)

        def forward(self, x):
            x = self.dropout(self.first(x)[0])
            x = self.dropout(self.second(x)[0][:, -1])
            return self.output(torch.relu(self.dense(x)))

    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    x, y = torch.rand(BATCH, STEPS, FEATURES), torch.rand(BATCH, 1)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, torch.__version__


def keras_step(threads):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    keras.utils.set_random_seed(0)
    network = keras.Sequential([
        keras.Input((STEPS, FEATURES)),
        keras.layers.LSTM(UNITS, return_sequences=True),
        keras.layers.Dropout(DROPOUT),
        keras.layers.LSTM(UNITS),
        keras.layers.Dropout(DROPOUT),
        keras.layers.Dense(DENSE, activation="relu"),
        keras.layers.Dense(1),
    ])
    network.compile(optimizer="adam", loss="mse")
    x = tensorflow.random.uniform((BATCH, STEPS, FEATURES))
    y = tensorflow.random.uniform((BATCH, 1))
    version = f"{keras.__version__} on TensorFlow {tensorflow.__version__}"
    return lambda: network.train_on_batch(x, y), version


PEERS = {"torch": torch_step, "keras": keras_step}


def main():
    if len(sys.argv) == 4:
        peer, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        step, version = PEERS[peer](threads)
        print(json.dumps({"version": version, **median_of(step, count)}))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results = {}
    for peer in PEERS:
        for threads in (1, 2):
            # Threads are fixed when a library starts: a process for each.
            environment = {
                name: value
                for name, value in os.environ.items()
                if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
            } | {"OMP_NUM_THREADS": str(threads)}
            output = subprocess.run(
                [sys.executable, __file__, peer, str(threads), str(count)],
                env=environment, capture_output=True, text=True, check=True,
            ).stdout
            results[f"{peer}, threads {threads}"] = json.loads(
                output.strip().splitlines()[-1])
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
