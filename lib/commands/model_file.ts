/**
 * Models that were saved by one command and are read by another.
 *
 * @module
 */

import { readInputBytes } from "../logs/readers/input.ts";
import { messageOf } from "./command.ts";

const MAXIMUM_MODEL_BYTES = 256 * 2 ** 20;

/**
 * Reads a model.
 *
 * @param path The file, gzipped or not; `-` is standard input.
 * @param fromJSON Makes a model of what the file holds, and checks it.
 * @returns The model.
 * @throws {SyntaxError} If the file holds no such model; the message begins with
 * the path.
 * @throws {RangeError} If the file has more than 256 MiB.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readModelFile<Model>(
  path: string,
  fromJSON: (json: unknown) => Model | Promise<Model>,
): Promise<Model> {
  const bytes = await readInputBytes(path, { maxBytes: MAXIMUM_MODEL_BYTES });
  try {
    return await fromJSON(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new SyntaxError(`${path}: ${messageOf(error)}`);
  }
}
