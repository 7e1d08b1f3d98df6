/**
 * Finds notebooks by name and reads their code.
 *
 * @module
 */

import { basename, join } from "node:path";
import { projectRoot } from "./project.ts";

/** The folder of the project's notebooks. */
export const notebooksFolder: string = join(projectRoot, "notebooks");

/**
 * Lists the notebooks of a folder.
 *
 * @param folder The folder.
 * @returns The paths of its notebooks, in the order of their names.
 * @throws {RangeError} If the folder has no notebook.
 */
export async function listNotebooks(
  folder: string = notebooksFolder,
): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isFile && entry.name.endsWith(".ipynb")) names.push(entry.name);
  }
  if (names.length === 0) {
    throw new RangeError(`Cannot list notebooks: ${folder} has none`);
  }
  return names.sort().map((name) => join(folder, name));
}

/**
 * Picks the notebook that a user means.
 *
 * @param name Its name, with or without `.ipynb`, or the beginning of its name
 * where no other notebook's name begins so.
 * @param paths The notebooks to choose from.
 * @returns The path of the one notebook meant.
 * @throws {RangeError} If no notebook, or more than one, has such a name.
 */
export function resolveNotebook(
  name: string,
  paths: readonly string[],
): string {
  const wanted = titleOf(name);
  const exact = paths.filter((path) => titleOf(path) === wanted);
  const found = exact.length > 0
    ? exact
    : paths.filter((path) => titleOf(path).startsWith(wanted));
  if (found.length === 1) return found[0];
  const choices = (found.length > 0 ? found : paths).map(titleOf).join(", ");
  throw new RangeError(
    `Cannot choose a notebook: "${name}" is the beginning of ${
      found.length === 0 ? "none" : "several"
    }, expected one of ${choices}`,
  );
}

/**
 * Reads the code of a notebook, leaving out prose and empty cells.
 *
 * @param text The text of an `.ipynb` file.
 * @returns The code of each cell that runs, in order.
 * @throws {SyntaxError} If the text is not a notebook.
 */
export function codeCells(text: string): string[] {
  const { cells } = JSON.parse(text) as { cells?: unknown };
  if (!Array.isArray(cells)) {
    throw new SyntaxError("Cannot read notebook: it has no list of cells");
  }
  return (cells as { cell_type: string; source: string | string[] }[])
    .filter((cell) => cell.cell_type === "code")
    .map(({ source }) => Array.isArray(source) ? source.join("") : source)
    .filter((source) => source.trim() !== "");
}

/**
 * A notebook's name without folder and extension.
 *
 * @param path Its path.
 * @returns Its name.
 */
export function titleOf(path: string): string {
  return basename(path, ".ipynb");
}
