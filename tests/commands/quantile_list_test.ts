import assert from "node:assert/strict";
import { Arguments, UsageError } from "lib/commands/command.ts";
import { backtestCommand } from "lib/commands/backtest.ts";
import { forecastCommand } from "lib/commands/forecast.ts";
import { readQuantileList } from "lib/commands/quantile_list.ts";

function read(...options: string[]): number[] | undefined {
  return readQuantileList(
    new Arguments(["a.csv", ...options], forecastCommand),
  );
}

Deno.test("readQuantileList() reads ascending probabilities", () => {
  assert.equal(read(), undefined);
  assert.deepEqual(read("--quantiles", "0.5"), [0.5]);
  assert.deepEqual(read("--quantiles", " 0.05, 5e-1,.95"), [0.05, 0.5, 0.95]);
  const thousand = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1001);
  assert.deepEqual(read("--quantiles", thousand.join(",")), thousand);
});

Deno.test("readQuantileList() refuses anything else, alike for both commands", async () => {
  const thousandOne = Array.from({ length: 1001 }, (_, i) => (i + 1) / 1002);
  const wrong = ["", ",", "0.5,", "0,0.5", "0.5,1", "0.5,0.5", "0.9,0.5"];
  wrong.push("a", "NaN", "-0.5", "0.5;0.9", thousandOne.join(","));
  for (const text of wrong) {
    const message =
      `--quantiles is "${text}", expected at most 1000 ascending numbers above 0 and below 1 such as 0.05,0.5,0.95`;
    for (const command of [forecastCommand, backtestCommand]) {
      const args = new Arguments(["a.csv", `--quantiles=${text}`], command);
      const output = {
        write: () => Promise.resolve(),
        say: () => {},
        progress: () => {},
      };
      await assert.rejects(command.run(args, output), (error) => {
        assert(error instanceof UsageError);
        assert.equal(error.message, message);
        return true;
      });
    }
  }
});
