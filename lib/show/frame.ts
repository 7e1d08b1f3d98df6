/**
 * The frame of every figure: title, notes and legend above an Observable Plot,
 * all in one SVG, and the plain-text alternative made of the same words.
 * Plot's own title and legend would wrap the SVG in an HTML `<figure>`, which
 * a PNG cannot hold.
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

/** One entry of a legend: a sign, its colour, and its meaning. */
export type LegendEntry = readonly [
  sign: "●" | "✕" | "━━" | "━ ━" | "■",
  color: string,
  label: string,
];

/** The words around a plot. */
export type FrameOptions = {
  /** The title. */
  title: string;
  /** Facts below the title; empty ones are left out. @default {[]} */
  notes?: readonly string[];
  /** More facts, for the plain-text alternative only. @default {[]} */
  details?: readonly string[];
  /** The signs explained below the notes. @default {[]} */
  legend?: readonly LegendEntry[];
  /** Height of the plot below these words, in CSS pixels. @default {360} */
  height?: number;
};

/** Width of every figure in CSS pixels: the column of a notebook on GitHub. */
export const FIGURE_WIDTH = 840;

/** Room around the plot for its axes, in CSS pixels. */
export const MARGINS = {
  marginTop: 28,
  marginRight: 40,
  marginBottom: 44,
  marginLeft: 64,
} as const;

/** Height of a plot in CSS pixels, where its figure asks for no other. */
export const PLOT_HEIGHT = 360;

const SIDE_MARGIN = 16;
const LINE_HEIGHT = 20;
/** Letters that fit a line, at 12 pixels and in bold at 16. */
const LINE_LETTERS = 112;
const TITLE_LETTERS = 72;

/**
 * Draws a plot as a figure. The plain-text alternative reads
 * `Title. x: label; y: label. Notes; details.`
 *
 * @param plot What Observable Plot draws, with a label on each axis.
 * @param frame The words around it.
 * @returns The figure.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import * as Plot from "@observablehq/plot";
 * import { drawFigure } from "lib/show/frame.ts";
 *
 * const figure = drawFigure({
 *   x: { label: "Epoch" },
 *   y: { label: "Loss" },
 *   marks: [Plot.dot([[1, 2]])],
 * }, { title: "One <point>", notes: ["1 epoch"], details: ["loss 2"] });
 * assert.match(figure.svg, />One &lt;point&gt;</);
 * assert.equal(figure.alt, "One <point>. x: Epoch; y: Loss. 1 epoch; loss 2.");
 * ```
 */
export function drawFigure(plot: PlotOptions, frame: FrameOptions): Figure {
  const { height = PLOT_HEIGHT } = frame;
  const alt = describe(plot, frame);
  const lines = headerLines(frame)
    .map((line, k) =>
      `<text x="${SIDE_MARGIN}" y="${26 + k * LINE_HEIGHT}"${line}</text>`
    );
  const headerHeight = 14 + lines.length * LINE_HEIGHT;
  const fullHeight = headerHeight + height;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${FIGURE_WIDTH}"`,
    ` height="${fullHeight}" viewBox="0 0 ${FIGURE_WIDTH} ${fullHeight}"`,
    ` font-family="${FONT_FAMILY}" font-size="12"`,
    ` color="${INK}" fill="currentColor" role="img">`,
    `<title>${escapeMarkup(cleanText(alt))}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...lines,
    `<g transform="translate(0,${headerHeight})" text-anchor="middle">`,
    drawPlot(plot, height),
    "</g></svg>",
  ].join("");
  return new Figure(svg, alt);
}

function describe(plot: PlotOptions, frame: FrameOptions): string {
  const { title, notes = [], details = [] } = frame;
  const axes = [
    plot.x?.label ? `x: ${plot.x.label}` : "",
    plot.y?.label ? `y: ${plot.y.label}` : "",
  ];
  const join = (parts: readonly string[]) =>
    parts.filter((part) => part !== "").join("; ");
  return `${title}. ${join(axes)}. ${join([...notes, ...details])}.`;
}

/** The children of Plot's `<svg>`, without its style sheet. */
function drawPlot(plot: PlotOptions, height: number): string {
  const svg = Plot.plot({
    ...MARGINS,
    ...plot,
    // Begins the label of the upward axis where the title begins.
    y: { labelOffset: MARGINS.marginLeft - SIDE_MARGIN + 3, ...plot.y },
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

/** Each line of the header, from its attributes to the end of its text. */
function headerLines(frame: FrameOptions): string[] {
  const { title, notes = [], legend = [] } = frame;
  const subtitle = notes.filter((note) => note !== "").join(" · ");
  const signLetters = ([, , label]: LegendEntry) => label.length + 6;
  return [
    ...breakText(title, TITLE_LETTERS)
      .map((line) => ` font-size="16" font-weight="bold">${line}`),
    ...breakText(subtitle, LINE_LETTERS).map((line) => `>${line}`),
    ...fillLines(legend, signLetters, LINE_LETTERS)
      .map((entries) => `>${entries.map(drawEntry).join("")}`),
  ];
}

function breakText(text: string, letters: number): string[] {
  const words = cleanText(text).split(" ").filter((word) => word !== "");
  return fillLines(words, (word) => word.length + 1, letters)
    .map((line) => escapeMarkup(line.join(" ")));
}

/** Fills lines with items, as many as fit, but at least one a line. */
function fillLines<T>(
  items: readonly T[],
  lettersOf: (item: T) => number,
  limit: number,
): T[][] {
  const lines: T[][] = [];
  let room = 0;
  for (const item of items) {
    if (lettersOf(item) > room) {
      lines.push([]);
      room = limit;
    }
    lines[lines.length - 1].push(item);
    room -= lettersOf(item);
  }
  return lines;
}

function drawEntry([sign, color, label]: LegendEntry, k: number): string {
  const gap = k === 0 ? 0 : 20;
  const meaning = escapeMarkup(cleanText(label));
  return `<tspan dx="${gap}" fill="${color}">${sign}</tspan>` +
    `<tspan dx="6">${meaning}</tspan>`;
}
