/**
 * Text that people read: numbers as English writes them, and names from logs
 * made harmless. Logs are untrusted: a name may hold markup, control
 * characters that would move a terminal's cursor, or thousands of letters.
 *
 * @module
 */

import { extent } from "./rows.ts";

/** Smaller numbers are written with a power of ten. */
const SMALLEST_PLAIN = 1e-5;
/** Larger numbers are written with a power of ten. */
const LARGEST_PLAIN = 1e15;

/**
 * Writes a number with thousands separators and at most `digits` significant
 * digits, but never rounds the integer part.
 *
 * @param value The number; infinity is written ∞.
 * @param digits Significant digits, from 1 to 21.
 * @returns The text.
 * @throws {RangeError} If the value is NaN or `digits` is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatNumber } from "lib/show/text.ts";
 *
 * assert.equal(formatNumber(50_000), "50,000");
 * assert.equal(formatNumber(1234.5678), "1,235");
 * assert.equal(formatNumber(0.0123456), "0.0123");
 * ```
 */
export function formatNumber(value: number, digits: number = 3): string {
  return format(value, digits, {});
}

/**
 * Writes a number as {@linkcode formatNumber} does, but with trailing zeros,
 * so that a column of measurements looks alike.
 *
 * @param value The number; infinity is written ∞.
 * @param digits Significant digits, from 1 to 21.
 * @returns The text.
 * @throws {RangeError} If the value is NaN or `digits` is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatMeasured } from "lib/show/text.ts";
 *
 * assert.equal(formatMeasured(25), "25.0");
 * ```
 */
export function formatMeasured(value: number, digits: number = 3): string {
  return format(value, digits, { minimumSignificantDigits: digits });
}

function format(
  value: number,
  digits: number,
  options: Intl.NumberFormatOptions,
): string {
  if (Number.isNaN(value)) {
    throw new RangeError("Cannot format a number: got NaN, expected a number");
  }
  const size = Math.abs(value);
  const plain = size === 0 || size === Infinity ||
    (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN);
  return new Intl.NumberFormat("en-US", {
    ...options,
    maximumSignificantDigits: digits,
    ...(plain
      ? { maximumFractionDigits: 0, roundingPriority: "morePrecision" }
      : { notation: "scientific" }),
  }).format(value);
}

/**
 * Writes a share with one decimal, `20 of 1,000 (2.0 %)`.
 *
 * @param part The part.
 * @param whole The whole, greater than 0.
 * @returns The text.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatShare } from "lib/show/text.ts";
 *
 * assert.equal(formatShare(20, 1000), "20 of 1,000 (2.0 %)");
 * ```
 */
export function formatShare(part: number, whole: number): string {
  const percent = (100 * part / whole).toFixed(1);
  return `${formatNumber(part)} of ${formatNumber(whole)} (${percent} %)`;
}

/**
 * Writes the range of values, `5 to 7.5`, the one value where all are equal,
 * `none` where there is none.
 *
 * @param values The values, shape `(n)`.
 * @returns The text.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatRange } from "lib/show/text.ts";
 *
 * assert.equal(formatRange([7, 5, 6]), "5 to 7");
 * assert.equal(formatRange([5, 5]), "5");
 * ```
 */
export function formatRange(values: Iterable<number>): string {
  const [low, high] = extent(values);
  if (low > high) return "none";
  const lowest = formatNumber(low);
  return low === high ? lowest : `${lowest} to ${formatNumber(high)}`;
}

/**
 * Writes a number with its noun, `1 anomaly`, `2 anomalies`.
 *
 * @param count How many.
 * @param one The noun for one.
 * @param many The noun for any other number. Left out, it takes an s.
 * @returns The text.
 */
export function formatCount(
  count: number,
  one: string,
  many: string = `${one}s`,
): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/**
 * Writes a time to the minute in UTC.
 *
 * @param timeMs Milliseconds since 1970 UTC.
 * @returns `YYYY-MM-DD HH:MM`.
 * @throws {RangeError} If it is no time that a calendar holds.
 */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
}

/**
 * Writes the time that times in order span, both ends to the minute in UTC.
 *
 * @param timestampMs Milliseconds since 1970 UTC, ascending, shape `(n)`,
 * n >= 1.
 * @returns `YYYY-MM-DD HH:MM to YYYY-MM-DD HH:MM`.
 * @throws {RangeError} If an end is no time that a calendar holds.
 */
export function formatSpan(timestampMs: Float64Array): string {
  const last = timestampMs[timestampMs.length - 1];
  return `${formatTime(timestampMs[0])} to ${formatTime(last)}`;
}

/**
 * Makes a text safe for XML and terminals: line breaks and tabs become spaces,
 * other control characters, characters that turn the direction of writing and
 * broken surrogates become �. Markup is kept; see {@linkcode escapeMarkup}.
 *
 * @param text Any text.
 * @returns One line of visible text.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { cleanText } from "lib/show/text.ts";
 *
 * assert.equal(cleanText("/a\n\u001b[2J"), "/a �[2J");
 * ```
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, "\ufffd");
}

/**
 * Makes a text safe, as {@linkcode cleanText} does, and short enough for a
 * label, cutting it with an ellipsis.
 *
 * @param text Any text.
 * @param maximum The greatest length, in characters, at least 1.
 * @returns One line of at most `maximum` characters.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { shorten } from "lib/show/text.ts";
 *
 * assert.equal(shorten("/api/v1/users", 8), "/api/v1…");
 * ```
 */
export function shorten(text: string, maximum: number): string {
  const letters = [...cleanText(text)];
  return letters.length <= maximum
    ? letters.join("")
    : `${letters.slice(0, maximum - 1).join("")}…`;
}

/**
 * Escapes a text for HTML and XML, in content and in attributes.
 *
 * @param text Any text.
 * @returns The text without `&`, `<`, `>`, `"` and `'` of its own.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { escapeMarkup } from "lib/show/text.ts";
 *
 * assert.equal(escapeMarkup("<b>&'"), "&lt;b&gt;&amp;&#39;");
 * ```
 */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/**
 * Says how many values a logarithmic axis leaves out.
 *
 * @param count How many.
 * @returns A sentence without full stop, or "" if there are none.
 */
export function omittedNote(count: number): string {
  if (count === 0) return "";
  const values = formatCount(count, "value");
  return `${values} ≤ 0 left out by the logarithmic axis`;
}
