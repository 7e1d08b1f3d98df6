import assert from "node:assert/strict";
import { trainingProgress } from "lib/show/progress.ts";

const BATCH = {
  epoch: 1,
  epochs: 50,
  batch: 1,
  batches: 60,
  trainingLoss: 0.01234,
  secondsLeft: Infinity,
};
const HISTORY = {
  trainingLoss: [3, 2],
  validationLoss: [3, 2],
  learningRate: [0.001, 0.001],
  bestEpoch: 2,
  stoppedEarly: true,
};

/** Keeps what is written, under a clock that stands until it is set. */
function recorder() {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const write = (text: string) => Promise.resolve(void lines.push(text));
  return { lines, clock, options: { now: () => clock.ms, write } };
}

Deno.test("trainingProgress() tells epoch, batch and losses, and ends without seconds", async () => {
  const { lines, clock, options } = recorder();
  const { onProgress, finish } = trainingProgress("LSTM", options);
  onProgress(BATCH);
  clock.ms = 1000;
  onProgress({
    ...BATCH,
    epoch: 2,
    batch: 30,
    validationLoss: 0.02,
    secondsLeft: 11.2,
  });
  await finish(HISTORY);
  assert.deepEqual(lines, [
    "LSTM: epoch 1 of 50, batch 1 of 60, training loss 0.0123",
    "LSTM: epoch 2 of 50, batch 30 of 60, training loss 0.0123, validation loss 0.02, at most 12 s left",
    "LSTM: trained 2 epochs, best epoch 2",
  ]);
});

Deno.test("trainingProgress() writes at most five times a second, and the end always", async () => {
  const { lines, clock, options } = recorder();
  const { onProgress, finish } = trainingProgress("LSTM", options);
  for (const ms of [0, 199, 200, 399, 450]) {
    clock.ms = ms;
    onProgress({ ...BATCH, batch: ms });
  }
  await finish(HISTORY);
  const batches = lines.map((line) => line.match(/batch (\d+)/)?.[1]);
  assert.deepEqual(batches, ["0", "200", "450", undefined]);
});

Deno.test("trainingProgress() writes in order when writing is slow", async () => {
  const written: string[] = [];
  const gate = Promise.withResolvers<void>();
  const write = async (text: string) => {
    if (written.length === 0) await gate.promise;
    written.push(text);
  };
  const { onProgress, finish } = trainingProgress("LSTM", { write });
  onProgress(BATCH);
  const end = finish(HISTORY);
  gate.resolve();
  await end;
  assert.deepEqual(written.map((line) => line.slice(0, 12)), [
    "LSTM: epoch ",
    "LSTM: traine",
  ]);
});

Deno.test("trainingProgress() passes on that writing failed", async () => {
  const write = () => Promise.reject(new Error("closed"));
  const { finish } = trainingProgress("LSTM", { write });
  await assert.rejects(finish(HISTORY), { message: "closed" });
});
