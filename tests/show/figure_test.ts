import assert from "node:assert/strict";
import * as Plot from "@observablehq/plot";
import { drawFigure, FIGURE_WIDTH } from "lib/show/drawing.ts";
import { Figure } from "lib/show/figure.ts";
import { parseFigure, textsOf } from "./svg_reader.ts";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Width and height from the header of a PNG. */
function pixelSize(png: Uint8Array): [number, number] {
  const header = new DataView(png.buffer, png.byteOffset);
  return [header.getUint32(16), header.getUint32(20)];
}

function square(color: string, text = ""): Figure {
  return new Figure(
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">` +
      `<rect width="40" height="20" fill="${color}"/>` +
      `<text y="15" font-family="DejaVu Sans">${text}</text></svg>`,
    "A square",
  );
}

Deno.test("toPng() writes a PNG of the size and density asked for", () => {
  const png = square("red").toPng(2);
  assert.deepEqual([...png.slice(0, 8)], PNG_SIGNATURE);
  assert.deepEqual(pixelSize(png), [80, 40]);
  assert.deepEqual(pixelSize(square("red").toPng()), [50, 25]); // 1.25 pixels
});

Deno.test("toPng() draws text with the font that comes along", () => {
  const [blank, written] = ["", "Wm"].map((text) =>
    square("white", text).toPng()
  );
  assert.ok(written.length > blank.length + 50);
});

Deno.test("toPng() finds its font from any working directory", () => {
  const before = Deno.cwd();
  Deno.chdir("/");
  try {
    assert.ok(square("white", "Wm").toPng().length > 150);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("a figure shows itself in the kernel as PNG and text", () => {
  const figure = square("red");
  const show = Reflect.get(figure, Symbol.for("Jupyter.display"));
  const shown = show.call(figure);
  assert.deepEqual(Object.keys(shown), ["image/png", "text/plain"]);
  assert.deepEqual(
    Uint8Array.fromBase64(shown["image/png"]),
    figure.toPng(),
  );
  assert.equal(shown["text/plain"], "A square");
});

Deno.test("Figure rejects what is no SVG and densities that are not above 0", () => {
  assert.throws(() => new Figure("<figure>", ""), {
    name: "TypeError",
    message:
      'Cannot make a figure: text starts with "<figure>", expected "<svg "',
  });
  assert.throws(() => square("red").toPng(0), RangeError);
});

Deno.test("drawFigure() holds title, subtitle and legend inside the drawing", () => {
  const figure = drawFigure({ marks: [Plot.dot([[1, 2], [3, 4]])] }, {
    title: "Title",
    subtitle: "Subtitle",
    legend: [{ label: "Dots", color: "red", shape: "dot" }],
    height: 200,
  });
  assert.deepEqual(textsOf(figure).slice(0, 3), ["Title", "Subtitle", "Dots"]);
  assert.equal(figure.alt, "Title. Subtitle");
  const root = parseFigure(figure).documentElement;
  assert.equal(root.getAttribute("width"), String(FIGURE_WIDTH));
  // 8 above, 18 a line of text, 22 a row of the legend, 8 below, and the plot.
  assert.equal(root.getAttribute("height"), String(8 + 18 + 18 + 22 + 8 + 200));
});

Deno.test("drawFigure() leaves no style sheet and no CSS variable", () => {
  const svg = drawFigure({ marks: [Plot.lineY([1, 2, 3])] }).toSvg();
  assert.doesNotMatch(svg, /<style|var\(|<figure/);
});

Deno.test("drawFigure() shows markup from a log as text, wherever it stands", () => {
  const evil = '<script>alert("1")</script>&\u0000';
  const figure = drawFigure({
    x: { label: evil },
    marks: [Plot.text([evil], { x: 0, y: 0, title: (name: string) => name })],
  }, {
    title: evil,
    subtitle: evil,
    legend: [{ label: evil, color: "red", shape: "area" }],
  });
  const shown = '<script>alert("1")</script>&�';
  assert.doesNotMatch(figure.toSvg(), /<script|\p{Cc}/u);
  assert.equal(figure.alt, `${shown}. ${shown}`);
  assert.equal(
    textsOf(figure).filter((text) => text.includes(shown)).length,
    5,
  );
  assert.deepEqual([...figure.toPng().slice(0, 8)], PNG_SIGNATURE);
});

Deno.test("drawFigure() breaks a long subtitle into lines", () => {
  const figure = drawFigure({ marks: [] }, { subtitle: "word ".repeat(60) });
  // 808 pixels hold 112 letters of 7.2: 22 words of 5 letters make 109.
  assert.deepEqual(
    textsOf(figure).slice(0, 3).map((line) => line.split(" ").length),
    [22, 22, 16],
  );
});
