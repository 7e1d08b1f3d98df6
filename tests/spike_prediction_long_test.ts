import assert from "node:assert/strict";
import { readInput } from "lib/logs/readers/mod.ts";
import { predictSpikes } from "lib/spike_prediction.ts";
import { spikeAccuracy } from "./bench/spike_cases.ts";

Deno.test("predictSpikes() clearly beats limits on the last value", async () => {
  // 10 logs of 14 days, by which nothing was chosen and nothing is reported.
  const seeds = Array.from({ length: 10 }, (_, k) => 300 + k);
  const rows = await spikeAccuracy(seeds);
  const [own, ...others] = rows;
  assert.equal(own.method, "predictSpikes");
  assert.ok(own.precursors >= 10);
  assert.ok(own.precursorsWarned > own.precursors / 2);
  assert.ok(own.decoysWarned < own.decoys / 2);
  assert.ok(own.prArea > 0.45, `${own.prArea}`);
  assert.ok(own.falseWarningsPerDay < 2);
  for (const { method, prArea } of others) {
    assert.ok(own.prArea > prArea + 0.04, `${method} ${prArea}`);
  }
});

Deno.test({
  name: "predictSpikes() finds nothing to warn of in the reference's noise",
  ignore: Deno.env.get("LATENCY_LAB_DATA") === undefined,
  async fn() {
    const folder = Deno.env.get("LATENCY_LAB_DATA");
    const input = await readInput(`${folder}/api-logs/reference_logs.csv`);
    assert.equal(input.kind, "requests");
    if (input.kind !== "requests") return;
    const { warnings, signals } = predictSpikes(input.log);
    assert.deepEqual(warnings, []);
    for (const { name, value } of signals) {
      if (name === "error_rate") continue;
      assert.ok(value.every((level) => level > 0.8 && level < 1.25));
    }
  },
});
