import assert from "node:assert/strict";
import fc from "fast-check";
import {
  EndpointTemplates,
  OTHER_ENDPOINTS,
  templateEndpoints,
} from "lib/logs/endpoints.ts";
import { categoriesOf } from "lib/logs/request_log.ts";

const UUID = "123e4567-e89b-12d3-a456-426614174000";

function templateOf(name: string): string {
  return templateEndpoints(categoriesOf([name])).names[0];
}

function assertTemplates(cases: readonly (readonly [string, string])[]): void {
  for (const [name, expected] of cases) {
    assert.equal(templateOf(name), expected, name);
  }
}

Deno.test("templateEndpoints() replaces numbers, dates, UUIDs and hashes", () => {
  assertTemplates([
    ["/users/123", "/users/:id"],
    ["/users/123/orders/-4", "/users/:id/orders/:id"],
    [`/files/${UUID}/parts`, "/files/:uuid/parts"],
    [`/files/${UUID.toUpperCase()}`, "/files/:uuid"],
    ["/commit/9fceb02d", "/commit/:hash"],
    ["/blob/d41d8cd98f00b204e9800998ecf8427e.png", "/blob/:hash.png"],
    ["/t/dGhpcyBpcyBhIHRva2VuMTI", "/t/:hash"],
    ["/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/t/:hash"],
    [`/t/${"x".repeat(65)}`, "/t/:hash"],
    ["/day/2026-01-05", "/day/:date"],
    ["/day/20260105", "/day/:date"],
    ["/day/2026-01-05T10:00:00.5+01:00/x", "/day/:date/x"],
    ["/day/20261305", "/day/:id"], // There is no thirteenth month.
    ["/orders/17.json", "/orders/:id.json"],
  ]);
});

Deno.test("templateEndpoints() keeps words, versions and templates", () => {
  for (
    const name of [
      "/",
      "*",
      "/api/products/{id}",
      "/api/users/me",
      "/api/v2/users",
      "/api/1.0/users",
      "/api/users/:id",
      "/deadbeef", // A word may be hexadecimal; a hash has a decimal digit.
      "/abc1234", // Seven digits are too few for a hash.
      "/blog/a-long-article-from-2026-about-latency",
      "/getEverythingByNameAndReturnIt",
      "/caf%C3%A9",
      "getUser",
      "example.com:443",
      "/" + "x".repeat(64),
    ]
  ) assert.equal(templateOf(name), name);
});

Deno.test("templateEndpoints() drops origin, query, fragment and empty segments", () => {
  assertTemplates([
    ["/search?q=1/2#top", "/search"],
    ["/page#a?b", "/page"],
    ["https://user@api.example.com:8080/users/7?x", "/users/:id"],
    ["https://api.example.com", "/"],
    ["https://api.example.com?x=1", "/"],
    ["/redirect?to=https://example.com/a", "/redirect"],
    ["/users/", "/users"],
    ["//users///7//", "/users/:id"],
    ["users/7/", "users/:id"],
    ["", "/"],
    ["?x", "/"],
  ]);
});

Deno.test("templateEndpoints() pools segments after the twelfth", () => {
  assert.equal(templateOf("/a".repeat(12)), "/a".repeat(12));
  assert.equal(templateOf("/a".repeat(13)), "/a".repeat(12) + "/:rest");
  assert.equal(templateOf("/a".repeat(500_000)), "/a".repeat(12) + "/:rest");
});

Deno.test("templateEndpoints() keeps the most frequent and pools the rest", () => {
  // Counts: /c 3, /a 2, /b 2, /d 1. Of three names one is (other); of /a and
  // /b, which tie, /a appeared first.
  const raw = categoriesOf(
    ["/a", "/b", "/c", "/c", "/d", "/b", "/a", "/c"],
  );
  const { names, codes } = templateEndpoints(raw, { maximumEndpoints: 3 });
  assert.deepEqual(names, ["/a", OTHER_ENDPOINTS, "/c"]);
  assert.deepEqual([...codes], [0, 1, 2, 2, 1, 1, 0, 2]);
  const one = templateEndpoints(raw, { maximumEndpoints: 1 });
  assert.deepEqual(one.names, [OTHER_ENDPOINTS]);
  assert.equal(templateEndpoints(raw, { maximumEndpoints: 4 }), raw);
});

Deno.test("templateEndpoints() counts names by their rows, not by their list", () => {
  // Only /b has rows: the names that selectRequests() leaves behind go first.
  const raw = { names: ["/a", "/b", "/c"], codes: Uint32Array.of(1, 1) };
  const { names, codes } = templateEndpoints(raw, { maximumEndpoints: 2 });
  assert.deepEqual(names, ["/b"]);
  assert.deepEqual([...codes], [0, 0]);
});

Deno.test("templateEndpoints() rejects a cap below one", () => {
  for (const maximumEndpoints of [0, 1.5, NaN]) {
    assert.throws(
      () => templateEndpoints(categoriesOf(["/"]), { maximumEndpoints }),
      RangeError,
    );
  }
});

const segment = fc.oneof(
  fc.constantFrom("users", "v1", "", "{id}", ":id", "(other)", "http:", "a:"),
  fc.nat().map(String),
  fc.uuid(),
  fc.stringMatching(/^[0-9a-fA-F]{7,40}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{18,80}$/),
  fc.stringMatching(/^[0-9]{1,8}\.[a-z]{1,6}$/),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const name = fc.tuple(
  fc.constantFrom("", "/", "http://host", "HTTPS://h:1/", "x://"),
  fc.array(segment, { maxLength: 16 }),
  fc.constantFrom("", "/", "?a=/1", "#/x"),
).map(([origin, segments, query]) => origin + segments.join("/") + query);
const names = fc.array(name, { minLength: 1, maxLength: 40 });
const cap = fc.integer({ min: 1, max: 12 });

Deno.test("templateEndpoints() done twice is done once", () => {
  fc.assert(
    fc.property(names, cap, (texts, maximumEndpoints) => {
      const once = templateEndpoints(categoriesOf(texts), { maximumEndpoints });
      assert.equal(templateEndpoints(once, { maximumEndpoints }), once);
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("templateEndpoints() never exceeds the cap nor a name's bound", () => {
  fc.assert(
    fc.property(names, cap, (texts, maximumEndpoints) => {
      const { names } = templateEndpoints(categoriesOf(texts), {
        maximumEndpoints,
      });
      assert.ok(names.length <= maximumEndpoints);
      // Twelve segments of 64 characters and a slash each, then "/:rest".
      for (const name of names) assert.ok(name.length <= 12 * 65 + 6, name);
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("templateEndpoints() keeps each row's endpoint, or pools it", () => {
  fc.assert(
    fc.property(names, cap, (texts, maximumEndpoints) => {
      const raw = categoriesOf(texts);
      const { codes, names } = templateEndpoints(raw, { maximumEndpoints });
      assert.equal(codes.length, texts.length);
      texts.forEach((text, row) => {
        const name = names[codes[row]];
        if (name !== OTHER_ENDPOINTS) assert.equal(name, templateOf(text));
      });
      assert.deepEqual(new Set(codes).size, names.length);
    }),
    { seed: 3, numRuns: 500 },
  );
});

Deno.test("EndpointTemplates leaves the names of earlier parts as they were", () => {
  const templates = new EndpointTemplates();
  const first = templates.next(categoriesOf(["/a"]));
  const second = templates.next(
    categoriesOf(["/b", "/a", "/" + "c/".repeat(300)]),
  );
  assert.deepEqual(first.names, ["/a"]);
  assert.deepEqual(second.names.slice(0, 2), ["/a", "/b"]);
  assert.deepEqual([...second.codes], [1, 0, 2]);
  assert.equal(templates.next(categoriesOf(["/b"])).names, second.names);
});
