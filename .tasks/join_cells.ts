/**
 * Joins the code cells of a notebook into one TypeScript module, which can be
 * type-checked, and finds the way back from its lines to the cells.
 *
 * @module
 */

/** A notebook's code as one module. */
export type JoinedCells = {
  /** The text of the module. */
  readonly text: string;
  /**
   * Where each line of the module stands in the notebook, both counted from
   * 1; undefined for the lines between the cells.
   */
  readonly origin: readonly (CellLine | undefined)[];
};

/** A line of a notebook's code. */
export type CellLine = {
  /** The cell, counted from 1 among those that run. */
  readonly cell: number;
  /** The line in the cell, from 1. */
  readonly line: number;
};

/** Types of `Deno.jupyter`, which the kernel has and `deno check` has not. */
const header = '/// <reference lib="deno.unstable" />';
/** Ends the statement before, whatever the next cell begins with. */
const separator = ";";
/** Makes the file a module even if no cell imports anything. */
const footer = "export {};";

/**
 * Joins cells into one module.
 *
 * @param cells The code of each cell.
 * @returns The module, and where its lines come from.
 */
export function joinCells(cells: readonly string[]): JoinedCells {
  const lines = [header];
  const origin: (CellLine | undefined)[] = [undefined];
  cells.forEach((code, index) => {
    code.replace(/\n$/, "").split("\n").forEach((text, line) => {
      lines.push(text);
      origin.push({ cell: index + 1, line: line + 1 });
    });
    lines.push(separator);
    origin.push(undefined);
  });
  return { text: [...lines, footer, ""].join("\n"), origin };
}

/**
 * Rewrites the positions in a compiler's messages: `file:///…/.check/NAME.ts`
 * with line and column becomes notebook, cell, line and column.
 *
 * @param messages What the compiler wrote.
 * @param joined The joined cells of each notebook, by the URL of the file that
 * was checked, with the notebook's name.
 * @returns The messages with positions in the notebooks.
 */
export function mapPositions(
  messages: string,
  joined: ReadonlyMap<string, { name: string; cells: JoinedCells }>,
): string {
  return messages.replace(
    /(file:\/\/\S+\.ts):(\d+):(\d+)/g,
    (position: string, url: string, line: string, column: string) => {
      const notebook = joined.get(url);
      const from = notebook?.cells.origin[Number(line) - 1];
      return notebook && from
        ? `${notebook.name}, cell ${from.cell}, line ${from.line}, column ${column}`
        : position;
    },
  );
}
