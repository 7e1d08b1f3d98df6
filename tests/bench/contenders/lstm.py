"""Times the LSTM as the peers do it: TASK PEER THREADS, TASK being step, window,
long or wide, PEER being PyTorch or Keras (on TensorFlow).
"""

import json
import os
import resource
import statistics
import sys
import time

BATCH, STEPS, FEATURES, DENSE, DROPOUT = 32, 50, 5, 25, 0.2
UNITS = {"step": 50, "window": 64}
LAYERS = {"long": (8, 1000, 64), "wide": (32, 50, 256)}
COUNTS = {"step": 200, "window": 500, "long": 20, "wide": 20}
WARM_UP = 0.1

task, peer, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])


def with_pytorch():
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    version = f"PyTorch {torch.__version__.split('+')[0]}"
    if task in LAYERS:
        batch, steps, units = LAYERS[task]
        layer = torch.nn.LSTM(FEATURES, units, batch_first=True)
        x = torch.rand(batch, steps, FEATURES)

        def there_and_back():
            layer.zero_grad()
            layer(x)[0][:, -1].mean().backward()

        return there_and_back, version, weight_count(layer)

    class Network(torch.nn.Module):
        def __init__(self, units):
            super().__init__()
            self.first = torch.nn.LSTM(FEATURES, units, batch_first=True)
            self.second = torch.nn.LSTM(units, units, batch_first=True)
            self.dropout = torch.nn.Dropout(DROPOUT)
            self.dense = torch.nn.Linear(units, DENSE)
            self.output = torch.nn.Linear(DENSE, 1)

        def forward(self, x):
            x = self.dropout(self.first(x)[0])
            x = self.dropout(self.second(x)[0][:, -1])
            return self.output(torch.relu(self.dense(x)))

    network = Network(UNITS[task])
    if task == "window":
        network.eval()
        window = torch.rand(1, STEPS, FEATURES)

        def forecast():
            with torch.inference_mode():
                return network(window).item()

        return forecast, version, weight_count(network)

    optimizer = torch.optim.Adam(network.parameters())
    x, y = torch.rand(BATCH, STEPS, FEATURES), torch.rand(BATCH, 1)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, version, weight_count(network)


def weight_count(module):
    """Without the second bias of each LSTM, which adds nothing to the first."""
    return sum(
        weight.numel()
        for name, weight in module.named_parameters()
        if "bias_hh" not in name
    )


def with_keras():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    keras.utils.set_random_seed(0)
    network = keras.Sequential([
        keras.Input((STEPS, FEATURES)),
        keras.layers.LSTM(UNITS[task], return_sequences=True),
        keras.layers.Dropout(DROPOUT),
        keras.layers.LSTM(UNITS[task]),
        keras.layers.Dropout(DROPOUT),
        keras.layers.Dense(DENSE, activation="relu"),
        keras.layers.Dense(1),
    ])
    network.compile(optimizer="adam", loss="mse")
    x = tensorflow.random.uniform((BATCH, STEPS, FEATURES))
    y = tensorflow.random.uniform((BATCH, 1))
    version = f"Keras {keras.__version__} on TensorFlow {tensorflow.__version__}"
    return lambda: network.train_on_batch(x, y), version, network.count_params()


work, version, check = {"PyTorch": with_pytorch, "Keras": with_keras}[peer]()
times = []
for _ in range(COUNTS[task]):
    start = time.perf_counter()
    work()
    times.append(time.perf_counter() - start)
seconds = statistics.median(times[round(WARM_UP * len(times)):])
print(
    json.dumps(
        {
            "seconds": seconds,
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "version": version,
            "check": check,
        }
    )
)
