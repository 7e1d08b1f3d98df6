/**
 * How a network's loss fell in training, and which epoch was the best.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { domainOf, numberAxis } from "./axes.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { lineMark } from "./line_mark.ts";
import { INK, ROLE } from "./palette.ts";
import { altText, formatCount, formatNumber } from "./text.ts";

/** Losses by epoch, index 0 is epoch 1: the history of a trained network. */
export type LossHistory = {
  /** Mean loss over the training rows, shape `(epochs)`. */
  readonly trainingLoss: ArrayLike<number>;
  /** Mean loss over the validation rows, shape `(epochs)`; empty or left out
   * where there are none. */
  readonly validationLoss?: ArrayLike<number>;
  /** The epoch whose weights were kept, from 1; left out, it is that of the
   * lowest validation loss, or training loss where there is no validation. */
  readonly bestEpoch?: number;
};

/** Options for {@linkcode lossCurves}. */
export type LossCurvesOptions = {
  /** The title. @default {"Loss by epoch"} */
  title?: string;
  /** What the loss is. @default {"Loss (mean squared error)"} */
  yLabel?: string;
  /** Whether the loss has a logarithmic axis. @default {false} */
  logY?: boolean;
};

const X_LABEL = "Epoch";
/** Steps between the epochs written on the axis. */
const TICK_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const TICK_LIMIT = 12;

/**
 * Draws training loss (solid) and validation loss (dashed) by epoch, and marks
 * the best epoch.
 *
 * @param history The losses of each epoch, at least one.
 * @param options Title, label and axis.
 * @returns The figure.
 * @throws {RangeError} If there is no epoch, lengths differ, a loss is not
 * finite (above 0 if `logY`), or `bestEpoch` is none of the epochs.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lossCurves } from "lib/show/loss_curves.ts";
 *
 * const figure = lossCurves({
 *   trainingLoss: [4, 2, 1],
 *   validationLoss: [5, 3, 3.5],
 * });
 * assert.match(figure.alt, /best epoch 2, validation loss 3/);
 * ```
 */
export function lossCurves(
  history: LossHistory,
  options: LossCurvesOptions = {},
): Figure {
  const { title = "Loss by epoch", logY = false } = options;
  const { yLabel = "Loss (mean squared error)" } = options;
  const trainingLoss = Float64Array.from(history.trainingLoss);
  const validationLoss = history.validationLoss?.length
    ? Float64Array.from(history.validationLoss)
    : undefined;
  checkLosses(trainingLoss, validationLoss, logY);
  const judged = validationLoss ?? trainingLoss;
  const { bestEpoch = 1 + judged.indexOf(Math.min(...judged)) } = history;
  const epochs = trainingLoss.length;
  checkNumber(bestEpoch, "bestEpoch", "draw loss curves", {
    minimum: 1,
    maximum: epochs,
    integer: true,
  });
  const best = `best epoch ${bestEpoch}, ${
    validationLoss ? "validation" : "training"
  } loss ${formatNumber(judged[bestEpoch - 1])}`;

  return drawFigure({
    x: {
      ...numberAxis(X_LABEL, epochDomain(epochs)),
      ticks: epochTicks(epochs),
      tickFormat: String,
    },
    y: {
      ...numberAxis(
        yLabel,
        domainOf([trainingLoss, validationLoss ?? []], { log: logY }),
        logY,
      ),
      grid: true,
    },
    marks: [
      Plot.ruleX([bestEpoch], {
        stroke: INK,
        strokeDasharray: "2,3",
        ariaDescription: "best epoch",
      }),
      lossLine(trainingLoss, "training", ROLE.normal),
      validationLoss
        ? lossLine(validationLoss, "validation", ROLE.anomaly, "6,4")
        : null,
      Plot.dot([bestEpoch], {
        x: (epoch: number) => epoch,
        y: (epoch: number) => judged[epoch - 1],
        r: 6,
        stroke: INK,
        strokeWidth: 2,
      }),
    ],
  }, {
    title,
    subtitle: `${formatCount(epochs, "epoch", "epochs")}, ${best}`,
    legend: [
      { label: "Training", color: ROLE.normal, shape: "line" },
      ...(validationLoss
        ? [{
          label: "Validation",
          color: ROLE.anomaly,
          shape: "dashes" as const,
        }]
        : []),
    ],
    alt: altText(title, `x: ${X_LABEL}; y: ${yLabel}`, [
      formatCount(epochs, "epoch", "epochs"),
      best,
      fallFact("training", trainingLoss),
      validationLoss ? fallFact("validation", validationLoss) : "",
    ]),
  });
}

function checkLosses(
  trainingLoss: Float64Array,
  validationLoss: Float64Array | undefined,
  logY: boolean,
): void {
  const action = "draw loss curves";
  checkValues(trainingLoss, "trainingLoss", action);
  if (validationLoss) {
    checkValues(validationLoss, "validationLoss", action);
    checkLength(
      validationLoss.length,
      trainingLoss.length,
      "validationLoss",
      action,
    );
  }
  if (!logY) return;
  for (const loss of [...trainingLoss, ...(validationLoss ?? [])]) {
    checkNumber(loss, "a loss", action, { minimum: 0, exclusive: true });
  }
}

function lossLine(
  losses: Float64Array,
  name: string,
  color: string,
  dashes?: string,
): Plot.Markish {
  return lineMark(losses, {
    x: (_loss: number, k: number) => k + 1,
    y: (loss: number) => loss,
    stroke: color,
    strokeWidth: 2,
    ...(dashes === undefined ? {} : { strokeDasharray: dashes }),
    ariaDescription: name,
  });
}

function epochDomain(epochs: number): [number, number] {
  return epochs === 1 ? [0.5, 1.5] : [1, epochs];
}

/** Whole epochs only, about ten of them. */
function epochTicks(epochs: number): number[] {
  const step = TICK_STEPS.find((step) => epochs / step <= TICK_LIMIT) ?? epochs;
  return Array.from({ length: epochs }, (_, k) => k + 1)
    .filter((epoch) => epoch === 1 || epoch % step === 0);
}

function fallFact(name: string, losses: Float64Array): string {
  const last = losses[losses.length - 1];
  return `${name} loss from ${formatNumber(losses[0])} to ${
    formatNumber(last)
  }`;
}
