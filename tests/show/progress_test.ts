import assert from "node:assert/strict";
import { progressLine, trainingProgress } from "lib/show/progress.ts";

/** Keeps what is written, under a clock that stands until it is set. */
function recorder() {
  const lines: { text: string; final: boolean }[] = [];
  const clock = { ms: 0 };
  return {
    lines,
    clock,
    options: {
      now: () => clock.ms,
      write: (text: string, final: boolean) => {
        lines.push({ text, final });
        return Promise.resolve();
      },
    },
  };
}

Deno.test("progressLine() writes at most five times a second, and the end always", async () => {
  const { lines, clock, options } = recorder();
  const progress = progressLine(1000, "Rows", options);
  for (const ms of [0, 199, 200, 399, 450]) {
    clock.ms = ms;
    progress.advance(ms);
  }
  await progress.finish("1,000 read");
  assert.deepEqual(lines, [
    { text: "Rows: 0 of 1,000", final: false },
    { text: "Rows: 200 of 1,000", final: false },
    { text: "Rows: 450 of 1,000", final: false },
    { text: "Rows: 1,000 read", final: true },
  ]);
});

Deno.test("trainingProgress() tells epoch, batch and losses, and ends without seconds", async () => {
  const { lines, clock, options } = recorder();
  const { onProgress, finish } = trainingProgress("LSTM", options);
  const batch = { epochs: 50, batches: 60, trainingLoss: 0.01234 };
  onProgress({ ...batch, epoch: 1, batch: 1, secondsLeft: Infinity });
  clock.ms = 1000;
  onProgress({
    ...batch,
    epoch: 2,
    batch: 30,
    validationLoss: 0.02,
    secondsLeft: 11.2,
  });
  await finish({
    trainingLoss: [3, 2],
    validationLoss: [3, 2],
    learningRate: [0.001, 0.001],
    bestEpoch: 2,
    stoppedEarly: true,
  });
  assert.deepEqual(lines.map(({ text }) => text), [
    "LSTM: epoch 1 of 50, batch 1 of 60, training loss 0.0123",
    "LSTM: epoch 2 of 50, batch 30 of 60, training loss 0.0123, validation loss 0.02, at most 12 s left",
    "LSTM: trained 2 epochs, best epoch 2",
  ]);
});

Deno.test("progressLine() writes in order when writing is slow", async () => {
  const written: string[] = [];
  const { clock, options } = recorder();
  const gate = Promise.withResolvers<void>();
  const write = async (text: string) => {
    if (written.length === 0) await gate.promise;
    written.push(text);
  };
  const progress = progressLine(2, "Steps", { ...options, write });
  progress.advance(1);
  clock.ms = 300;
  progress.advance(2);
  const end = progress.finish("done");
  gate.resolve();
  await end;
  assert.deepEqual(written, ["Steps: 1 of 2", "Steps: 2 of 2", "Steps: done"]);
});

Deno.test("progressLine() passes on that writing failed", async () => {
  const write = () => Promise.reject(new Error("closed"));
  const progress = progressLine(1, "Steps", { write });
  await assert.rejects(progress.finish("done"), { message: "closed" });
});

Deno.test("progressLine() rejects a total below one", () => {
  assert.throws(() => progressLine(0, "Steps"), RangeError);
});
