import assert from "node:assert/strict";
import { categoriesOf, selectRequests } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";

Deno.test("categoriesOf() names categories in order of appearance", () => {
  const { codes, names } = categoriesOf(["x", "", "x", "constructor"]);
  assert.deepEqual([...codes], [0, 1, 0, 2]);
  assert.deepEqual(names, ["x", "", "constructor"]);
});

Deno.test("selectRequests() takes the same rows of every column", () => {
  const { log } = generateLog({ rows: 50, days: 1 });
  const picked = selectRequests(log, [3, 41]);
  assert.deepEqual([...picked.sourceRow], [3, 41]);
  for (const [k, row] of [3, 41].entries()) {
    assert.equal(picked.timestampMs[k], log.timestampMs[row]);
    assert.equal(picked.statusCode[k], log.statusCode[row]);
    assert.equal(picked.sizeBytes[k], log.sizeBytes[row]);
    assert.equal(picked.responseTimeMs?.[k], log.responseTimeMs?.[row]);
    for (const name of ["method", "endpoint"] as const) {
      assert.equal(
        picked[name].names[picked[name].codes[k]],
        log[name].names[log[name].codes[row]],
      );
    }
  }
});
