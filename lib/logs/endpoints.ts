/**
 * From paths to endpoints: `/users/123?tab=2` and `/users/456` are requests to
 * one endpoint, `/users/:id`, and only as such can they be compared.
 *
 * A name is rewritten by these rules, in this order:
 * 1. What follows the first `?` or `#` is dropped, then `scheme://host`.
 * 2. It is split at `/`, and empty segments are dropped, so that a trailing or
 *    doubled slash makes no difference; a leading slash stays. What is empty
 *    now is `/`.
 * 3. Segments after the twelfth become one `:rest`.
 * 4. In each segment, the first of these that fits, where a short ending such
 *    as `.json` may follow and stays:
 *    - `:hash`: more than 64 characters, whatever they are;
 *    - `:date`: `2026-01-05` or `20260105`, of 1900 to 2099, with a time
 *      `T10:00:00Z` or not;
 *    - `:id`: decimal digits, with a minus or not (`v1` and `1.0` stay);
 *    - `:uuid`: hexadecimal digits in groups of 8-4-4-4-12;
 *    - `:hash`: 8 or more hexadecimal digits, a decimal one among them;
 *    - `:hash`: 20 or more characters of base64 or base64url, a digit among
 *      them, where lower case, upper case and digits follow one another in at
 *      least six changes (`a-long-title-of-2026` has none).
 *
 * What is a template already (`{id}`, `:id`) stays as it is.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { checkNumber } from "../numeric/checks.ts";
import { type Categories, categoriesOf } from "./request_log.ts";

/** Options for {@linkcode templateEndpoints}. */
export type TemplateOptions = {
  /** Most different endpoints, the pooled rest among them. @default {200} */
  maximumEndpoints?: number;
};

/** The name under which all endpoints beyond the most frequent are pooled. */
export const OTHER_ENDPOINTS = "(other)";

const MAXIMUM_SEGMENTS = 12;
const MAXIMUM_SEGMENT_LENGTH = 64;
const MINIMUM_TOKEN_LENGTH = 20;
const MINIMUM_TOKEN_CHANGES = 6;

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;
const EXTENSION = /\.[a-z][a-z0-9]{0,4}$/i;
const DATE =
  /^(?:19|20)\d\d(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:T[\d:.]*(?:Z|[+-][\d:]+)?)?$/i;
const NUMBER = /^-?\d+$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const HEXADECIMAL = /^[\da-f]{8,}$/i;
const BASE64 = /^[a-z0-9+_=-]+$/i;

/**
 * Rewrites the endpoints of a log as templates (see the rules above) and pools
 * the rare ones: where more than `maximumEndpoints` differ, the
 * `maximumEndpoints - 1` most frequent keep their names (the first to appear
 * of equally frequent ones) and the rest become `(other)`.
 *
 * @param raw The endpoints as they stand in the log, n rows.
 * @param options How many may differ.
 * @returns The endpoints, n rows; `raw` itself where nothing changed. Doing it
 * again changes nothing.
 * @throws {RangeError} If `maximumEndpoints` is not an integer >= 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { templateEndpoints } from "lib/logs/endpoints.ts";
 * import { categoriesOf } from "lib/logs/request_log.ts";
 *
 * const raw = categoriesOf(["/users/7?full=1", "/users/8/", "/users/me"]);
 * const { codes, names } = templateEndpoints(raw);
 * assert.deepEqual(names, ["/users/:id", "/users/me"]);
 * assert.deepEqual([...codes], [0, 0, 1]);
 * ```
 */
export function templateEndpoints(
  raw: Categories,
  options: TemplateOptions = {},
): Categories {
  const { maximumEndpoints = 200 } = options;
  checkNumber(maximumEndpoints, "maximumEndpoints", "template endpoints", {
    minimum: 1,
    integer: true,
  });
  const templates = raw.names.map(templateOf);
  const isUnchanged = raw.names.every((name, k) => name === templates[k]);
  if (isUnchanged && raw.names.length <= maximumEndpoints) return raw;
  return poolRare(renamed(raw, templates), maximumEndpoints);
}

/** How many different paths are remembered, so that each is rewritten once. */
const REMEMBERED_PATHS = 200_000;
/** Longer paths are rewritten each time: remembered, they could fill memory. */
const REMEMBERED_CHARACTERS = 256;

/**
 * Templates for a log that is read part by part, where nobody can know which
 * endpoints will be the most frequent. Those of the first part are ranked as
 * {@linkcode templateEndpoints} ranks them; after that the first to come keep
 * their names while there is room, and the rest become `(other)`.
 */
export class EndpointTemplates {
  readonly #maximum: number;
  readonly #isRaw: boolean;
  readonly #names: string[] = [];
  readonly #codeOf = new Map<string, number>();
  readonly #codeOfPath = new Map<string, number>();
  /** The names as they were given last; never changed after that. */
  #given: readonly string[] = [];

  /**
   * Begins without endpoints.
   *
   * @param options How many may differ; `isRaw` keeps all as they are.
   * @throws {RangeError} If `maximumEndpoints` is not an integer >= 1.
   */
  constructor(options: TemplateOptions & { isRaw?: boolean } = {}) {
    const { maximumEndpoints = 200, isRaw = false } = options;
    checkNumber(maximumEndpoints, "maximumEndpoints", "template endpoints", {
      minimum: 1,
      integer: true,
    });
    this.#maximum = maximumEndpoints;
    this.#isRaw = isRaw;
  }

  /**
   * Names the endpoints of the next part.
   *
   * @param raw The endpoints as they stand in the part, n rows.
   * @returns The endpoints, n rows; a code stands for the same name in all
   * parts.
   * @throws {RangeError} If endpoints are raw and more than 10,000 differ.
   */
  next(raw: Categories): Categories {
    if (this.#names.length === 0 && !this.#isRaw) {
      const maximumEndpoints = this.#maximum;
      const { names } = templateEndpoints(raw, { maximumEndpoints });
      // The pool of the rest takes one name of the room.
      for (const name of names) {
        if (name !== OTHER_ENDPOINTS) this.#nameAt(name);
      }
    }
    const codeOf = raw.names.map((path) => this.#codeOfRaw(path));
    const codes = new Uint32Array(raw.codes.length);
    for (let i = 0; i < codes.length; i++) codes[i] = codeOf[raw.codes[i]];
    if (this.#given.length < this.#names.length) {
      this.#given = [...this.#names];
    }
    return { codes, names: this.#given };
  }

  #codeOfRaw(path: string): number {
    const known = this.#codeOfPath.get(path);
    if (known !== undefined) return known;
    const code = this.#nameAt(this.#isRaw ? path : templateOf(path));
    if (path.length > REMEMBERED_CHARACTERS) return code;
    if (this.#codeOfPath.size >= REMEMBERED_PATHS) this.#codeOfPath.clear();
    this.#codeOfPath.set(copyOf(path), code);
    return code;
  }

  #nameAt(name: string): number {
    const known = this.#codeOf.get(name);
    if (known !== undefined) return known;
    if (this.#isRaw) {
      if (this.#names.length >= MOST_RAW_ENDPOINTS) {
        throw new RangeError(
          `Cannot read endpoints as they are: more than ${MOST_RAW_ENDPOINTS} differ, expected fewer; read them as templates`,
        );
      }
    } else if (
      this.#names.length >= this.#maximum - 1 && name !== OTHER_ENDPOINTS
    ) return this.#nameAt(OTHER_ENDPOINTS);
    const own = copyOf(name);
    this.#codeOf.set(own, this.#names.length);
    return this.#names.push(own) - 1;
  }
}

/** A text of its own: a piece of a line keeps the whole line in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** More would be a metric of nearly every request. */
const MOST_RAW_ENDPOINTS = 10_000;

/** Gives each code a new name, and codes of the same name one code. */
function renamed(raw: Categories, names: readonly string[]): Categories {
  const { codes: newCodes, names: newNames } = categoriesOf(names);
  return dropUnused({
    codes: raw.codes.map((code) => newCodes[code]),
    names: newNames,
  });
}

function poolRare(endpoint: Categories, maximum: number): Categories {
  const { codes, names } = endpoint;
  if (names.length <= maximum) return endpoint;
  const counts = countsOf(endpoint);
  const kept = new Set(
    Array.from(names, (_, code) => code)
      .sort((a, b) => counts[b] - counts[a] || a - b)
      .slice(0, maximum - 1),
  );
  return renamed(
    { codes, names },
    names.map((name, code) => kept.has(code) ? name : OTHER_ENDPOINTS),
  );
}

function countsOf({ codes, names }: Categories): Uint32Array {
  const counts = new Uint32Array(names.length);
  for (const code of codes) counts[code]++;
  return counts;
}

/** Codes again by first appearance in the rows; names without rows go. */
function dropUnused({ codes, names }: Categories): Categories {
  const codeOf = new Map<number, number>();
  const newCodes = codes.map((code) => {
    const known = codeOf.get(code);
    if (known !== undefined) return known;
    codeOf.set(code, codeOf.size);
    return codeOf.size - 1;
  });
  return {
    codes: newCodes,
    names: Array.from(codeOf.keys(), (code) => names[code]),
  };
}

function templateOf(name: string): string {
  const end = name.search(/[?#]/);
  const path = (end < 0 ? name : name.slice(0, end)).replace(ORIGIN, "");
  const segments = path.split("/").filter((segment) => segment !== "");
  const shown = segments.slice(0, MAXIMUM_SEGMENTS).map(templateSegment);
  if (segments.length > MAXIMUM_SEGMENTS) shown.push(":rest");
  const isAbsolute = path.startsWith("/") || segments.length === 0;
  return (isAbsolute ? "/" : "") + shown.join("/");
}

function templateSegment(segment: string): string {
  if (segment.length > MAXIMUM_SEGMENT_LENGTH) return ":hash";
  const whole = placeholderFor(segment);
  if (whole !== undefined) return whole;
  const extension = EXTENSION.exec(segment)?.[0] ?? "";
  const stem = segment.slice(0, segment.length - extension.length);
  return (placeholderFor(stem) ?? stem) + extension;
}

function placeholderFor(text: string): string | undefined {
  if (DATE.test(text)) return ":date";
  if (NUMBER.test(text)) return ":id";
  if (UUID.test(text)) return ":uuid";
  const isHash = HEXADECIMAL.test(text) && /\d/.test(text);
  return isHash || isToken(text) ? ":hash" : undefined;
}

function isToken(text: string): boolean {
  return text.length >= MINIMUM_TOKEN_LENGTH && BASE64.test(text) &&
    /\d/.test(text) && kindChanges(text) >= MINIMUM_TOKEN_CHANGES;
}

/** How often lower case, upper case and digits directly follow one another. */
function kindChanges(text: string): number {
  const kinds = text
    .replace(/[a-z]/g, "a").replace(/[A-Z]/g, "A").replace(/\d/g, "0");
  let changes = 0;
  for (let i = 1; i < kinds.length; i++) {
    const pair = kinds.slice(i - 1, i + 1);
    if (kinds[i] !== kinds[i - 1] && /^[aA0]{2}$/.test(pair)) changes++;
  }
  return changes;
}
