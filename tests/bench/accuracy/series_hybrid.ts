/**
 * The hybrid on 12 public series of hourly latency, labelled by point, beside
 * simple detectors; what each member earns, and whether the choice of members
 * holds on series that it was not made on.
 *
 * @module
 */

import { fitSeriesHybrid } from "lib/series_hybrid.ts";
import type { TableRow } from "lib/show/tables.ts";
import { bestOf, type Fold, foldsOf } from "./folds.ts";
import type { AccuracyMeasurement } from "./measurement.ts";
import {
  BASELINES,
  combined,
  MEMBERS,
  type Scorer,
  TRIED,
} from "./series_members.ts";
import {
  latencySeries,
  meanOf,
  meanQuality,
  type Quality,
  qualityOf,
  rateSeries,
  type ScoredSeries,
  scoreSeries,
  shown,
  windowSeries,
} from "./series_quality.ts";

/** Four folds of three series. */
const FOLDS = 4;
const MEMBER_NAMES = Object.keys(MEMBERS);
const LONG_SHAPES = ["shape of 24 steps", "shape of 48 steps"];
/** Of a choice among all. */
const MOST_MEMBERS = 6;

/**
 * Computed with other programs on the same series: mean VUS-PR and average
 * precision. The sum is of Sub-PCA, rolling median and Isolation Forest.
 */
const KNOWN_RESULTS: Readonly<Record<string, readonly [number, number]>> = {
  "Sub-PCA (window 24)": [0.706, 0.409],
  "sum of three ranks": [0.906, 0.726],
  "random": [0.159, 0.044],
};

/** The measurement. */
export const seriesScores: AccuracyMeasurement = {
  name: "series",
  title: "Point labels of 12 series of hourly latency",
  async run(options) {
    const hybrid: Scorer = async (value) =>
      (await fitSeriesHybrid(value)).score(value);
    const scorers = { hybrid, ...BASELINES };
    const cases = await scoreSeries(latencySeries, scorers, options);
    const rows = Object.keys(scorers).map((detector) => ({
      detector,
      by: "measured here",
      ...shown(meanQuality(cases, ({ scores }) => scores[detector])),
    }));
    const known = Object.entries(KNOWN_RESULTS).map((
      [detector, [volume, precision]],
    ) => ({
      detector,
      by: "elsewhere",
      ...shown({ volume, precision }),
    }));
    return {
      rows: [...rows, ...known].toSorted((a, b) => b["VUS-PR"] - a["VUS-PR"]),
      details: cases.map((each) => ({
        series: each.series.name,
        rows: each.series.value.length,
        anomalies: each.series.labels.reduce((sum, label) => sum + label, 0),
        ...shown(qualityOf(each, each.scores.hybrid)),
      })),
    };
  },
};

/** The measurement of each part. */
export const seriesAblation: AccuracyMeasurement = {
  name: "series-ablation",
  title: "The hybrid of series with one thing changed",
  async run(options) {
    const cases = await scoreSeries(
      latencySeries,
      { ...MEMBERS, ...TRIED },
      options,
    );
    return { rows: ablationOf(cases) };
  },
};

/** The measurement of each part on series that were never looked at. */
export const seriesElsewhere: AccuracyMeasurement = {
  name: "series-elsewhere",
  title: "The hybrid of series on those of NAB, by rows in labelled windows",
  async run(options) {
    const scorers = { ...MEMBERS, ...TRIED, ...BASELINES };
    const cases = await scoreSeries(windowSeries, scorers, options);
    options.report("Hybrids …");
    const baselines = Object.keys(BASELINES).map((variant) => ({
      variant,
      ...shown(meanQuality(cases, ({ scores }) => scores[variant])),
    }));
    const rates = await scoreSeries(rateSeries, scorers, options);
    return {
      rows: [...ablationOf(cases), ...baselines],
      details: ablationOf(rates),
    };
  },
};

/** A hybrid: its name, its members and its spread. */
type Variant = readonly [string, readonly string[], number];

const VARIANTS: readonly Variant[] = [
  ["as it is", MEMBER_NAMES, 1],
  ...[0, 2, 3, 6, 24].map((spread): Variant => [
    `spread of ${spread} rows`,
    MEMBER_NAMES,
    spread,
  ]),
  ...MEMBER_NAMES.flatMap((name): Variant[] => [
    [`without ${name}`, MEMBER_NAMES.filter((each) => each !== name), 1],
    [`${name} alone`, [name], 1],
  ]),
  ...Object.keys(TRIED).flatMap((name): Variant[] => [
    [`with ${name}`, [...MEMBER_NAMES, name], 1],
    [`${name} alone`, [name], 1],
  ]),
  ["with shapes of 24 and 48", [...MEMBER_NAMES, ...LONG_SHAPES], 1],
  ...[6, 12].flatMap((size): Variant[] => {
    const three = [
      `forest of ${size} steps`,
      `autoencoder of ${size} steps`,
      "LSTM residuals",
    ];
    return [
      [`forest, autoencoder of ${size}, LSTM`, three, 1],
      [`with all three of ${size}`, [...MEMBER_NAMES, ...three], 1],
    ];
  }),
];

function ablationOf(cases: readonly ScoredSeries[]): TableRow[] {
  const qualities = VARIANTS.map(([, members, spreadRows]) =>
    meanQuality(cases, (each) => combined(each.scores, members, spreadRows))
  );
  return VARIANTS.map(([variant], k) => ({
    variant,
    ...shown(qualities[k]),
    "gain of VUS-PR": qualities[k].volume - qualities[0].volume,
    "gain of precision": qualities[k].precision - qualities[0].precision,
  }));
}

/** The measurement of whether the choice of members holds elsewhere. */
export const seriesHeldOut: AccuracyMeasurement = {
  name: "series-held-out",
  title: "The hybrid on series that its members were not chosen on",
  async run(options) {
    const cases = await scoreSeries(
      latencySeries,
      { ...MEMBERS, ...TRIED },
      options,
    );
    const all = [...MEMBER_NAMES, ...Object.keys(TRIED)];
    const qualities = new QualityOfMembers(cases);
    const everywhere = cases.map((_, k) => k);
    const folds = foldsOf(cases.length, FOLDS);
    const chooseOf = (names: readonly string[]) =>
      folds.map((fold, k): ChosenFold => {
        options.report(`Fold ${k + 1} of ${FOLDS} …`);
        return { ...fold, chosen: qualities.choose(names, fold.chosenOn) };
      });
    const ofAll = chooseOf(all);
    const heldOut = (chosen: readonly ChosenFold[]) =>
      meanOf(chosen.flatMap((fold) => qualities.on(fold.chosen, fold.heldOut)));
    const mean = (members: readonly string[], on: readonly number[]) =>
      meanOf(qualities.on(members, on));
    return {
      rows: [
        ["those in use", mean(MEMBER_NAMES, everywhere)] as const,
        [
          "of all, chosen on all series",
          mean(qualities.choose(all, everywhere), everywhere),
        ] as const,
        [
          "of those in use, chosen on the other folds",
          heldOut(chooseOf(MEMBER_NAMES)),
        ] as const,
        ["of all, chosen on the other folds", heldOut(ofAll)] as const,
      ].map(([members, quality]) => ({ members, ...shown(quality) })),
      details: ofAll.map(({ chosen, chosenOn, heldOut }, k) => ({
        fold: k + 1,
        chosen: chosen.map((name) => name.replace(" steps", "")).join(", "),
        "VUS-PR where chosen": mean(chosen, chosenOn).volume,
        "VUS-PR": mean(chosen, heldOut).volume,
        "VUS-PR of those in use": mean(MEMBER_NAMES, heldOut).volume,
      })),
    };
  },
};

/** A fold with the members that are chosen where they may be. */
type ChosenFold = Fold & { chosen: readonly string[] };

/** How good hybrids are on each series, reckoned once. */
class QualityOfMembers {
  readonly #cases: readonly ScoredSeries[];
  readonly #known = new Map<string, Quality>();

  constructor(cases: readonly ScoredSeries[]) {
    this.#cases = cases;
  }

  /** The quality on series by their positions. */
  on(members: readonly string[], positions: readonly number[]): Quality[] {
    return positions.map((k) => {
      const key = `${k}: ${members.toSorted()}`;
      const known = this.#known.get(key);
      if (known) return known;
      const each = this.#cases[k];
      const quality = qualityOf(each, combined(each.scores, members, 1));
      this.#known.set(key, quality);
      return quality;
    });
  }

  /** Takes the best member, then the one that is best beside it, and so on, as
   * long as the sum of both measures gains: subsets are too many to try. */
  choose(names: readonly string[], positions: readonly number[]): string[] {
    const sumOf = (members: readonly string[]) => {
      const { volume, precision } = meanOf(this.on(members, positions));
      return volume + precision;
    };
    let chosen: string[] = [];
    let reached = 0;
    while (chosen.length < MOST_MEMBERS) {
      const others = names.filter((name) => !chosen.includes(name));
      if (others.length === 0) break;
      const next = bestOf(
        others.map((name) => [...chosen, name]),
        sumOf,
      );
      const sum = sumOf(next);
      if (sum <= reached) break;
      reached = sum;
      chosen = next;
    }
    return chosen;
  }
}
