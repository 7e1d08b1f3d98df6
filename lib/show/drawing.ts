/**
 * From an Observable Plot to a {@linkcode Figure}: title, subtitle and legend
 * are composed inside the same SVG. Plot's own would wrap it in an HTML
 * `<figure>`, which a PNG cannot hold.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { DOMParser } from "linkedom";
import { Figure, FONT_FAMILY } from "./figure.ts";
import { INK } from "./palette.ts";
import { cleanText, escapeMarkup } from "./text.ts";

/** What Observable Plot draws, in its own terms. */
export type PlotOptions = Plot.PlotOptions;

/** One sign of a legend with its meaning. */
export type LegendEntry = {
  /** The meaning. */
  label: string;
  /** The sign's colour. */
  color: string;
  /** The sign's shape. */
  shape: "dot" | "cross" | "line" | "dashes" | "area";
  /** The sign's opacity. @default {1} */
  opacity?: number;
};

/** Options for {@linkcode drawFigure}. */
export type DrawingOptions = {
  /** The title, in bold above the drawing. @default {""} */
  title?: string;
  /** A line or two below the title. @default {""} */
  subtitle?: string;
  /** The signs explained below the subtitle. @default {[]} */
  legend?: readonly LegendEntry[];
  /** The plain-text alternative. @default {the title and the subtitle} */
  alt?: string;
  /** Height of the plot below its header, in CSS pixels. @default {360} */
  height?: number;
};

/** Width of every figure in CSS pixels: the column of a notebook on GitHub. */
export const FIGURE_WIDTH = 840;

const SIDE_MARGIN = 16;
const FONT_SIZE = 12;
const TITLE_SIZE = 16;
const LINE_HEIGHT = 18;
/** Mean advance of a letter of DejaVu Sans, in units of the font size. */
const LETTER_WIDTH = 0.6;
const SIGN_WIDTH = 22;

/**
 * Draws a plot as a figure.
 *
 * @param plot What Observable Plot draws, in its own terms, without title,
 * legend and caption.
 * @param options The text around it.
 * @returns The figure.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import * as Plot from "@observablehq/plot";
 * import { drawFigure } from "lib/show/drawing.ts";
 *
 * const figure = drawFigure(
 *   { marks: [Plot.dot([[1, 2]])] },
 *   { title: "One <point>" },
 * );
 * assert.match(figure.toSvg(), />One &lt;point&gt;</);
 * assert.equal(figure.alt, "One <point>");
 * ```
 */
export function drawFigure(
  plot: PlotOptions,
  options: DrawingOptions = {},
): Figure {
  const { title = "", subtitle = "", legend = [], height = 360 } = options;
  const { alt = [title, subtitle].filter((line) => line !== "").join(". ") } =
    options;
  const header = drawHeader(title, subtitle, legend);
  const fullHeight = header.height + height;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${FIGURE_WIDTH}"`,
    ` height="${fullHeight}" viewBox="0 0 ${FIGURE_WIDTH} ${fullHeight}"`,
    ` font-family="${FONT_FAMILY}" font-size="${FONT_SIZE}"`,
    ` color="${INK}" fill="currentColor" role="img">`,
    `<title>${escapeMarkup(cleanText(alt))}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    header.svg,
    `<g transform="translate(0,${header.height})" text-anchor="middle">`,
    drawPlot(plot, height),
    "</g></svg>",
  ].join("");
  return new Figure(svg, alt);
}

/** The children of Plot's `<svg>`, without its style sheet. */
function drawPlot(plot: PlotOptions, height: number): string {
  const svg = Plot.plot({
    marginTop: 28,
    marginRight: 28,
    marginBottom: 44,
    marginLeft: 64,
    ...plot,
    ...(plot.y ? { y: { labelOffset: 51, ...plot.y } } : {}),
    width: FIGURE_WIDTH,
    height,
    document: emptyDocument(),
  });
  svg.querySelector("style")?.remove();
  // A control character in a label would make the whole no XML.
  return cleanText(svg.innerHTML);
}

/** An XML document, since linkedom does not escape `<` in HTML attributes. */
function emptyDocument(): Document {
  const document = new DOMParser().parseFromString("<svg/>", "image/svg+xml");
  // linkedom's own types leave out most of what a Document has.
  return document as unknown as Document;
}

function drawHeader(
  title: string,
  subtitle: string,
  legend: readonly LegendEntry[],
): { svg: string; height: number } {
  const parts: string[] = [];
  let y = 8;
  for (const line of wrap(title, TITLE_SIZE)) {
    y += LINE_HEIGHT;
    parts.push(
      drawText(
        line,
        SIDE_MARGIN,
        y,
        `font-size="${TITLE_SIZE}" font-weight="bold"`,
      ),
    );
  }
  for (const line of wrap(subtitle, FONT_SIZE)) {
    y += LINE_HEIGHT;
    parts.push(drawText(line, SIDE_MARGIN, y));
  }
  for (const row of legendRows(legend)) {
    y += LINE_HEIGHT + 4;
    parts.push(...row.map(({ entry, x }) => drawEntry(entry, x, y)));
  }
  return { svg: parts.join(""), height: y + 8 };
}

function drawText(text: string, x: number, y: number, more = ""): string {
  return `<text x="${x}" y="${y}" ${more}>${escapeMarkup(text)}</text>`;
}

/** Breaks a text into lines that fit the figure. */
function wrap(text: string, fontSize: number): string[] {
  const room = (FIGURE_WIDTH - 2 * SIDE_MARGIN) / (fontSize * LETTER_WIDTH);
  const lines: string[] = [];
  let line = "";
  for (const word of cleanText(text).trim().split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > room && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}

function legendRows(
  legend: readonly LegendEntry[],
): { entry: LegendEntry; x: number }[][] {
  const rows: { entry: LegendEntry; x: number }[][] = [];
  let x = Infinity;
  for (const entry of legend) {
    const label = cleanText(entry.label);
    const width = SIGN_WIDTH + label.length * FONT_SIZE * LETTER_WIDTH + 20;
    if (x + width > FIGURE_WIDTH) {
      rows.push([]);
      x = SIDE_MARGIN;
    }
    rows[rows.length - 1].push({ entry: { ...entry, label }, x });
    x += width;
  }
  return rows;
}

function drawEntry(entry: LegendEntry, x: number, y: number): string {
  const { label, color, shape, opacity = 1 } = entry;
  const middle = y - 4;
  const line = `d="M${x},${middle}h16" stroke="${color}" stroke-width="2"`;
  const sign = {
    dot: `<circle cx="${x + 8}" cy="${middle}" r="3.5" fill="${color}"`,
    cross: `<path d="M${x + 4},${middle - 4}l8,8m0,-8l-8,8"` +
      ` stroke="${color}" stroke-width="2"`,
    line: `<path ${line}`,
    dashes: `<path ${line} stroke-dasharray="5,3"`,
    area: `<rect x="${x}" y="${y - 10}" width="16" height="12" fill="${color}"`,
  }[shape];
  return `${sign} opacity="${opacity}"/>${drawText(label, x + SIGN_WIDTH, y)}`;
}
