/**
 * How values are spread in each of several groups, one small histogram each.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Categories } from "../logs/request_log.ts";
import { checkLength, checkValues } from "../numeric/checks.ts";
import { median } from "../numeric/statistics.ts";
import { type Domain, domainOf, drawableRows, numberAxis } from "./axes.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { histogram } from "./histogram.ts";
import { ROLE } from "./palette.ts";
import {
  altText,
  formatCount,
  formatNumber,
  joinNotes,
  shorten,
} from "./text.ts";

/** Options for {@linkcode distributionPlot}. */
export type DistributionPlotOptions = {
  /** The title. @default {"Response time by group"} */
  title?: string;
  /** What the values are. @default {"Response time (ms)"} */
  xLabel?: string;
  /** Whether values have a logarithmic axis. @default {true} */
  logX?: boolean;
  /** How many of the largest groups to draw. @default {8} */
  groupLimit?: number;
};

/** One group's histogram, as a share of its tallest bin. */
type Panel = {
  name: string;
  count: number;
  median: number;
  bins: { from: number; to: number; height: number }[];
};

const BIN_COUNT = 80;
const PANEL_HEIGHT = 44;
const NAME_LETTERS = 28;

/**
 * Draws one histogram a group under another on one axis, largest group first,
 * each as tall as its panel, with a dashed line at its median.
 *
 * @param values The values, shape `(n)`, n >= 1.
 * @param groups The group of each value.
 * @param options Title, label, axis and how many groups.
 * @returns The figure.
 * @throws {RangeError} If there is no value, lengths differ, a value is not
 * finite, or a logarithmic axis has nothing to show.
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
  values: Float64Array,
  groups: Categories,
  options: DistributionPlotOptions = {},
): Figure {
  const { title = "Response time by group", logX = true } = options;
  const { xLabel = "Response time (ms)", groupLimit = 8 } = options;
  const action = "draw distributions";
  checkValues(values, "values", action);
  checkLength(groups.codes.length, values.length, "groups", action);

  const { rows, note } = drawableRows(values, logX, action);
  const drawn = Float64Array.from(rows, (i) => values[i]);
  const domain = domainOf([drawn], { log: logX });
  const members = membersOf(values, groups, rows);
  const panels = members.slice(0, groupLimit)
    .map(([name, list]) => panelOf(name, list, domain, logX));

  return drawFigure({
    marginTop: 8,
    marginLeft: 210,
    x: { ...numberAxis(xLabel, domain, logX), grid: true },
    y: { axis: null, domain: [0, 1] },
    fy: { label: null, domain: [...panels.keys()], padding: 0.15 },
    marks: panelMarks(panels),
  }, {
    title,
    subtitle: joinNotes([
      panels.length < members.length
        ? `the ${panels.length} largest of ${
          formatNumber(members.length)
        } groups`
        : formatCount(members.length, "group", "groups"),
      "each scaled to its own tallest bin",
      note,
    ]),
    legend: [
      { label: "Values", color: ROLE.normal, shape: "area" },
      { label: "Median", color: ROLE.threshold, shape: "dashes" },
    ],
    alt: altText(title, `x: ${xLabel}`, [
      ...panels.map(({ name, count, median }) =>
        `${name} median ${formatNumber(median)} (${
          formatCount(count, "value", "values")
        })`
      ),
      note,
    ]),
    height: 56 + PANEL_HEIGHT * panels.length,
  });
}

/** The values of each group that has some, largest group first. */
function membersOf(
  values: Float64Array,
  groups: Categories,
  rows: Uint32Array,
): [string, Float64Array][] {
  const lists = groups.names.map((): number[] => []);
  for (const i of rows) lists[groups.codes[i]].push(values[i]);
  return lists
    .map((list, code): [string, Float64Array] => [
      shorten(groups.names[code], NAME_LETTERS),
      Float64Array.from(list),
    ])
    .filter(([, list]) => list.length > 0)
    .sort(([, a], [, b]) => b.length - a.length);
}

function panelOf(
  name: string,
  values: Float64Array,
  domain: Domain,
  log: boolean,
): Panel {
  const { edges, counts } = histogram(values, {
    domain,
    binCount: BIN_COUNT,
    log,
  });
  const tallest = counts.reduce((a, b) => Math.max(a, b));
  const bins = [...counts.keys()].filter((k) => counts[k] > 0)
    .map((k) => ({
      from: edges[k],
      to: edges[k + 1],
      height: counts[k] / tallest,
    }));
  return { name, count: values.length, median: median(values), bins };
}

function panelMarks(panels: readonly Panel[]): Plot.Markish[] {
  const bins = panels.flatMap((panel, row) =>
    panel.bins.map((bin) => ({ ...bin, row }))
  );
  const rows = [...panels.keys()];
  return [
    Plot.axisFy({
      anchor: "left",
      tickFormat: (row: number) =>
        `${panels[row].name}\n${
          formatCount(panels[row].count, "value", "values")
        }`,
    }),
    Plot.rect(bins, {
      fy: "row",
      x1: "from",
      x2: "to",
      y1: 0,
      y2: "height",
      fill: ROLE.normal,
      insetRight: 0.5,
      ariaDescription: "bins",
    }),
    Plot.tickX(rows, {
      fy: (row: number) => row,
      x: (row: number) => panels[row].median,
      stroke: ROLE.threshold,
      strokeWidth: 2,
      strokeDasharray: "5,3",
      ariaDescription: "medians",
    }),
    Plot.ruleY(rows, { fy: (row: number) => row, y: 0 }),
  ];
}
