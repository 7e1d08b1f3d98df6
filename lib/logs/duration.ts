/**
 * Lengths of time as people write them: `90s`, `5m`, `1h`, `1d`.
 *
 * @module
 */

/** Milliseconds of each unit, the largest first. */
const UNIT_MS = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/**
 * Reads a length of time.
 *
 * @param text A number and a unit: `ms`, `s`, `m`, `h` or `d`.
 * @returns Whole milliseconds, at least 1.
 * @throws {SyntaxError} If the text is not a number with such a unit.
 * @throws {RangeError} If it is less than a millisecond, or more than can be
 * counted.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseDurationMs } from "lib/logs/duration.ts";
 *
 * assert.equal(parseDurationMs("5m"), 300_000);
 * ```
 */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unitMs = UNIT_MS.get(match?.[2] ?? "");
  if (!match || unitMs === undefined) {
    throw new SyntaxError(
      `Cannot parse duration: got "${text}", expected a number with ms, s, m, h or d, such as 5m`,
    );
  }
  const durationMs = Math.round(Number(match[1]) * unitMs);
  if (!(durationMs >= 1 && durationMs <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(
      `Cannot parse duration: "${text}" is ${durationMs} ms, expected 1 to 2^53 - 1`,
    );
  }
  return durationMs;
}

/**
 * Writes a length of time in the largest unit that divides it.
 *
 * @param durationMs Milliseconds.
 * @returns The number with its unit, which {@linkcode parseDurationMs} reads.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatDuration } from "lib/logs/duration.ts";
 *
 * assert.equal(formatDuration(300_000), "5m");
 * assert.equal(formatDuration(90_000), "90s");
 * ```
 */
export function formatDuration(durationMs: number): string {
  for (const [unit, unitMs] of UNIT_MS) {
    const isWhole = durationMs !== 0 && durationMs % unitMs === 0;
    if (isWhole) return `${durationMs / unitMs}${unit}`;
  }
  return `${durationMs}ms`;
}
