import assert from "node:assert/strict";
import { countTests } from "../../.tasks/junit.ts";

// As `deno test --junit-path` of Deno 2.9.6 writes it, shortened.
const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="3" errors="0" time="0.177">
  <testsuite name="./tests/m_test.ts" tests="4" disabled="1" failures="2">
    <testcase name="a" time="0.001"></testcase>
    <testcase name="b fails" time="0.002">
      <failure message="1 test step failed">1 test step failed.</failure>
    </testcase>
    <testcase name="c" time="0.000"><skipped/></testcase>
    <testcase name="b fails &gt; inner" time="0.001">
      <failure message="Uncaught Error: x">Error: x &quot;&amp;&quot;</failure>
    </testcase>
  </testsuite>
  <testsuite name="./lib/m.ts#4-8.ts" tests="2" disabled="0" failures="0">
    <testcase name="file:///p/lib/m.ts#4-8.ts" time="0.001"></testcase>
    <testcase name="1 &gt; 0 holds" time="0.001"></testcase>
  </testsuite>
</testsuites>`;

Deno.test("countTests() counts tests, not their steps", () => {
  // Passed: a, the documentation's example, and "1 > 0 holds", which is a
  // test of its own; failed: b; ignored: c.
  assert.deepEqual(countTests(report), { passed: 3, failed: 1, ignored: 1 });
});

Deno.test("countTests() of an empty report is all zero", () => {
  assert.deepEqual(countTests("<testsuites/>"), {
    passed: 0,
    failed: 0,
    ignored: 0,
  });
});
