import assert from "node:assert/strict";
import { accuracyTable, withAccuracy } from "./accuracy_file.ts";

const result = {
  name: "noise",
  title: "",
  date: "2026-01-05",
  commit: "abc",
  rows: [{ loss: "pinball", skill: 0.5 }],
};

Deno.test("accuracyTable() shows rows, and details where there are some", () => {
  assert.equal(
    accuracyTable(result),
    "loss     skill\n-------  -----\npinball  0.500\n\n2026-01-05, commit abc",
  );
  assert.throws(() => accuracyTable(result, "details"), /noise: it has none/);
  const details = [{ seed: 7 }];
  assert.match(accuracyTable({ ...result, details }, "details"), /^seed\n/);
});

Deno.test("withAccuracy() leaves other measurements as they are", () => {
  const other = { ...result, name: "alarms" };
  const found = withAccuracy([result, other], { ...result, commit: "def" });
  assert.deepEqual(
    found.map(({ name, commit }) => [name, commit]),
    [["alarms", "abc"], ["noise", "def"]],
  );
});
