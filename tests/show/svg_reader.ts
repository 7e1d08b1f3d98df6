/**
 * Reads back what a figure drew, by the name that each mark carries in
 * `aria-description`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import type { Figure } from "lib/show/figure.ts";

/** The drawing, parsed as XML. */
export function parseFigure(figure: Figure): Document {
  const document = new DOMParser()
    .parseFromString(figure.svg, "image/svg+xml");
  return document as unknown as Document;
}

/** The shapes of one mark, in drawing order; none if it is not drawn. */
export function shapesOf(figure: Figure, name: string): Element[] {
  const groups = parseFigure(figure)
    .querySelectorAll(`[aria-description="${name}"]`);
  return [...groups].flatMap((group) => {
    const shapes = [...group.querySelectorAll("path, circle, rect, line")]
      .filter((shape) => !shape.closest("marker"));
    return shapes.length > 0 ? shapes : [group];
  });
}

/** All texts of the drawing, in drawing order. */
export function textsOf(figure: Figure): string[] {
  return [...parseFigure(figure).querySelectorAll("text")]
    .map((text) => text.textContent ?? "");
}

/** A number attribute of a shape. */
export function numberOf(shape: Element, name: string): number {
  const value = Number(shape.getAttribute(name) ?? NaN);
  assert.ok(Number.isFinite(value), `${name} of ${shape.outerHTML}`);
  return value;
}

/** The points of a path of straight lines. */
export function pointsOf(path: Element): [number, number][] {
  return (path.getAttribute("d") ?? "").slice(1).replace(/Z$/, "").split("L")
    .map((point) => {
      const [x, y] = point.split(",").map(Number);
      return [x, y];
    });
}
