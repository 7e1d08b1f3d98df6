import assert from "node:assert/strict";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";
import { RouteMedians } from "lib/logs/route_medians.ts";

function logOf(...routes: readonly string[]): RequestLog {
  const column = (part: number) =>
    categoriesOf(routes.map((route) => route.split(" ")[part]));
  return {
    timestampMs: Float64Array.from(routes, (_, row) => row),
    method: column(0),
    endpoint: column(1),
    statusCode: new Uint16Array(routes.length).fill(200),
    sizeBytes: new Float64Array(routes.length),
    sourceRow: Uint32Array.from(routes, (_, row) => row),
  };
}

const TRAINING = logOf("GET /a", "GET /a", "GET /a", "PUT /a", "GET /b");

Deno.test("RouteMedians keeps methods apart and falls back on all requests", () => {
  const medians = RouteMedians.fit(TRAINING, Float64Array.of(1, 3, 2, 9, NaN));
  const found = medians.transform(logOf("GET /a", "PUT /a", "GET /b", "X /c"));
  // /b has no known value; of 1, 2, 3, 9 the median is 2.5.
  assert.deepEqual([...found], [2, 9, 2.5, 2.5]);
});

Deno.test("RouteMedians is 0 where every value is left out", () => {
  const nothing = new Float64Array(5).fill(NaN);
  const found = RouteMedians.fit(TRAINING, nothing).transform(TRAINING);
  assert.deepEqual([...found], [0, 0, 0, 0, 0]);
  assert.throws(
    () => RouteMedians.fit(logOf(), new Float64Array(0)),
    RangeError,
  );
});

Deno.test("RouteMedians loads what it saved, and no negative median", () => {
  const medians = RouteMedians.fit(TRAINING, Float64Array.of(1, 3, 2, 9, 4));
  const json = JSON.parse(JSON.stringify(medians.toJSON("Bytes")));
  assert.deepEqual(
    RouteMedians.fromJSON(json, "Bytes").transform(TRAINING),
    medians.transform(TRAINING),
  );
  assert.throws(() => RouteMedians.fromJSON(json, "Ms"), SyntaxError);
  const alone = RouteMedians.fit(logOf("GET /a"), Float64Array.of(-9));
  assert.throws(
    () =>
      RouteMedians.fromJSON(
        JSON.parse(JSON.stringify(alone.toJSON("Ms"))),
        "Ms",
      ),
    { name: "SyntaxError", message: /encoder.typicalMs holds a negative/ },
  );
});
