/**
 * How a network's loss fell in training, and which epoch was the best.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { TrainingHistory } from "../numeric/training.ts";
import { numberAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure, type LegendEntry } from "./frame.ts";
import { COLOR, INK } from "./palette.ts";
import { checkColumns } from "./rows.ts";
import { formatCount, formatNumber } from "./text.ts";

/** Losses by epoch, and the best epoch: of the history of a network. */
export type LossHistory = Pick<
  TrainingHistory,
  "trainingLoss" | "validationLoss" | "bestEpoch"
>;

/** Options for {@linkcode lossCurves}. */
export type LossCurvesOptions = {
  /** The title. @default {"Loss by epoch"} */
  title?: string;
  /** What the loss is. @default {"Loss (mean squared error)"} */
  yLabel?: string;
  /** Whether the loss has a logarithmic axis. @default {false} */
  logY?: boolean;
};

const TICK_LIMIT = 10;
const VALIDATION: LegendEntry = ["━ ━", COLOR.anomaly, "Validation"];

/**
 * Draws training loss (solid) and validation loss (dashed) by epoch, and marks
 * the best epoch.
 *
 * @param history The losses of each epoch, at least one.
 * @param options Title, label and axis.
 * @returns The figure.
 * @throws {RangeError} If there is no epoch or a loss is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lossCurves } from "lib/show/loss_curves.ts";
 *
 * const figure = lossCurves({
 *   trainingLoss: [4, 2, 1],
 *   validationLoss: [5, 3, 3.5],
 *   bestEpoch: 2,
 * });
 * assert.match(figure.alt, /best epoch 2, validation loss 3;/);
 * ```
 */
export function lossCurves(
  history: LossHistory,
  options: LossCurvesOptions = {},
): Figure {
  const { title = "Loss by epoch", logY = false } = options;
  const { yLabel = "Loss (mean squared error)" } = options;
  const { bestEpoch } = history;
  const training = Float64Array.from(history.trainingLoss);
  const validation = Float64Array.from(history.validationLoss);
  const validated = validation.length > 0;
  const judgedBy = validated ? "validation" : "training";
  const judged = validated ? validation : training;
  checkColumns({ training, judged }, "draw loss curves");
  const epochs = training.length;
  const bestLoss = judged[bestEpoch - 1];

  return drawFigure({
    x: {
      ...numberAxis("Epoch"),
      // No more than there are steps, so that all are whole.
      ticks: Math.max(1, Math.min(TICK_LIMIT, epochs - 1)),
      tickFormat: ",",
    },
    y: { ...numberAxis(yLabel, { log: logY }), grid: true },
    marks: [
      Plot.ruleX([bestEpoch], {
        stroke: INK,
        strokeDasharray: "2,3",
        ariaDescription: "best epoch",
      }),
      lossMark(training, "training", COLOR.normal, "none"),
      lossMark(validation, "validation", COLOR.anomaly, "6,4"),
      Plot.dot([bestLoss], {
        x: bestEpoch,
        y: bestLoss,
        r: 6,
        stroke: INK,
        strokeWidth: 2,
        ariaDescription: "best loss",
      }),
    ],
  }, {
    title,
    notes: [
      formatCount(epochs, "epoch"),
      `best epoch ${bestEpoch}, ${judgedBy} loss ${formatNumber(bestLoss)}`,
    ],
    details: [
      `training loss ${fall(training)}`,
      validated ? `validation loss ${fall(validation)}` : "",
    ],
    legend: [
      ["━━", COLOR.normal, "Training"],
      ...(validated ? [VALIDATION] : []),
    ],
  });
}

function lossMark(
  losses: Float64Array,
  name: string,
  stroke: string,
  strokeDasharray: string,
): Plot.Markish {
  return Plot.lineY(losses, {
    x: (_loss: number, k: number) => k + 1,
    stroke,
    strokeDasharray,
    strokeWidth: 2,
    marker: "dot",
    ariaDescription: name,
  });
}

function fall(losses: Float64Array): string {
  const last = losses[losses.length - 1];
  return `from ${formatNumber(losses[0])} to ${formatNumber(last)}`;
}
