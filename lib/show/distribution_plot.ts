/**
 * How values are spread in each of several groups, one small histogram each.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Categories } from "../logs/request_log.ts";
import { median } from "../numeric/statistics.ts";
import { numberAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { type Bin, histogram } from "./histogram.ts";
import { COLOR, THRESHOLD_STYLE } from "./palette.ts";
import { checkColumns, drawableRows, extent, groupRows } from "./rows.ts";
import { formatCount, formatNumber, omittedNote, shorten } from "./text.ts";

/** Options for {@linkcode distributionPlot}. */
export type DistributionPlotOptions = {
  /** The title. @default {"Response time by group"} */
  title?: string;
};

/** One group, as its panel shows it. */
type Panel = { name: string; count: string; median: number; bins: Bin[] };

const GROUP_LIMIT = 8;
const PANEL_HEIGHT = 44;
const NAME_LETTERS = 28;

/**
 * Draws one histogram a group under another on one logarithmic axis, the
 * largest 8 groups first, each as tall as its panel, with a dashed line at its
 * median.
 *
 * @param responseTimeMs Response times in milliseconds, shape `(n)`, n >= 1.
 * @param groups The group of each.
 * @param options The title.
 * @returns The figure.
 * @throws {RangeError} If there is no value, lengths differ, a value is not
 * finite, or none is above 0.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { categoriesOf } from "lib/logs/request_log.ts";
 * import { distributionPlot } from "lib/show/distribution_plot.ts";
 *
 * const figure = distributionPlot(
 *   Float64Array.of(10, 20, 30, 500),
 *   categoriesOf(["GET", "GET", "GET", "POST"]),
 * );
 * assert.match(figure.alt, /GET median 20 \(3 values\)/);
 * ```
 */
export function distributionPlot(
  responseTimeMs: Float64Array,
  groups: Categories,
  options: DistributionPlotOptions = {},
): Figure {
  const { title = "Response time by group" } = options;
  checkColumns({ responseTimeMs, groups: groups.codes }, "draw distributions");
  const rows = drawableRows([responseTimeMs], true);
  const found = groupRows(groups, rows);
  const timesOf = (rows: Iterable<number>) =>
    Float64Array.from(rows, (i) => responseTimeMs[i]);
  const domain = extent(timesOf(rows));
  const panels = found.slice(0, GROUP_LIMIT).map(({ name, rows }): Panel => ({
    name: shorten(name, NAME_LETTERS),
    count: formatCount(rows.length, "value"),
    median: median(timesOf(rows)),
    bins: histogram(timesOf(rows), domain, { log: true }),
  }));

  return drawFigure({
    marginTop: 8,
    marginLeft: 210,
    x: { ...numberAxis("Response time (ms)", { log: true }), grid: true },
    y: { axis: null },
    fy: { label: null, padding: 0.15 },
    marks: panelMarks(panels),
  }, {
    title,
    notes: [
      found.length > panels.length
        ? `the ${panels.length} largest of ${formatNumber(found.length)} groups`
        : formatCount(found.length, "group"),
      "each scaled to its own tallest bin",
      omittedNote(responseTimeMs.length - rows.length),
    ],
    details: panels.map(({ name, count, median }) =>
      `${name} median ${formatNumber(median)} (${count})`
    ),
    legend: [
      ["■", COLOR.normal, "Values"],
      ["━ ━", COLOR.threshold, "Median"],
    ],
    height: 56 + PANEL_HEIGHT * panels.length,
  });
}

function panelMarks(panels: readonly Panel[]): Plot.Markish[] {
  const fy = (_panel: Panel, k: number) => k;
  return [
    Plot.axisFy({
      anchor: "left",
      tickFormat: (k: number) => `${panels[k].name}\n${panels[k].count}`,
    }),
    Plot.rectY(
      panels.flatMap(({ bins }, fy) => bins.map((bin) => ({ ...bin, fy }))),
      Plot.normalizeY<Plot.RectYOptions>("max", {
        fy: "fy",
        x1: "from",
        x2: "to",
        y: "count",
        insetRight: 0.5,
        fill: COLOR.normal,
        ariaDescription: "bins",
      }),
    ),
    Plot.tickX(panels, {
      fy,
      x: "median",
      ...THRESHOLD_STYLE,
      ariaDescription: "medians",
    }),
    Plot.ruleY(panels, { fy, y: 0 }),
  ];
}
