/**
 * What each part of the stream detector earns on NAB, and whether its settings
 * hold on series that they were not chosen on.
 *
 * @module
 */

import { join } from "node:path";
import { nabScore, type NabSeries } from "lib/evaluate/nab.ts";
import {
  STREAM_SETTINGS,
  type StreamSettings,
  type StreamView,
} from "lib/monitor/stream_settings.ts";
import type { TableRow } from "lib/show/tables.ts";
import { type LabelledSeries, readNabSeries } from "../nab_series.ts";
import { bestOf, type Fold, foldsOf } from "./folds.ts";
import type { AccuracyMeasurement } from "./measurement.ts";
import { scoredSeries, scoresByProfile } from "./nab_scores.ts";
import { streamScores } from "./stream_scores.ts";

const FOLDS = 5;
const VIEWS = Object.keys(STREAM_SETTINGS.weights) as StreamView[];
const EQUAL_WEIGHTS = Object.fromEntries(VIEWS.map((view) => [view, 1]));

/** What is varied, one thing at a time. */
const VARIANTS: Readonly<Record<string, Partial<StreamSettings>>> = {
  "as it is": {},
  ...Object.fromEntries(
    VIEWS.flatMap((view) => [
      [`without ${view}`, { weights: weightsOf((name) => name !== view) }],
      [`${view} alone`, { weights: weightsOf((name) => name === view) }],
    ]),
  ),
  "all views count 1": { weights: EQUAL_WEIGHTS },
  ...Object.fromEntries(
    [0.5, 0.6, 0.8, 0.9, 1].map((historyExponent) => [
      `history exponent ${historyExponent}`,
      { historyExponent },
    ]),
  ),
  ...Object.fromEntries(
    [1, 25, 50, 75, 100, 150, 175, 200].map((quietRows) => [
      `quiet rows ${quietRows}`,
      { quietRows },
    ]),
  ),
  "all strangeness is remembered": { beyond: 0 },
  "none of flagged rows is": { beyond: Infinity },
};

/** The measurement of each part. */
export const nabAblation: AccuracyMeasurement = {
  name: "nab-ablation",
  title: "NAB scores of the stream detector with one thing changed",
  async run({ data, report }) {
    const all = await readNabSeries(join(data, "nab"));
    const rows = Object.entries(VARIANTS).map(([variant, settings]) => {
      report(`${variant} …`);
      return { variant, ...scoresByProfile(scored(all, settings)) };
    });
    const [{ standard }] = rows;
    return {
      rows: rows.map((row) => ({ ...row, gain: row.standard - standard })),
    };
  },
};

/** Settings that are chosen among, the present ones first. */
const GRID: readonly Partial<StreamSettings>[] = [
  {},
  ...[0.6, 0.7, 0.8, 1].flatMap((historyExponent) =>
    [75, 125, 175].flatMap((quietRows) =>
      [STREAM_SETTINGS.weights, EQUAL_WEIGHTS].map((weights) => ({
        historyExponent,
        quietRows,
        weights,
      }))
    )
  ),
];

/** Settings with the scored series. */
type Candidate = { settings: Partial<StreamSettings>; series: NabSeries[] };

/** The measurement of whether settings hold elsewhere. */
export const nabHeldOut: AccuracyMeasurement = {
  name: "nab-held-out",
  title: "NAB scores on series that settings were not chosen on",
  async run({ data, report }) {
    const all = (await readNabSeries(join(data, "nab")))
      .toSorted((a, b) => a.name < b.name ? -1 : 1);
    const candidates = GRID.map((settings, k) => {
      report(`Settings ${k + 1} of ${GRID.length} …`);
      return { settings, series: scored(all, settings) };
    });
    const folds = foldsOf(all.length, FOLDS);
    const present = folds.map((fold) => judge(candidates[0], fold));
    const chosen = folds.map((fold, k) => {
      report(`Fold ${k + 1} of ${FOLDS} …`);
      return judge(
        bestOf(candidates, (each) => nabScore(of(each, fold.chosenOn)).score),
        fold,
      );
    });
    return {
      rows: [
        {
          settings: "those in use, best threshold of all series",
          ...inSample(candidates[0]),
        },
        {
          settings: "best of the grid, best threshold of all series",
          ...inSample(
            bestOf(candidates, ({ series }) => nabScore(series).score),
          ),
        },
        {
          settings: "those in use, threshold of the other folds",
          score: pooled(present),
        },
        {
          settings: "chosen with their threshold on the other folds",
          score: pooled(chosen),
        },
      ],
      details: folds.map((_, k) => ({
        fold: k + 1,
        windows: chosen[k].windows,
        "settings in use": present[k].score,
        "chosen settings": chosen[k].score,
        "where they were chosen": chosen[k].chosenScore,
        ...described(chosen[k].settings),
      })),
    };
  },
};

function weightsOf(
  isTaken: (view: StreamView) => boolean,
): StreamSettings["weights"] {
  return Object.fromEntries(
    VIEWS.filter(isTaken).map((view) => [view, STREAM_SETTINGS.weights[view]]),
  );
}

function scored(
  all: readonly LabelledSeries[],
  settings: Partial<StreamSettings>,
): NabSeries[] {
  return scoredSeries(all, all.map((series) => streamScores(series, settings)));
}

function of({ series }: Candidate, positions: readonly number[]): NabSeries[] {
  return positions.map((k) => series[k]);
}

/** Judges what was left out at the threshold of the rest. */
function judge(candidate: Candidate, { chosenOn, heldOut }: Fold) {
  const { threshold, score: chosenScore } = nabScore(of(candidate, chosenOn));
  const { score, windows } = nabScore(of(candidate, heldOut), { threshold });
  return { settings: candidate.settings, score, windows, chosenScore };
}

/** NAB's score is linear in windows, so that folds add up. */
function pooled(judged: readonly { score: number; windows: number }[]): number {
  const windows = judged.reduce((sum, each) => sum + each.windows, 0);
  return judged.reduce((sum, each) => sum + each.score * each.windows, 0) /
    windows;
}

function inSample(candidate: Candidate): TableRow {
  return { score: nabScore(candidate.series).score };
}

function described(settings: Partial<StreamSettings>): TableRow {
  const { historyExponent, quietRows, weights } = {
    ...STREAM_SETTINGS,
    ...settings,
  };
  return {
    "history exponent": historyExponent,
    "quiet rows": quietRows,
    weights: VIEWS.map((view) => weights[view]).join(" "),
  };
}
