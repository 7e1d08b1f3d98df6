/**
 * Counts the tests of a report as `deno test --junit-path` writes it.
 *
 * @module
 */

import { DOMParser } from "linkedom";
import type { Counts } from "./steps.ts";

/**
 * Counts the tests in a JUnit report, as Deno's own summary does: a step of a
 * test, which the report lists as `test > step`, is no test.
 *
 * @param xml The text of the report.
 * @returns How many passed, failed and were ignored.
 */
export function countTests(xml: string): Counts {
  const counts = { passed: 0, failed: 0, ignored: 0 };
  const report = new DOMParser().parseFromString(xml, "text/xml");
  for (const suite of report.querySelectorAll("testsuite")) {
    const cases = [...suite.querySelectorAll("testcase")];
    const names = new Set(cases.map((test) => test.getAttribute("name") ?? ""));
    for (const test of cases) {
      if (isStep(test.getAttribute("name") ?? "", names)) continue;
      if (test.querySelector("failure, error")) counts.failed++;
      else if (test.querySelector("skipped")) counts.ignored++;
      else counts.passed++;
    }
  }
  return counts;
}

function isStep(name: string, names: ReadonlySet<string>): boolean {
  // linkedom leaves the entities of attributes as they are.
  const separator = " &gt; ";
  const parts = name.split(separator);
  return parts.some((_, i) =>
    i > 0 && names.has(parts.slice(0, i).join(separator))
  );
}
