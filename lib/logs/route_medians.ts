/**
 * What is typical of each route (method and endpoint): the median of a value
 * over its training requests.
 *
 * @module
 */

import { type JsonObject, readTexts } from "../numeric/json_fields.ts";
import { median } from "../numeric/statistics.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import type { RequestLog } from "./request_log.ts";

const MAXIMUM_ROUTES = 100_000;

/** The median of each route; of a route unknown in training, that of all. */
export class RouteMedians {
  readonly #medianOf: ReadonlyMap<string, number>;
  readonly #overall: number;

  private constructor(medianOf: ReadonlyMap<string, number>, overall: number) {
    this.#medianOf = medianOf;
    this.#overall = overall;
  }

  /**
   * Learns the medians.
   *
   * @param log Training requests, n of them, at least one.
   * @param values A value >= 0 for each, shape `(n)`; NaN leaves a request out.
   * @returns The fitted medians; 0 where every value is left out.
   * @throws {RangeError} If the log is empty.
   */
  static fit(log: RequestLog, values: Float64Array): RouteMedians {
    const byRoute = new Map<string, number[]>();
    routesOf(log).forEach((route, row) => {
      if (Number.isNaN(values[row])) return;
      const known = byRoute.get(route);
      if (known) known.push(values[row]);
      else byRoute.set(route, [values[row]]);
    });
    const mostFrequent = [...byRoute]
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, MAXIMUM_ROUTES);
    const medianOf = new Map(
      mostFrequent.map(([route, known]): [string, number] => [
        route,
        median(Float64Array.from(known)),
      ]),
    );
    const known = values.filter((value) => !Number.isNaN(value));
    const isLeftOut = known.length === 0 && values.length > 0;
    return new RouteMedians(medianOf, isLeftOut ? 0 : median(known));
  }

  /**
   * What is typical of the route of each request.
   *
   * @param log Requests, n of them.
   * @returns Medians in the unit of the training values, shape `(n)`.
   */
  transform(log: RequestLog): Float64Array {
    return Float64Array.from(
      routesOf(log),
      (route) => this.#medianOf.get(route) ?? this.#overall,
    );
  }

  /**
   * Gives the medians for a model file.
   *
   * @param unit The unit of the values, `Ms` or `Bytes`; names the fields.
   * @returns The medians as JSON.
   */
  toJSON(unit: string): { readonly [field: string]: unknown } {
    return {
      routes: [...this.#medianOf.keys()],
      [`typical${unit}`]: encodeArray(
        Float64Array.from(this.#medianOf.values()),
      ),
      [`overall${unit}`]: encodeArray(Float64Array.of(this.#overall)),
    };
  }

  /**
   * Loads medians.
   *
   * @param object Untrusted JSON, as {@linkcode RouteMedians.toJSON} gives it.
   * @param unit The unit that was given then.
   * @returns The medians.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(object: JsonObject, unit: string): RouteMedians {
    const routes = readTexts(object, "routes", MAXIMUM_ROUTES);
    const read = (field: string, length: number) =>
      decodeArray(object[field], "float64", `encoder.${field}`, length);
    const typical = read(`typical${unit}`, routes.length);
    const [overall] = read(`overall${unit}`, 1);
    if (![...typical, overall].every((value) => value >= 0)) {
      throw new SyntaxError(
        `Cannot load model: encoder.typical${unit} holds a negative value`,
      );
    }
    return new RouteMedians(
      new Map(routes.map((route, k) => [route, typical[k]])),
      overall,
    );
  }
}

function routesOf(log: RequestLog): string[] {
  const { method, endpoint } = log;
  return Array.from(
    endpoint.codes,
    (code, row) => `${method.names[method.codes[row]]} ${endpoint.names[code]}`,
  );
}
