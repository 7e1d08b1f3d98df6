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
  type ScoredSeries,
  scoreSeries,
  shown,
  windowSeries,
} from "./series_quality.ts";

/** Four folds of three series. */
const FOLDS = 4;
const MEMBER_NAMES = Object.keys(MEMBERS);

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
    return { rows: [...ablationOf(cases), ...baselines] };
  },
};

/** A hybrid: its name, its members and its spread. */
type Variant = readonly [string, readonly string[], number];

const VARIANTS: readonly Variant[] = [
  ["as it is", MEMBER_NAMES, 1],
  ...[0, 2, 3].map((spread): Variant => [
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

/** Members with what they give on each series. */
type Subset = { members: string[]; qualities: Quality[] };

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
    const names = [...MEMBER_NAMES, ...Object.keys(TRIED)];
    const subsets = subsetsOf(names);
    const all = subsets.map((members, k): Subset => {
      if (k % 100 === 0) {
        options.report(`Subset ${k + 1} of ${subsets.length} …`);
      }
      const qualities = cases.map((each) =>
        qualityOf(each, combined(each.scores, members, 1))
      );
      return { members, qualities };
    });
    const ours = all.filter(({ members }) =>
      members.every((name) => MEMBER_NAMES.includes(name))
    );
    const everywhere = cases.map((_, k) => k);
    const inUse = bestOf(ours, ({ members }) => members.length);
    const best = bestOf(all, (each) => sumOn(each, everywhere));
    const ofAll = chosenByFold(all, cases.length);
    const ofOurs = chosenByFold(ours, cases.length);
    return {
      rows: [
        ["those in use", meanOf(inUse.qualities)] as const,
        ["best of all subsets, on all series", meanOf(best.qualities)] as const,
        [
          "of those in use, chosen on the other folds",
          heldOutQuality(ofOurs),
        ] as const,
        ["of all, chosen on the other folds", heldOutQuality(ofAll)] as const,
      ].map(([members, quality]) => ({ members, ...shown(quality) })),
      details: ofAll.map(({ chosen, chosenOn, heldOut }, k) => ({
        fold: k + 1,
        chosen: chosen.members.map((name) => name.replace(" steps", ""))
          .join(", "),
        "VUS-PR where chosen": meanOn(chosen, chosenOn).volume,
        "VUS-PR": meanOn(chosen, heldOut).volume,
        "VUS-PR of those in use": meanOn(inUse, heldOut).volume,
      })),
    };
  },
};

/** A fold with the subset that is best where it is chosen. */
type ChosenFold = Fold & { chosen: Subset };

function chosenByFold(subsets: readonly Subset[], count: number): ChosenFold[] {
  return foldsOf(count, FOLDS).map((fold) => ({
    ...fold,
    chosen: bestOf(subsets, (each) => sumOn(each, fold.chosenOn)),
  }));
}

function heldOutQuality(folds: readonly ChosenFold[]): Quality {
  return meanOf(
    folds.flatMap(({ chosen, heldOut }) =>
      heldOut.map((k) => chosen.qualities[k])
    ),
  );
}

function meanOn({ qualities }: Subset, positions: readonly number[]): Quality {
  return meanOf(positions.map((k) => qualities[k]));
}

/** What is chosen by: both measures count alike. */
function sumOn(subset: Subset, positions: readonly number[]): number {
  const { volume, precision } = meanOn(subset, positions);
  return volume + precision;
}

/** All subsets but the empty one. */
function subsetsOf(names: readonly string[]): string[][] {
  return Array.from(
    { length: 2 ** names.length - 1 },
    (_, k) => names.filter((_, bit) => (k + 1) >> bit & 1),
  );
}
