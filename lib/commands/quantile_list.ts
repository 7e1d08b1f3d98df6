/**
 * The option `--quantiles` of the commands that forecast.
 *
 * @module
 */

import { checkQuantiles } from "../forecast/quantile_levels.ts";
import { type Arguments, UsageError } from "./command.ts";

/**
 * Reads `--quantiles 0.1,0.5,0.9`.
 *
 * @param args The command's arguments.
 * @returns The probabilities, or undefined if the option was not given.
 * @throws {UsageError} If they are not ascending numbers above 0 and below 1, or
 * more than a thousand.
 */
export function readQuantileList(args: Arguments): number[] | undefined {
  const text = args.text("quantiles");
  if (text === undefined) return undefined;
  const quantiles = text.split(",")
    .map((part) => part.trim() === "" ? NaN : Number(part));
  try {
    checkQuantiles(quantiles, "forecast");
    return quantiles;
  } catch {
    throw new UsageError(
      `--quantiles is "${text}", expected at most 1000 ascending numbers above 0 and below 1 such as 0.05,0.5,0.95`,
    );
  }
}
