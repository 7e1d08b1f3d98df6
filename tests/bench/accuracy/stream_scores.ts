/**
 * Scores of the stream detector on a whole series.
 *
 * @module
 */

import { StreamDetector } from "lib/monitor/stream_detector.ts";
import {
  STREAM_SETTINGS,
  type StreamSettings,
} from "lib/monitor/stream_settings.ts";
import type { LabelledSeries } from "../nab_series.ts";

/**
 * Scores a series, value by value.
 *
 * @param series Times and values, n rows.
 * @param settings Settings other than those in use.
 * @returns Scores, shape `(n)`.
 */
export function streamScores(
  { timestampMs, value }: Pick<LabelledSeries, "timestampMs" | "value">,
  settings: Partial<StreamSettings> = {},
): Float64Array {
  const detector = new StreamDetector({}, { ...STREAM_SETTINGS, ...settings });
  return value.map((each, row) => detector.push(timestampMs[row], each).score);
}
