import assert from "node:assert/strict";
import { Figure } from "lib/show/figure.ts";

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

Deno.test("toPng() writes a PNG of 1.25 pixels for each CSS pixel", () => {
  const png = square("red").toPng();
  assert.deepEqual([...png.slice(0, 8)], PNG_SIGNATURE);
  assert.deepEqual(pixelSize(png), [50, 25]);
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
