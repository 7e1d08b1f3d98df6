/**
 * The sizes and the pace of training of a network for metric series, one for
 * every place that fits one.
 *
 * @module
 */

import type { LstmForecasterOptions } from "./lstm.ts";

/** The settings, all but the lengths that depend on the series. */
export const SERIES_NETWORK = {
  units: 32,
  dropout: 0.1,
  learningRate: 0.003,
  batchSize: 32,
  maximumWindows: 6000,
  validationFraction: 0.2,
  epochs: 12,
  patience: 4,
} as const satisfies LstmForecasterOptions;

const WINDOW_LENGTHS = [48, 24, 12] as const;

/**
 * Chooses how many steps a network reads: as many as its validation part can
 * hold.
 *
 * @param rows Training steps.
 * @param horizon Steps to forecast.
 * @returns 48, 24 or 12 steps; 12 where there are too few for any.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { networkWindow } from "lib/forecast/network_settings.ts";
 *
 * // 40 of 200 steps are validated on: 24 to read and 12 to forecast.
 * assert.equal(networkWindow(200, 12), 24);
 * ```
 */
export function networkWindow(rows: number, horizon: number): number {
  return WINDOW_LENGTHS.find((length) =>
    SERIES_NETWORK.validationFraction * rows >= length + horizon
  ) ?? WINDOW_LENGTHS[WINDOW_LENGTHS.length - 1];
}
