/**
 * How a contender in TypeScript reports.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };

const OWN_VERSION = `latency-lab ${config.version}, Deno ${Deno.version.deno}`;

/**
 * Prints the sample of this process.
 *
 * @param seconds How long the work took.
 * @param options What shows that it was done, and the name and version of the
 * library where that is not the project.
 */
export function printSample(
  seconds: number,
  options: { check?: number; version?: string } = {},
): void {
  const { check, version = OWN_VERSION } = options;
  console.log(JSON.stringify({
    seconds,
    peakMb: peakMb(),
    version,
    ...(check === undefined ? {} : { check }),
  }));
}

/** The most memory that this process held; what it holds now off Linux. */
function peakMb(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return Deno.memoryUsage().rss / 2 ** 20;
  }
}
