import assert from "node:assert/strict";
import { headline, judgementRow, resultRows } from "lib/show/results.ts";

Deno.test("resultRows() lists the worst first, decision below 0 where anomalous", () => {
  const rows = resultRows({
    hour: Float64Array.of(1, 2, 3),
    responseTimeMs: Float64Array.of(10, 20, 30),
    score: Float64Array.of(0.25, 0.75, 0.5),
    threshold: 0.5,
  });
  assert.deepEqual(rows.map((row) => row["response time (ms)"]), [20, 30, 10]);
  assert.deepEqual(
    rows.map((row) => row["decision_function (threshold − score)"]),
    [-0.25, 0, 0.25],
  );
  assert.deepEqual(
    rows.map((row) => row.label),
    ["Anomaly", "Normal", "Normal"],
  );
});

Deno.test("judgementRow() gives shares in percent and rates a day", () => {
  const row = judgementRow("forest", {
    known: 12,
    found: 4,
    detected: 5,
    precision: 0.8,
    recall: 1 / 3,
    falseAlarmsPerDay: 1 / 14,
    medianDelayMinutes: 5.09,
  });
  assert.deepEqual(Object.values(row), [
    ...["forest", "4 of 12", 5, "80 %", "0.07", "5.1"],
  ]);
});

Deno.test("judgementRow() judges nothing where nothing is known", () => {
  const judged = { known: 0, found: 0, detected: 3, falseAlarmsPerDay: 3 };
  assert.deepEqual(judgementRow("forest", judged), {
    detector: "forest",
    found: "none known",
    alarms: 3,
  });
});

Deno.test("headline() rejects NaN as well", () => {
  assert.throws(() => headline("skill", NaN, [0, 1]), {
    name: "RangeError",
    message: "Cannot stand by the text: skill is NaN, expected 0 to 1",
  });
});
