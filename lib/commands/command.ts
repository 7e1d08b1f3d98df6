/**
 * What the commands of the program share: their shape, their arguments, where
 * they write, and which mistake ends in which exit code.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { parseDurationMs } from "../logs/series.ts";

/** Exit codes of the program. */
export const EXIT = { ok: 0, badData: 1, badUsage: 2, anomaly: 3 } as const;

/** Where a command writes, so that tests can listen. */
export type Output = {
  /** Writes text to standard output. */
  write(text: string): Promise<void>;
  /** Writes one line to standard error. */
  say(line: string): void;
  /** Shows how far something long has come; silent off a terminal. */
  progress(line: string): void;
};

/** One command of the program. */
export type Command = {
  /** What it does, in one line. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: string;
  /** Its options, for `node:util`'s `parseArgs`. */
  readonly options: ParseArgsOptionsConfig;
  /** The least and greatest number of inputs. */
  readonly inputs: readonly [number, number];
  /** Runs it and gives the exit code. */
  run(args: Arguments, output: Output): Promise<number>;
};

/** A mistake in the arguments: the program says what was expected, exits 2. */
export class UsageError extends Error {
  /** The name that the error is known by. */
  override readonly name = "UsageError";
}

/** The arguments of a command, read by their kind. */
export class Arguments {
  /** What stands without an option: the inputs. */
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  /**
   * Parses arguments strictly.
   *
   * @param args The arguments after the command's name.
   * @param command The command.
   * @throws {UsageError} If an option is unknown, or inputs are too few or many.
   */
  constructor(args: readonly string[], command: Command) {
    const { values, positionals } = parseStrictly(args, command.options);
    const [least, most] = command.inputs;
    const count = positionals.length;
    if (values.help !== true && !(count >= least && count <= most)) {
      throw new UsageError(
        `got ${count} inputs, expected ${
          least === most ? least : `${least} to ${most}`
        }`,
      );
    }
    this.#values = values;
    this.positionals = positionals;
  }

  /**
   * Reads a switch.
   *
   * @param name The option's name.
   * @returns Whether it was given.
   */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /**
   * Reads a text.
   *
   * @param name The option's name.
   * @returns The text, or undefined if it was not given.
   */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /**
   * Reads an option that may be given several times.
   *
   * @param name The option's name.
   * @returns The texts, none if it was not given.
   */
  texts(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /**
   * Reads one of several words.
   *
   * @param name The option's name.
   * @param allowed The words.
   * @returns The word, or undefined if it was not given.
   * @throws {UsageError} If it is another word.
   */
  choice<T extends string>(
    name: string,
    allowed: readonly T[],
  ): T | undefined {
    const value = this.text(name);
    if (value === undefined || (allowed as readonly string[]).includes(value)) {
      return value as T | undefined;
    }
    throw new UsageError(
      `--${name} is "${value}", expected ${allowed.join(", ")}`,
    );
  }

  /**
   * Reads a number.
   *
   * @param name The option's name.
   * @param bounds Inclusive bounds; `integer` demands a whole number.
   * @returns The number, or undefined if it was not given.
   * @throws {UsageError} If it is not such a number.
   */
  number(
    name: string,
    bounds: { minimum: number; maximum: number; integer?: boolean },
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const { minimum, maximum, integer = false } = bounds;
    const value = text.trim() === "" ? NaN : Number(text);
    if (
      value >= minimum && value <= maximum &&
      (!integer || Number.isInteger(value))
    ) return value;
    throw new UsageError(
      `--${name} is "${text}", expected ${
        integer ? "an integer" : "a number"
      } from ${minimum} to ${maximum}`,
    );
  }

  /**
   * Reads `--seed`.
   *
   * @returns The seed, or undefined if it was not given.
   * @throws {UsageError} If it is not an integer from 0 to 2^53 - 1.
   */
  seed(): number | undefined {
    return this.number("seed", {
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      integer: true,
    });
  }

  /**
   * Reads a duration such as `5m`.
   *
   * @param name The option's name.
   * @returns Milliseconds, or undefined if it was not given.
   * @throws {UsageError} If it is no duration.
   */
  durationMs(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parseDurationMs(text);
    } catch (error) {
      throw new UsageError(`--${name}: ${messageOf(error)}`);
    }
  }
}

/**
 * The message of anything thrown.
 *
 * @param error What was thrown.
 * @returns Its message, or itself as text.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseStrictly(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // Only the first sentence: the rest is advice about other parsers.
    throw new UsageError(messageOf(error).split(/\.\s|\n/)[0]);
  }
}
