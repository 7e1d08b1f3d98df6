import assert from "node:assert/strict";
import { categoriesOf, selectRequests } from "lib/logs/request_log.ts";
import { templateEndpoints } from "lib/logs/endpoints.ts";
import { generateLog } from "lib/logs/synthetic.ts";

Deno.test("categoriesOf() names categories in order of appearance", () => {
  const { codes, names } = categoriesOf(["x", "", "x", "constructor"]);
  assert.deepEqual([...codes], [0, 1, 0, 2]);
  assert.deepEqual(names, ["x", "", "constructor"]);
});

Deno.test("selectRequests() takes the same rows of every column", () => {
  const { log } = generateLog({ rows: 50, days: 1 });
  const rawEndpoint = categoriesOf(
    Array.from(log.sourceRow, (row) => `/users/${row}`),
  );
  const endpoint = templateEndpoints(rawEndpoint);
  const picked = selectRequests({ ...log, endpoint, rawEndpoint }, [3, 41]);
  assert.deepEqual([...picked.sourceRow], [3, 41]);
  for (const [k, row] of [3, 41].entries()) {
    assert.equal(picked.timestampMs[k], log.timestampMs[row]);
    assert.equal(picked.statusCode[k], log.statusCode[row]);
    assert.equal(picked.sizeBytes[k], log.sizeBytes[row]);
    assert.equal(picked.responseTimeMs?.[k], log.responseTimeMs?.[row]);
    assert.equal(
      picked.method.names[picked.method.codes[k]],
      log.method.names[log.method.codes[row]],
    );
    const { names = [], codes = [] } = picked.rawEndpoint ?? {};
    assert.equal(names[codes[k]], `/users/${log.sourceRow[row]}`);
    assert.equal(picked.endpoint.names[picked.endpoint.codes[k]], "/users/:id");
  }
  assert.ok(!("rawEndpoint" in selectRequests(log, [0])));
});
