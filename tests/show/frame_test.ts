import assert from "node:assert/strict";
import * as Plot from "@observablehq/plot";
import { drawFigure, FIGURE_WIDTH } from "lib/show/frame.ts";
import { parseFigure, textsOf } from "./svg_reader.ts";

Deno.test("drawFigure() holds title, notes and legend inside the drawing", () => {
  const figure = drawFigure({
    x: { label: "Epoch" },
    y: { label: "Loss" },
    marks: [Plot.dot([[1, 2], [3, 4]])],
  }, {
    title: "Title",
    notes: ["one", "", "two"],
    details: ["three"],
    legend: [["●", "red", "Dots"], ["━━", "blue", "Line"]],
    height: 200,
  });
  assert.deepEqual(textsOf(figure).slice(0, 3), [
    "Title",
    "one · two",
    "●Dots━━Line",
  ]);
  assert.equal(figure.alt, "Title. x: Epoch; y: Loss. one; two; three.");
  const root = parseFigure(figure).documentElement;
  assert.equal(root.getAttribute("width"), String(FIGURE_WIDTH));
  // 14 around three lines of 20, and the plot.
  assert.equal(root.getAttribute("height"), String(14 + 3 * 20 + 200));
});

Deno.test("drawFigure() leaves no style sheet and no CSS variable", () => {
  const { svg } = drawFigure({ marks: [Plot.lineY([1, 2, 3])] }, { title: "" });
  assert.doesNotMatch(svg, /<style|var\(|<figure/);
});

Deno.test("drawFigure() shows markup from a log as text, wherever it stands", () => {
  const evil = '<script>alert("1")</script>&\u0000';
  const figure = drawFigure({
    x: { label: evil },
    marks: [Plot.text([evil], { x: 0, y: 0, title: (name: string) => name })],
  }, {
    title: evil,
    notes: [evil],
    legend: [["■", "red", evil]],
  });
  const shown = '<script>alert("1")</script>&�';
  assert.doesNotMatch(figure.svg, /<script|\p{Cc}/u);
  assert.equal(figure.alt, `${shown}. x: ${shown}. ${shown}.`);
  assert.equal(
    textsOf(figure).filter((text) => text.includes(shown)).length,
    5,
  );
  // The signature of a PNG: the SVG is well-formed.
  assert.deepEqual([...figure.toPng().slice(1, 4)], [0x50, 0x4e, 0x47]);
});

Deno.test("drawFigure() breaks long notes and legends into lines", () => {
  const figure = drawFigure({ marks: [] }, {
    title: "Title",
    notes: ["word ".repeat(60)],
    legend: Array.from(
      { length: 3 },
      (_, k) => ["■", "red", `${k}`.repeat(50)],
    ),
  });
  const [, ...lines] = textsOf(figure);
  // A line has 112 letters: 22 words of 5, or 2 entries of 56.
  assert.deepEqual(
    lines.slice(0, 3).map((line) => line.split(" ").length),
    [22, 22, 16],
  );
  assert.deepEqual(lines.slice(3, 5).map((line) => line.length), [102, 51]);
});
