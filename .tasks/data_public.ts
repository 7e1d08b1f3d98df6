/**
 * `deno task data:public DIR`: downloads the public data sets that the tests
 * and benchmarks read, into a folder for `LATENCY_LAB_DATA`.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fromCaller, sha256 } from "./project.ts";
import { nabWindows, type PublicFile, publicFiles } from "./public_files.ts";

/** Options for {@linkcode downloadPublicData}. */
export type DownloadOptions = {
  /** The files to download. @default {all public files} */
  files?: readonly PublicFile[];
  /** NAB's labelled windows. @default {those of the pinned NAB} */
  windows?: PublicFile;
  /** Reads a URL. @default {the global fetch} */
  fetch?: (url: string) => Promise<Response>;
  /** Shows one line of progress. @default {to standard output} */
  report?: (line: string) => void;
};

/** Labelled windows: of each series, the first and last time of each. */
type Windows = Record<string, [string, string][]>;

/**
 * Downloads the public data sets. Files that are there already with the right
 * checksum are kept; a file is in place only when it is whole and right.
 *
 * @param folder The folder to fill.
 * @param options The files, and how they are fetched.
 * @throws {Error} If a file cannot be fetched or has another checksum.
 */
export async function downloadPublicData(
  folder: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { files = publicFiles, windows = nabWindows } = options;
  const { fetch = globalThis.fetch, report = console.log } = options;
  for (const file of [...files, windows]) {
    const path = join(folder, file.path);
    if (await checksumIfAny(path) !== file.sha256) {
      await writeWhole(path, await download(file, fetch));
    }
    report(file.path);
  }
  const text = await Deno.readTextFile(join(folder, windows.path));
  const used = usedWindows(text, files.map(({ path }) => path));
  await writeWhole(
    join(folder, "nab", "windows.json"),
    new TextEncoder().encode(used),
  );
  report("nab/windows.json");
}

/**
 * The labelled windows of the series that are used, with times as the series
 * themselves write them: without fractions of a second.
 *
 * @param text NAB's `combined_windows.json`.
 * @param paths The files that are used; those of `nab/` count.
 * @returns The windows as JSON.
 * @throws {SyntaxError} If the text has no windows for one of the series.
 */
export function usedWindows(text: string, paths: readonly string[]): string {
  const all = JSON.parse(text) as Windows;
  const used: Windows = {};
  for (const path of paths) {
    if (!/^nab\/.*\.csv$/.test(path)) continue;
    const series = path.slice("nab/".length);
    const windows = all[series];
    if (windows === undefined) {
      throw new SyntaxError(
        `Cannot read labelled windows: "${series}" is missing`,
      );
    }
    used[series] = windows.map(([start, end]) => [
      start.replace(/\.0+$/, ""),
      end.replace(/\.0+$/, ""),
    ]);
  }
  return JSON.stringify(used, null, 1);
}

async function download(
  { path, url, sha256: expected }: PublicFile,
  fetch: (url: string) => Promise<Response>,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch((error) => {
    throw new Error(`Cannot download ${path}: ${url}: ${error.message}`);
  });
  if (!response.ok) {
    throw new Error(
      `Cannot download ${path}: ${url} answered ${response.status}`,
    );
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const actual = await sha256(bytes);
  if (actual !== expected) {
    throw new Error(
      `Cannot download ${path}: its SHA-256 is ${actual}, expected ${expected}`,
    );
  }
  return bytes;
}

async function checksumIfAny(path: string): Promise<string | undefined> {
  try {
    return await sha256(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes beside the file and renames, so that it is never half there. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  try {
    await Deno.writeFile(part, bytes);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => undefined);
    throw error;
  }
}

if (import.meta.main) {
  if (Deno.args.length !== 1 || Deno.args[0].startsWith("-")) {
    console.error("Expected a folder: deno task data:public DIR");
    Deno.exit(2);
  }
  const folder = fromCaller(Deno.args[0]);
  try {
    await downloadPublicData(folder);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
  console.log(`\nSet LATENCY_LAB_DATA=${folder} to run the tests on it`);
}
