import assert from "node:assert/strict";
import {
  bodyBytes,
  ENDPOINTS,
  pickRoute,
  pickServerError,
  pickStatus,
  ROUTES,
} from "lib/logs/synthetic_routes.ts";

Deno.test("ROUTES are twelve different ones of eight endpoints", () => {
  const names = ROUTES.map(({ method, endpoint }) => `${method} ${endpoint}`);
  assert.equal(new Set(names).size, 12);
  assert.equal(ENDPOINTS.length, 8);
});

Deno.test("pickRoute() follows the weights", () => {
  // The first two routes weigh 24 and 20 of 100.
  assert.equal(ROUTES.reduce((sum, { weight }) => sum + weight, 0), 100);
  assert.deepEqual([0, 0.239, 0.241, 0.439, 0.441].map(pickRoute), [
    ...[0, 0, 1, 1, 2],
  ]);
  assert.equal(pickRoute(1 - Number.EPSILON), 11);
});

Deno.test("pickStatus() gives each status its share, else success", () => {
  const [products] = ROUTES;
  // 304: 0.18, 400: 0.004, 500: 0.0008, 503: 0.0004, the rest 200.
  assert.deepEqual(
    [0, 0.179, 0.181, 0.1842, 0.185, 0.186, 0.999].map((draw) =>
      pickStatus(products, draw)
    ),
    [304, 304, 400, 500, 503, 200, 200],
  );
});

Deno.test("pickServerError() splits 500, 503 and 502 as 5 to 3 to 2", () => {
  assert.deepEqual([0, 0.49, 0.51, 0.79, 0.81, 0.99].map(pickServerError), [
    ...[500, 500, 503, 503, 502, 502],
  ]);
});

Deno.test("bodyBytes() is 0 for 204 and 304 and small for errors", () => {
  const sizes = ROUTES.map((route) => bodyBytes(route, route.success));
  ROUTES.forEach(({ success }, i) =>
    assert.equal(sizes[i] === 0, success === 204)
  );
  assert.equal(bodyBytes(ROUTES[0], 304), 0);
  assert.equal(bodyBytes(ROUTES[0], 500), 180);
});
