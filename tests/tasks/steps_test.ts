import assert from "node:assert/strict";
import { closingLine, reportLine, sumCounts } from "../../.tasks/steps.ts";

const counts = [
  { passed: 5, failed: 1, ignored: 2 },
  { passed: 1, failed: 0, ignored: 0 },
  { passed: 0, failed: 0, ignored: 1 },
];

Deno.test("sumCounts() adds up the steps", () => {
  assert.deepEqual(sumCounts(counts, { strict: false }), {
    passed: 6,
    failed: 1,
    ignored: 3,
  });
});

Deno.test("sumCounts() counts ignored tests as failed where it is strict", () => {
  assert.deepEqual(sumCounts(counts, { strict: true }), {
    passed: 6,
    failed: 4, // 1 failed and 2 + 1 ignored
    ignored: 0,
  });
});

Deno.test("closingLine() names ignored tests only if there are any", () => {
  assert.equal(
    closingLine({ passed: 6, failed: 0, ignored: 0 }),
    "6 passed, 0 failed",
  );
  assert.equal(
    closingLine({ passed: 6, failed: 1, ignored: 3 }),
    "6 passed, 1 failed, 3 ignored",
  );
});

Deno.test("reportLine() shows outcome, seconds, counts and note", () => {
  assert.equal(
    reportLine({
      title: "lint",
      seconds: 1.26,
      passed: 1,
      failed: 0,
      ignored: 0,
    }),
    "ok         1.3 s  lint",
  );
  assert.equal(
    reportLine({ ...counts[0], title: "unit tests", seconds: 61, note: "why" }),
    "failed    61.0 s  unit tests: 5 passed, 1 failed, 2 ignored; why",
  );
});
