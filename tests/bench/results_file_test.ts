import assert from "node:assert/strict";
import { resultTable, withResult } from "./results_file.ts";

const circumstances = { date: "2026-01-05", commit: "abc", machine: "CPU" };

function measurement(name: string, task: string, medianSeconds: number) {
  const seconds = [medianSeconds];
  const peakMb = 10;
  return {
    name,
    version: name,
    task,
    threads: 1,
    medianSeconds,
    seconds,
    peakMb,
  };
}

Deno.test("resultTable() compares with the best peer and with the reference", () => {
  const lines = resultTable({
    ...circumstances,
    name: "lstm",
    title: "",
    unit: "ms",
    reference: "stock",
    measurements: [
      measurement("own", "step", 0.01),
      measurement("peer", "step", 0.02),
      measurement("stock", "step", 0.5),
      // A task that one of them cannot do.
      measurement("own", "layer", 0.1),
      measurement("stock", "layer", 0.4),
    ],
  }).split("\n");
  const cells = lines.slice(0, 4).map((line) => line.trim().split(/\s{2,}/));
  assert.deepEqual(cells[0], [
    "task",
    "own (ms)",
    "peer (ms)",
    "stock (ms)",
    "to the best peer",
    "stock takes",
    "memory (MB)",
  ]);
  // 10 of 20 ms, and 500 of 10.
  const step = ["10", "20", "500", "0.50x", "50x", "10 / 10 / 10"];
  assert.deepEqual(cells[2], ["step, 1 thread", ...step]);
  const layer = ["100", "–", "400", "0.25x", "4x", "10 / – / 10"];
  assert.deepEqual(cells[3], ["layer, 1 thread", ...layer]);
});

Deno.test("withResult() puts a result in the place of an older one", () => {
  const result = (name: string, title: string) => ({
    ...circumstances,
    name,
    title,
    measurements: [],
  });
  const found = withResult(
    [result("b", "old"), result("c", "kept")],
    result("b", "new"),
  );
  assert.deepEqual(found.map(({ title }) => title), ["new", "kept"]);
});
