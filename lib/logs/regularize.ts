/**
 * Timed values of any spacing on a regular grid. Where nothing was observed the
 * last observed value is carried forward and `observed` is 0.
 *
 * @module
 */

import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { median } from "../numeric/statistics.ts";
import type { MetricSeries, Observations } from "./request_log.ts";

/** Options for {@linkcode regularize}. */
export type RegularizeOptions = {
  /**
   * The step, whole milliseconds.
   * @default {undefined}, the median of the positive time differences
   */
  stepMs?: number | undefined;
};

const MAX_STEPS = 10_000_000;

/**
 * Puts timed values on a regular grid. Without `stepMs` the grid starts at the
 * first value and each value goes to the nearest step, as the clocks of
 * collectors jitter; with it, steps start at multiples of `stepMs` since 1970
 * UTC and hold the values from their start onwards. Values of one step are
 * averaged; a step without any carries the last one forward.
 *
 * @param observations The values, n >= 1, sorted by time.
 * @param options The step.
 * @returns The series from the first value to the last.
 * @throws {RangeError} If there is no value, one is not finite, times are not as
 * many or do not ascend, the step is not a whole number >= 1 or cannot be told as all times
 * are equal, or the grid has more than 10 million steps.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { regularize } from "lib/logs/regularize.ts";
 *
 * const { value, observed } = regularize({
 *   timestampMs: Float64Array.of(0, 60_000, 180_000, 240_000),
 *   value: Float64Array.of(1, 2, 4, 5),
 *   sourceRow: Uint32Array.of(0, 1, 2, 3),
 * });
 * assert.deepEqual([...value], [1, 2, 2, 4, 5]);
 * assert.deepEqual([...observed], [1, 1, 0, 1, 1]);
 * ```
 */
export function regularize(
  observations: Observations,
  options: RegularizeOptions = {},
): MetricSeries {
  const { timestampMs, value } = observations;
  const action = "regularize observations";
  checkValues(value, "value", action);
  checkLength(timestampMs.length, value.length, "timestampMs", action);
  checkAscending(timestampMs, action);
  const isGiven = options.stepMs !== undefined;
  const { stepMs = medianStep(timestampMs, action) } = options;
  if (isGiven) {
    checkNumber(stepMs, "stepMs", action, { minimum: 1, integer: true });
  }
  const startMs = isGiven
    ? Math.floor(timestampMs[0] / stepMs) * stepMs
    : timestampMs[0];
  const shift = isGiven ? 0 : 0.5;
  const stepOf = (timeMs: number) =>
    Math.floor((timeMs - startMs) / stepMs + shift);
  const stepCount = stepOf(timestampMs[timestampMs.length - 1]) + 1;
  const series = emptySeries(stepCount, { startMs, stepMs, action });
  averageInto(series, value, (i) => stepOf(timestampMs[i]));
  return series;
}

/**
 * The usual time from one value to the next: the median of the differences
 * above 0.
 *
 * @param timestampMs Ascending times in milliseconds, shape `(n)`.
 * @returns The step in milliseconds; undefined if all times are equal.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { usualStepMs } from "lib/logs/regularize.ts";
 *
 * assert.equal(usualStepMs(Float64Array.of(0, 5, 5, 10, 90)), 5);
 * ```
 */
export function usualStepMs(timestampMs: Float64Array): number | undefined {
  const steps = timestampMs
    .map((timeMs, i) => i === 0 ? 0 : timeMs - timestampMs[i - 1])
    .filter((step) => step > 0);
  return steps.length === 0 ? undefined : median(steps);
}

/**
 * Lays out a series on a regular grid, with nothing observed yet.
 *
 * @param stepCount Number of steps, at least 1.
 * @param grid Start of the first step and length of each in milliseconds, and
 * what is being done, for the message.
 * @returns The series, its values 0, for the caller to fill.
 * @throws {RangeError} If there are more than 10 million steps.
 */
export function emptySeries(
  stepCount: number,
  grid: { startMs: number; stepMs: number; action: string },
): MetricSeries {
  const { startMs, stepMs, action } = grid;
  if (!(stepCount <= MAX_STEPS)) {
    throw new RangeError(
      `Cannot ${action}: a step of ${stepMs} ms makes ${stepCount} steps, expected at most ${MAX_STEPS}`,
    );
  }
  const timestampMs = new Float64Array(stepCount);
  for (let i = 0; i < stepCount; i++) timestampMs[i] = startMs + i * stepMs;
  const value = new Float64Array(stepCount);
  return { timestampMs, value, observed: new Uint8Array(stepCount), stepMs };
}

/** Averages the values of each step and carries the last one forward. */
function averageInto(
  series: MetricSeries,
  value: Float64Array,
  stepOfRow: (row: number) => number,
): void {
  const mean = series.value;
  const counts = new Uint32Array(mean.length);
  for (let i = 0; i < value.length; i++) {
    const step = stepOfRow(i);
    const count = ++counts[step];
    // Divided before subtracting, so that even the largest doubles average.
    mean[step] += value[i] / count - mean[step] / count;
    series.observed[step] = 1;
  }
  for (let step = 1; step < mean.length; step++) {
    if (counts[step] === 0) mean[step] = mean[step - 1];
  }
}

function medianStep(timestampMs: Float64Array, action: string): number {
  const stepMs = usualStepMs(timestampMs);
  if (stepMs !== undefined) return stepMs;
  throw new RangeError(
    `Cannot ${action}: all ${timestampMs.length} values are of one time, expected at least 2 times or stepMs`,
  );
}

function checkAscending(timestampMs: Float64Array, action: string): void {
  checkValues(timestampMs, "timestampMs", action);
  const bad = timestampMs.findIndex((timeMs, i) =>
    i > 0 && timeMs < timestampMs[i - 1]
  );
  if (bad > 0) {
    throw new RangeError(
      `Cannot ${action}: timestampMs[${bad}] is ${
        timestampMs[bad]
      }, expected at least ${timestampMs[bad - 1]}, the one before it`,
    );
  }
}
