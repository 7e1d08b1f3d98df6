/**
 * What a benchmark is: contenders that do the same work on the same data, each
 * in a process of its own, in turns, so that a slow minute of the machine hits
 * all of them.
 *
 * @module
 */

import { projectRoot } from "../../.tasks/project.ts";

/** A program that does the work of a benchmark. */
export type Contender = {
  /** What it is called, with its version where that is not its own to say. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Variables of its environment beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
};

/** What a contender prints as its last line, as JSON. */
export type Sample = {
  /** How long the work took, seconds, without starting up. */
  readonly seconds: number;
  /** The most memory that the process held, MB. */
  readonly peakMb: number;
  /** Name and version of the library. */
  readonly version: string;
  /** What shows that the work was done, to be compared. */
  readonly check?: number;
};

/** What came of a contender. */
export type Measurement = {
  /** The contender's name. */
  readonly name: string;
  /** Name and version of its library. */
  readonly version: string;
  /** What it was measured on: `10,000,000 rows`. */
  readonly task: string;
  /** Threads that it was allowed. */
  readonly threads: number;
  /** The median of all runs, seconds. */
  readonly medianSeconds: number;
  /** All runs, seconds, in their order. */
  readonly seconds: readonly number[];
  /** The most memory of any run, MB. */
  readonly peakMb: number;
};

/** A benchmark by its name. */
export type Benchmark = {
  /** The name by which it is asked for. */
  readonly name: string;
  /** What is measured, a sentence. */
  readonly title: string;
  /** The unit of times in the table. @default {"s"} */
  readonly unit?: "s" | "ms";
  /** The peer that the table compares with beside the best one.
   * @default {undefined} */
  readonly reference?: string;
  /**
   * Runs it.
   *
   * @param options How many turns, whether also what takes long, and where lines
   * of progress go.
   * @returns All measurements.
   */
  readonly run: (options: BenchmarkOptions) => Promise<Measurement[]>;
};

/** Options of a run. */
export type BenchmarkOptions = {
  /** Turns of each contender, an odd number. */
  readonly rounds: number;
  /** Whether the sizes that take minutes are run, too. */
  readonly isFull: boolean;
  /** The Python that has the peers. */
  readonly python: string;
  /** A folder for data that the benchmark makes. */
  readonly folder: string;
  /** Shows one line of progress. */
  readonly report: (line: string) => void;
};

/** Slow kernels are chosen for some processors; the peers know better. */
const UNSET = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];
const CHECK_TOLERANCE = 0.02;

/**
 * Runs contenders in turns.
 *
 * @param contenders Who takes part; all must agree on what they computed.
 * @param what The task's words, and the threads each may use.
 * @param options Turns and progress.
 * @returns One measurement a contender, in their order.
 * @throws {Error} If one fails, or two computed different things.
 */
export async function alternate(
  contenders: readonly Contender[],
  what: { task: string; threads: number },
  options: Pick<BenchmarkOptions, "rounds" | "report">,
): Promise<Measurement[]> {
  const samples = contenders.map((): Sample[] => []);
  for (let round = 1; round <= options.rounds; round++) {
    for (const [k, contender] of contenders.entries()) {
      const sample = await runOnce(contender);
      samples[k].push(sample);
      options.report(
        `${what.task}, ${what.threads} threads, round ${round}: ${contender.name} ${
          sample.seconds.toFixed(4)
        } s, ${Math.round(sample.peakMb)} MB`,
      );
    }
  }
  compareChecks(contenders, samples);
  return contenders.map(({ name }, k) => ({
    name,
    version: samples[k][0].version,
    ...what,
    medianSeconds: medianOf(samples[k].map(({ seconds }) => seconds)),
    seconds: samples[k].map(({ seconds }) => seconds),
    peakMb: Math.round(Math.max(...samples[k].map(({ peakMb }) => peakMb))),
  }));
}

async function runOnce({ name, command, env }: Contender): Promise<Sample> {
  const environment = { ...Deno.env.toObject(), ...env };
  for (const variable of UNSET) delete environment[variable];
  const [program, ...args] = command;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: projectRoot,
    env: environment,
    clearEnv: true,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).trim().split("\n");
  if (!success) {
    throw new Error(
      `Cannot measure ${name}: it failed:\n${decoder.decode(stderr)}`,
    );
  }
  return JSON.parse(lines[lines.length - 1]) as Sample;
}

function compareChecks(
  contenders: readonly Contender[],
  samples: readonly (readonly Sample[])[],
): void {
  const [first] = samples.map(([sample]) => sample.check);
  samples.forEach(([{ check }], k) => {
    if (first === undefined || check === undefined) return;
    if (Math.abs(check - first) <= CHECK_TOLERANCE * Math.abs(first)) return;
    throw new Error(
      `Cannot compare: ${contenders[0].name} computed ${first}, ${
        contenders[k].name
      } ${check}`,
    );
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
