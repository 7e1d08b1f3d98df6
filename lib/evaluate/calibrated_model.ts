/**
 * A model of a backtest with calibrated intervals.
 *
 * @module
 */

import { AdaptiveConformalForecaster } from "../forecast/adaptive_conformal.ts";
import { firstRows } from "../forecast/forecaster.ts";
import { checkNumber } from "../numeric/checks.ts";
import type { BacktestModel } from "./backtest.ts";

/** Options for {@linkcode calibratedModel}. */
export type CalibratedModelOptions = {
  /** The share of the training rows, the newest, that the model is calibrated
   * and not trained on. @default {0.2} */
  calibrationShare?: number;
};

/**
 * Trains a model on the older training rows, calibrates it on the newer ones,
 * and lets its intervals follow the series from there.
 *
 * @param model The model.
 * @param options The share of rows to calibrate on.
 * @returns The same model, calibrated, under the same name.
 * @throws {RangeError} If the share is not above 0 and below 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { baselineModels } from "lib/evaluate/baseline_models.ts";
 * import { calibratedModel } from "lib/evaluate/calibrated_model.ts";
 *
 * const models = baselineModels({ season: 24 }).map((m) => calibratedModel(m));
 * assert.equal(models[0].name, "seasonal_naive");
 * ```
 */
export function calibratedModel<Name extends string>(
  model: BacktestModel<Name>,
  options: CalibratedModelOptions = {},
): BacktestModel<Name> {
  const { calibrationShare = 0.2 } = options;
  checkNumber(calibrationShare, "calibrationShare", "calibrate a model", {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  return {
    ...model,
    async fit(train) {
      const start = Math.round((1 - calibrationShare) * train.target.length);
      const base = await model.fit(firstRows(train, start));
      try {
        return AdaptiveConformalForecaster.fit(base, train, { start });
      } catch (error) {
        base.dispose?.();
        throw error;
      }
    },
  };
}
