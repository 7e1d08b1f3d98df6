/**
 * Reads a folder of Parquet files as one table. A folder in it named `key=value`
 * gives its files a column of that value, as Hive writes partitions. Names that
 * begin with a dot or an underscore are passed over, as Hive and Spark do.
 *
 * @module
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { DEFAULT_MAX_BYTES, overLimit } from "./input.ts";
import type { ReadInputOptions, ReadInputResult } from "./input_kind.ts";
import { type ParquetPart, parseParquetParts } from "./parquet.ts";

/** A file of a folder. */
export type ParquetFile = {
  /** Its path. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Values of columns that stand in its path; null is no value. */
  readonly partition: ReadonlyMap<string, string | null>;
};

/** What Hive writes where a partition has no value. */
const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";
const MAX_DEPTH = 32;

/**
 * Reads a folder.
 *
 * @param folder The folder; its files are read in the order of their paths.
 * @param options Mode, zone, unit, names of the columns, limit on the size of
 * all files and on what they unpack to.
 * @returns The log or the series, and a report of its reading, whose lines are
 * the rows of all files, from 1.
 * @throws {SyntaxError} If there is no Parquet file, one is damaged, or as
 * {@linkcode parseParquet} does.
 * @throws {RangeError} If an option or the size of the files is out of range.
 * @throws {Error} If the folder does not exist or cannot be read.
 */
export async function readParquetFolder(
  folder: string,
  options: ReadInputOptions = {},
): Promise<ReadInputResult> {
  const { file = folder, maxBytes = DEFAULT_MAX_BYTES } = options;
  const files = await parquetFilesIn(folder, file);
  const size = files.reduce((sum, { size }) => sum + size, 0);
  if (!(size <= maxBytes)) throw overLimit(file, maxBytes);
  const parts: ParquetPart[] = [];
  for (const { path, partition } of files) {
    parts.push({ bytes: await readFile(path), file: path, partition });
  }
  return parseParquetParts(parts, { ...options, file });
}

/**
 * Finds the files of a folder.
 *
 * @param folder The folder.
 * @param file What messages call it.
 * @returns Its files in the order of their paths.
 * @throws {SyntaxError} If there is no Parquet file.
 * @throws {Error} If the folder does not exist or cannot be read.
 */
export async function parquetFilesIn(
  folder: string,
  file: string,
): Promise<ParquetFile[]> {
  const paths = (await filesOf(folder)).sort();
  if (paths.length === 0) {
    throw new SyntaxError(
      `Cannot read ${file}: the folder holds no file that ends in .parquet, expected at least one`,
    );
  }
  const files: ParquetFile[] = [];
  for (const path of paths) {
    const { size } = await stat(path);
    files.push({ path, size, partition: partitionOf(relative(folder, path)) });
  }
  return files;
}

async function filesOf(folder: string, depth = 0): Promise<string[]> {
  if (depth > MAX_DEPTH) return [];
  const paths: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (/^[._]/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(...await filesOf(path, depth + 1));
    else if (entry.name.endsWith(".parquet")) paths.push(path);
  }
  return paths;
}

/** The columns that the folders of a path stand for. */
function partitionOf(path: string): Map<string, string | null> {
  const partition = new Map<string, string | null>();
  for (const name of path.split(sep).slice(0, -1)) {
    const at = name.indexOf("=");
    if (at <= 0) continue;
    const value = decoded(name.slice(at + 1));
    partition.set(
      decoded(name.slice(0, at)),
      value === HIVE_NULL ? null : value,
    );
  }
  return partition;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
