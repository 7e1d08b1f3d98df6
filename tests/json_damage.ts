/**
 * Damages JSON in every place, always the same way, to see what a loader makes
 * of it.
 *
 * @module
 */

/** Where a field stands: names in objects, numbers in lists. */
export type Path = readonly (string | number)[];

/** Stands for a field that is taken away. */
export const MISSING = Symbol("missing");

/** Longer lists are damaged in their first elements only. */
const ELEMENTS_TRIED = 3;

/**
 * Calls back for each field, however deep.
 *
 * @param text JSON text.
 * @param callback Gets the path of the field, its value, and a function that
 * gives a fresh copy of all with another value in its place.
 */
export async function forEachField(
  text: string,
  callback: (
    path: Path,
    value: unknown,
    copyWith: (other: unknown) => unknown,
  ) => Promise<void>,
): Promise<void> {
  for (const path of pathsOf(JSON.parse(text))) {
    const value = path.reduce<unknown>(
      (parent, key) => (parent as Record<string, unknown>)[key],
      JSON.parse(text),
    );
    await callback(path, value, (other) => replaced(text, path, other));
  }
}

/**
 * Values of every kind other than that of the value, none at all, and for
 * texts also empty and cut ones.
 *
 * @param value The value to replace.
 * @returns The values to put in its place.
 */
export function damages(value: unknown): unknown[] {
  const kinds = [MISSING, null, true, 3, "damaged", [], {}];
  const others = kinds.filter((other) => kindOf(other) !== kindOf(value));
  if (typeof value === "string") others.push("", "damaged", value.slice(1));
  return others;
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value)
    ? [...value.keys()].slice(0, ELEMENTS_TRIED)
    : Object.keys(value);
  return keys.flatMap((key) => {
    const inner = [...path, key];
    const child = (value as Record<string, unknown>)[key];
    return [inner, ...pathsOf(child, inner)];
  });
}

function replaced(text: string, path: Path, other: unknown): unknown {
  const root = JSON.parse(text);
  const parent = path.slice(0, -1).reduce((node, key) => node[key], root);
  const last = path[path.length - 1];
  if (other === MISSING) delete parent[last];
  else parent[last] = other;
  return root;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
