/**
 * Runs the steps of a task one after the other, all of them whatever fails,
 * and sums them up.
 *
 * @module
 */

/** How many tests passed, failed and were ignored. */
export type Counts = {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed. */
  readonly failed: number;
  /** Tests that could not run. */
  readonly ignored: number;
};

/** What came of a step. */
export type StepResult = Counts & {
  /** A remark for the summary, such as why tests were ignored. */
  readonly note?: string;
};

/** One step of a task. */
export type Step = {
  /** Its name, for the reader. */
  readonly title: string;
  /** Does the work; true and false count as one test passed or failed. */
  readonly run: () => Promise<StepResult | boolean>;
};

/** A step that has run. */
export type StepReport = StepResult & {
  /** Its name. */
  readonly title: string;
  /** How long it took. */
  readonly seconds: number;
};

/**
 * Runs all steps in order and shows each as it starts and ends. A step that
 * throws has failed.
 *
 * @param steps The steps.
 * @returns What came of each.
 */
export async function runSteps(steps: readonly Step[]): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const { title, run } of steps) {
    console.log(`\n==> ${title}`);
    const started = performance.now();
    const result = await run().catch((error) => {
      console.error(error);
      return false;
    });
    const report = {
      ...(typeof result === "boolean" ? countOf(result) : result),
      title,
      seconds: (performance.now() - started) / 1000,
    };
    console.log(`<== ${reportLine(report)}`);
    reports.push(report);
  }
  return reports;
}

/**
 * One step as a line of the summary.
 *
 * @param report The step that has run.
 * @returns Its outcome, seconds, title, counts other than one, and note.
 */
export function reportLine(report: StepReport): string {
  const { title, seconds, passed, failed, ignored, note } = report;
  const outcome = failed > 0 ? "failed" : passed > 0 ? "ok" : "ignored";
  const counts = passed + failed + ignored === 1
    ? []
    : [closingLine({ passed, failed, ignored })];
  const details = [...counts, ...(note ? [note] : [])].join("; ");
  return `${outcome.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  ${title}${
    details ? `: ${details}` : ""
  }`;
}

/**
 * Adds up the counts of all steps.
 *
 * @param counts The counts of each step.
 * @param options With `strict`, as in CI, an ignored test is a failed one.
 * @returns The sums.
 */
export function sumCounts(
  counts: readonly Counts[],
  options: { strict: boolean },
): Counts {
  const sum = { passed: 0, failed: 0, ignored: 0 };
  for (const { passed, failed, ignored } of counts) {
    sum.passed += passed;
    sum.failed += options.strict ? failed + ignored : failed;
    sum.ignored += options.strict ? 0 : ignored;
  }
  return sum;
}

/**
 * The line that ends a task.
 *
 * @param counts The counts of the whole task.
 * @returns `N passed, N failed`, and `, N ignored` if any.
 */
export function closingLine(counts: Counts): string {
  const { passed, failed, ignored } = counts;
  const rest = ignored > 0 ? `, ${ignored} ignored` : "";
  return `${passed} passed, ${failed} failed${rest}`;
}

function countOf(ok: boolean): Counts {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, ignored: 0 };
}
