import assert from "node:assert/strict";
import {
  checkQuantiles,
  readQuantiles,
  USUAL_QUANTILES,
} from "lib/forecast/quantile_levels.ts";

Deno.test("checkQuantiles() takes ascending probabilities between 0 and 1", () => {
  checkQuantiles(USUAL_QUANTILES, "test");
  checkQuantiles([0.5], "test");
  for (
    const bad of [[], [0], [1], [NaN], [0.5, 0.5], [0.9, 0.1], [-0.1, 0.5]]
  ) {
    assert.throws(() => checkQuantiles(bad, "test"), {
      name: "RangeError",
      message: /^Cannot test: /,
    });
  }
});

Deno.test("readQuantiles() rejects what is no such list", () => {
  assert.deepEqual(readQuantiles({ quantiles: [0.1, 0.9] }), [0.1, 0.9]);
  for (const quantiles of [undefined, null, "0.5", {}, [], ["0.5"], [2]]) {
    assert.throws(() => readQuantiles({ quantiles }), SyntaxError);
  }
});
