/**
 * How a contender in TypeScript reports.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };

/**
 * Prints the sample of this process.
 *
 * @param seconds How long the work took.
 * @param check What shows that it was done, where contenders must agree.
 */
export function printSample(seconds: number, check?: number): void {
  console.log(JSON.stringify({
    seconds,
    peakMb: peakMb(),
    version: `latency-lab ${config.version}, Deno ${Deno.version.deno}`,
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
