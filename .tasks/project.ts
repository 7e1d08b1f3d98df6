/**
 * Where the project is, and how the tasks start other programs.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder, absolute, without a slash at its end. */
export const projectRoot: string = dirname(
  dirname(fileURLToPath(import.meta.url)),
);

/** How a program is started. */
export type RunOptions = {
  /** The folder it runs in. @default {the project's root} */
  cwd?: string;
  /** Its whole environment. @default {this program's own} */
  env?: Readonly<Record<string, string>>;
};

/** What a program left behind. */
export type Captured = {
  /** Whether it ended with exit code 0. */
  readonly ok: boolean;
  /** What it wrote to standard output and standard error, in this order. */
  readonly output: string;
};

/**
 * Runs a program whose output goes where this program's own goes.
 *
 * @param command The program and its arguments.
 * @param options Folder and environment.
 * @returns Whether it ended with exit code 0.
 * @throws {Deno.errors.NotFound} If there is no such program.
 */
export async function run(
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<boolean> {
  const { success } = await start(command, options, "inherit").spawn().status;
  return success;
}

/**
 * Runs a program and collects its output.
 *
 * @param command The program and its arguments.
 * @param options Folder and environment.
 * @returns Whether it succeeded and its output; a program that does not exist
 * has not succeeded.
 */
export async function capture(
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<Captured> {
  try {
    const { success, stdout, stderr } = await start(command, options, "piped")
      .output();
    const decoder = new TextDecoder();
    return {
      ok: success,
      output: decoder.decode(stdout) + decoder.decode(stderr),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, output: `${command[0]} was not found` };
  }
}

/**
 * Says which commit is checked out.
 *
 * @returns Its first letters.
 */
export async function headCommit(): Promise<string> {
  const { output } = await capture(["git", "rev-parse", "--short", "HEAD"]);
  return output.trim().slice(0, 12);
}

/**
 * Makes a path absolute as seen from where the user gave the command: a task
 * runs in the project's root, whatever folder it was called from.
 *
 * @param path The path as it was given.
 * @returns The absolute path.
 */
export function fromCaller(path: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), path);
}

/**
 * Reads a text file that may not be there.
 *
 * @param path The file.
 * @returns Its text, or undefined where there is no such file.
 */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * The SHA-256 checksum of some bytes.
 *
 * @param bytes The bytes.
 * @returns 64 hexadecimal digits in lower case.
 */
export async function sha256(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

function start(
  [program, ...args]: readonly [string, ...string[]],
  { cwd = projectRoot, env }: RunOptions,
  output: "inherit" | "piped",
): Deno.Command {
  return new Deno.Command(program, {
    args,
    cwd,
    stdin: output === "inherit" ? "inherit" : "null",
    stdout: output,
    stderr: output,
    ...(env ? { env, clearEnv: true } : {}),
  });
}
