/**
 * A figure: an SVG drawing that becomes a PNG and shows itself in a Deno
 * notebook, always with a plain-text alternative. PNG is what GitHub and
 * untrusted notebooks show reliably.
 *
 * Text is drawn with the DejaVu Sans that comes as a package, so that a figure
 * looks alike on every machine, with or without fonts of its own.
 *
 * @module
 */

import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import { cleanText } from "./text.ts";

/** The font family of all text in figures. */
export const FONT_FAMILY = "DejaVu Sans";

/**
 * Pixels of the PNG for each CSS pixel. The kernel gives no size to display an
 * image at, so a notebook shows it pixel by pixel, shrunk to the page's width:
 * a quarter more is sharp when shrunk and not too large when not.
 */
const PIXEL_DENSITY = 1.25;

const FONT_FILES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];

/** A drawing with its plain-text alternative. */
export class Figure {
  /** The drawing: a complete SVG document. */
  readonly svg: string;
  /** What the figure shows, for those who do not see it. */
  readonly alt: string;

  /**
   * Takes a finished drawing.
   *
   * @param svg A complete SVG document without `<style>` and CSS variables,
   * which PNG rendering does not resolve.
   * @param alt The plain-text alternative: title, axes and key numbers.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { Figure } from "lib/show/figure.ts";
   *
   * const figure = new Figure(
   *   '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"/>',
   *   "Nothing at all.",
   * );
   * assert.deepEqual([...figure.toPng().slice(1, 4)], [0x50, 0x4e, 0x47]); // PNG
   * ```
   */
  constructor(svg: string, alt: string) {
    this.svg = svg;
    this.alt = cleanText(alt);
  }

  /**
   * Renders the drawing to pixels.
   *
   * @returns The bytes of a PNG file, on white.
   */
  toPng(): Uint8Array<ArrayBuffer> {
    // Resolved from this module, so that the working directory is irrelevant.
    const require = createRequire(import.meta.url);
    const image = new Resvg(this.svg, {
      background: "white",
      fitTo: { mode: "zoom", value: PIXEL_DENSITY },
      font: {
        fontFiles: FONT_FILES.map((file) =>
          require.resolve(`dejavu-fonts-ttf/ttf/${file}`)
        ),
        loadSystemFonts: false,
        defaultFontFamily: FONT_FAMILY,
      },
    }).render();
    return Uint8Array.from(image.asPng());
  }

  /**
   * Shows the figure in the Deno kernel.
   *
   * @returns The PNG as base64 and the plain-text alternative, by media type.
   */
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "image/png": this.toPng().toBase64(), "text/plain": this.alt };
  }
}
