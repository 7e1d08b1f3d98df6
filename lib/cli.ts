/**
 * The `latency` program: `latency COMMAND …`. Exits 0 when all went well, 1 on
 * bad data, 2 on bad arguments, 3 where `--fail-on-anomaly` says so. A closed
 * pipe is no error.
 *
 * @module
 */

import {
  Arguments,
  type Command,
  EXIT,
  messageOf,
  type Output,
  UsageError,
} from "./commands/command.ts";
import { backtestCommand } from "./commands/backtest.ts";
import { detectCommand } from "./commands/detect.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { forecastCommand } from "./commands/forecast.ts";
import { generateCommand } from "./commands/generate.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { metricsCommand } from "./commands/metrics.ts";
import { streamCommand } from "./commands/stream.ts";
import { warnCommand } from "./commands/warn.ts";

export type { Output } from "./commands/command.ts";

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["inspect", inspectCommand],
  ["metrics", metricsCommand],
  ["detect", detectCommand],
  ["stream", streamCommand],
  ["evaluate", evaluateCommand],
  ["forecast", forecastCommand],
  ["backtest", backtestCommand],
  ["warn", warnCommand],
  ["generate", generateCommand],
]);

/**
 * Runs the program.
 *
 * @param args Its arguments, the command's name first.
 * @param output Where it writes.
 * @returns The exit code.
 */
export async function runProgram(
  args: readonly string[],
  output: Output,
): Promise<number> {
  let isClosed = false;
  return await runCommands(args, {
    ...output,
    say: (line) => output.say(escapeControls(line)),
    async write(text) {
      if (isClosed) return;
      try {
        await output.write(text);
      } catch (error) {
        // Whoever read has seen enough; the other results are still wanted.
        if (systemCode(error) !== "EPIPE") throw error;
        isClosed = true;
      }
    },
  });
}

/** What is said may quote a log or a model file; neither may steer a terminal
 * or forge a line. */
function escapeControls(line: string): string {
  return line.replace(/\p{Cc}|\p{Cf}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

async function runCommands(
  args: readonly string[],
  output: Output,
): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === "--help" || name === "-h" || name === "help") {
      await output.write(overview());
      return EXIT.ok;
    }
    const command = COMMANDS.get(name ?? "");
    if (!command) {
      throw new UsageError(
        `${
          name === undefined ? "no command" : `command is "${name}"`
        }, expected ${[...COMMANDS.keys()].join(", ")} or --help`,
      );
    }
    return await runCommand(command, rest, output);
  } catch (error) {
    if (error instanceof UsageError) {
      output.say(`latency: ${error.message}`);
      return EXIT.badUsage;
    }
    if (!isExpected(error)) throw error;
    output.say(`latency: ${describe(error)}`);
    return EXIT.badData;
  }
}

async function runCommand(
  command: Command,
  args: readonly string[],
  output: Output,
): Promise<number> {
  const parsed = new Arguments(args, command);
  if (!parsed.has("help")) return await command.run(parsed, output);
  await output.write(command.help + "\n");
  return EXIT.ok;
}

function overview(): string {
  const lines = [...COMMANDS].map(([name, { summary }]) =>
    `  ${name.padEnd(10)} ${summary}`
  );
  return `Usage: latency COMMAND [options]

${lines.join("\n")}

latency COMMAND --help tells more.
`;
}

/** Errors that say what is wrong with the input, or that the system gives when
 * a file cannot be opened; others, the engine's own RangeErrors among them, are
 * defects and keep their stack. */
function isExpected(error: unknown): boolean {
  return error instanceof SyntaxError ||
    (error instanceof RangeError && error.message.startsWith("Cannot ")) ||
    systemCode(error) !== undefined;
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EISDIR: "it is a folder",
  ELOOP: "its symbolic links lead back to it",
};

/** The message of an error; for one of the system, in words, with the path. */
function describe(error: unknown): string {
  const reason = SYSTEM_REASONS[systemCode(error) ?? ""];
  const path = /'([^']*)'$/.exec(messageOf(error))?.[1];
  return reason === undefined || path === undefined
    ? messageOf(error)
    : `Cannot open ${path}: ${reason}`;
}

/** The system's name of an error, such as `ENOENT` or `EPIPE`. */
function systemCode(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : undefined;
}

const CLEAR_LINE = "\r\x1b[K";

/** Standard output and standard error of this process. */
function processOutput(): Output {
  const encoder = new TextEncoder();
  const show = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  let hasProgress = false;
  const clearProgress = () => {
    if (hasProgress) show(CLEAR_LINE);
    hasProgress = false;
  };
  return {
    async write(text) {
      clearProgress();
      const writer = Deno.stdout.writable.getWriter();
      try {
        await writer.write(encoder.encode(text));
      } finally {
        writer.releaseLock();
      }
    },
    say(line) {
      clearProgress();
      console.error(line);
    },
    progress(line) {
      if (!Deno.stderr.isTerminal()) return;
      show(CLEAR_LINE + line);
      hasProgress = true;
    },
  };
}

if (import.meta.main) {
  // A task starts in the project's folder; paths are relative to the caller's.
  const folder = Deno.env.get("LATENCY_LAB_FOLDER");
  if (folder) Deno.chdir(folder);
  Deno.exit(await runProgram(Deno.args, processOutput()));
}
