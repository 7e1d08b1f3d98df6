"""Golden numbers for the networks, from PyTorch. Run by hand:

    python3 -m venv venv && venv/bin/pip install torch==2.13.0
    venv/bin/python tests/golden/generate_networks.py

Writes lstm_forward.json (one forward pass of LSTM, LSTM, Dense ReLU, Dense)
and autoencoder_adam.json (weights and losses over five full-batch steps of
Adam on the mean squared error of Dense ReLU, Dense sigmoid).

PyTorch keeps an LSTM's gates in the same order as Keras and TensorFlow.js
(i f g o), its matrices transposed, and a second bias, which is zero here.
Weights are written in the layout of TensorFlow.js, flattened row by row.
"""

import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent
SEED = 20
FEATURES, UNITS, DENSE, HORIZON = 3, 4, 3, 2
BATCH, STEPS = 2, 6
ROWS, COLUMNS, HIDDEN, ADAM_STEPS = 12, 2, 4, 5
RATE, EPSILON = 0.01, 1e-7


def rounded(tensor):
    return [round(float(x), 9) for x in tensor.detach().flatten()]


def random(*shape):
    # Rounded first, so that the file holds exactly what was computed with.
    return torch.round(torch.randn(*shape) * 1000) / 1000


def lstm_weights(layer):
    return [
        layer.weight_ih_l0.T,
        layer.weight_hh_l0.T,
        layer.bias_ih_l0,
    ]


def dense_weights(layer):
    return [layer.weight.T, layer.bias]


def fill(*layers):
    with torch.no_grad():
        for layer in layers:
            for name, parameter in layer.named_parameters():
                zero = name == "bias_hh_l0"
                parameter.copy_(parameter * 0 if zero else random(*parameter.shape))


def header(call, tolerance):
    return {
        "generator": "tests/golden/generate_networks.py",
        "versions": {"torch": torch.__version__},
        "seed": SEED,
        "call": call,
        "tolerance": tolerance,
    }


def lstm_forward():
    first = torch.nn.LSTM(FEATURES, UNITS, batch_first=True)
    second = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
    dense = torch.nn.Linear(UNITS, DENSE)
    output = torch.nn.Linear(DENSE, HORIZON)
    fill(first, second, dense, output)
    inputs = random(BATCH, STEPS, FEATURES)
    sequence, _ = first(inputs)
    last = second(sequence)[0][:, -1]
    outputs = output(torch.relu(dense(last)))
    weights = [
        *lstm_weights(first),
        *lstm_weights(second),
        *dense_weights(dense),
        *dense_weights(output),
    ]
    return {
        **header("Linear(relu(Linear(LSTM(LSTM(x))[:, -1])))", 1e-6),
        "featureCount": FEATURES,
        "windowLength": STEPS,
        "horizon": HORIZON,
        "units": UNITS,
        "denseUnits": DENSE,
        "batch": BATCH,
        "weights": [rounded(weight) for weight in weights],
        "inputs": rounded(inputs),
        "outputs": rounded(outputs),
    }


def autoencoder_adam():
    hidden = torch.nn.Linear(COLUMNS, HIDDEN)
    output = torch.nn.Linear(HIDDEN, COLUMNS)
    fill(hidden, output)
    parameters = [*hidden.parameters(), *output.parameters()]
    adam = torch.optim.Adam(parameters, lr=RATE, eps=EPSILON)
    rows = torch.sigmoid(random(ROWS, COLUMNS))
    rows = torch.round(rows * 1000) / 1000
    before = [rounded(w) for w in [*dense_weights(hidden), *dense_weights(output)]]
    losses = []
    for _ in range(ADAM_STEPS):
        adam.zero_grad()
        reconstruction = torch.sigmoid(output(torch.relu(hidden(rows))))
        loss = torch.nn.functional.mse_loss(reconstruction, rows)
        losses.append(loss.item())
        loss.backward()
        adam.step()
    after = [rounded(w) for w in [*dense_weights(hidden), *dense_weights(output)]]
    return {
        **header(f"torch.optim.Adam(lr={RATE}, eps={EPSILON}), mse_loss", 2e-6),
        "hiddenUnits": HIDDEN,
        "learningRate": RATE,
        "rows": ROWS,
        "cols": COLUMNS,
        "data": rounded(rows),
        "weightsBefore": before,
        "losses": losses,
        "weightsAfter": after,
    }


torch.manual_seed(SEED)
for name, golden in [
    ("lstm_forward", lstm_forward()),
    ("autoencoder_adam", autoencoder_adam()),
]:
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")
