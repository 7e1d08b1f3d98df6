/**
 * Loads any forecaster from its part of a model file.
 *
 * @module
 */

import { readObject, readText } from "../numeric/json_fields.ts";
import { baselineFromJSON } from "./baselines.ts";
import { ConformalForecaster } from "./conformal.ts";
import { ExponentialSmoothing } from "./exponential_smoothing.ts";
import type { Forecaster } from "./forecaster.ts";
import { LstmForecaster } from "./lstm.ts";
import { ResidualQuantileForecaster } from "./residual_quantiles.ts";

/** Forecasters stand in forecasters, such as a network in its calibration; no
 * deeper than this, so that a hostile file cannot exhaust the stack. */
const MAXIMUM_DEPTH = 4;

/**
 * Loads a forecaster of any kind.
 *
 * @param json What its `toJSON()` returned; not trusted.
 * @returns The forecaster, which gives equal forecasts.
 * @throws {SyntaxError} If a field is missing or not as it should be.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lastValueForecaster } from "lib/forecast/baselines.ts";
 * import { loadForecaster } from "lib/forecast/load_forecaster.ts";
 *
 * const json = lastValueForecaster({ horizon: 3 }).toJSON();
 * assert.equal(loadForecaster(json).horizon, 3);
 * ```
 */
export function loadForecaster(json: unknown): Forecaster {
  return loadAt(json, 1);
}

function loadAt(json: unknown, depth: number): Forecaster {
  if (depth > MAXIMUM_DEPTH) {
    throw new SyntaxError(
      `Cannot load model: base is nested more than ${MAXIMUM_DEPTH} deep`,
    );
  }
  const fields = readObject(json, "model");
  const kind = readText(fields, "kind", KINDS);
  const within: Forecaster[] = [];
  const loadBase = (base: unknown) => {
    within.push(loadAt(base, depth + 1));
    return within[within.length - 1];
  };
  try {
    return loadKind(kind, json, loadBase);
  } catch (error) {
    // What was loaded already belongs to nobody.
    for (const forecaster of within) forecaster.dispose?.();
    throw error;
  }
}

function loadKind(
  kind: typeof KINDS[number],
  json: unknown,
  loadBase: (json: unknown) => Forecaster,
): Forecaster {
  switch (kind) {
    case "lstm":
      return LstmForecaster.fromJSON(json);
    case "conformal":
      return ConformalForecaster.fromJSON(json, loadBase);
    case "residual_quantiles":
      return ResidualQuantileForecaster.fromJSON(json, loadBase);
    case "exponential_smoothing":
      return ExponentialSmoothing.fromJSON(json);
    default:
      return baselineFromJSON(json);
  }
}

const KINDS = [
  "lstm",
  "conformal",
  "residual_quantiles",
  "exponential_smoothing",
  "last_value",
  "seasonal_naive",
  "rolling_median",
  "constant",
] as const;
