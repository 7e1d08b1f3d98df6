/**
 * The made-up service of the synthetic log: an online shop's API, its routes
 * and how each of them answers when nothing is wrong.
 *
 * @module
 */

/** One method of one endpoint, and how it answers. */
export type Route = {
  /** The HTTP method. */
  readonly method: string;
  /** The path, with parameters in braces. */
  readonly endpoint: string;
  /** Share of the traffic, relative to the other routes. */
  readonly weight: number;
  /** Median response time of a success with no load, in milliseconds. */
  readonly medianMs: number;
  /** Standard deviation of the log response time. */
  readonly spread: number;
  /** Median size of a successful body in bytes; 0 where there is none. */
  readonly sizeBytes: number;
  /** The status of a success. */
  readonly success: number;
  /** The other statuses and their shares of the requests. */
  readonly others: readonly (readonly [status: number, share: number])[];
};

/** The routes of the service. */
export const ROUTES: readonly Route[] = [
  {
    ...route("GET", "/api/products", 24, 75, 0.4, 14_000),
    others: [[304, 0.18], [400, 0.004], [500, 0.0008], [503, 0.0004]],
  },
  {
    ...route("GET", "/api/products/{id}", 20, 48, 0.35, 3_600),
    others: [[304, 0.22], [404, 0.025], [500, 0.0006], [502, 0.0003]],
  },
  {
    ...route("GET", "/api/search", 15, 130, 0.55, 9_000),
    others: [[400, 0.012], [500, 0.0015], [502, 0.0005], [503, 0.001]],
  },
  {
    ...route("POST", "/api/login", 7, 165, 0.22, 850),
    others: [[400, 0.01], [401, 0.085], [500, 0.0008], [503, 0.0004]],
  },
  {
    ...route("GET", "/api/cart", 10, 60, 0.35, 2_200),
    others: [[401, 0.02], [404, 0.01], [500, 0.0008]],
  },
  {
    ...route("POST", "/api/cart", 6, 85, 0.38, 1_300),
    success: 201,
    others: [[400, 0.02], [401, 0.015], [404, 0.01], [500, 0.0015]],
  },
  {
    ...route("DELETE", "/api/cart", 2, 55, 0.35, 0),
    success: 204,
    others: [[401, 0.015], [404, 0.03], [500, 0.001]],
  },
  {
    ...route("GET", "/api/orders", 5, 115, 0.45, 6_500),
    others: [[304, 0.1], [401, 0.03], [500, 0.0012], [502, 0.0006]],
  },
  {
    ...route("POST", "/api/orders", 3, 240, 0.45, 1_700),
    success: 201,
    others: [[400, 0.03], [401, 0.02], [500, 0.003], [502, 0.001]],
  },
  {
    ...route("POST", "/api/payments", 2, 480, 0.5, 700),
    success: 201,
    others: [[400, 0.04], [401, 0.01], [502, 0.005], [503, 0.002]],
  },
  {
    ...route("GET", "/api/users/me", 5, 36, 0.3, 1_100),
    others: [[304, 0.3], [401, 0.05], [500, 0.0005]],
  },
  {
    ...route("PUT", "/api/users/me", 1, 95, 0.35, 0),
    success: 204,
    others: [[400, 0.04], [401, 0.03], [500, 0.0015]],
  },
];

/** The different endpoints of {@linkcode ROUTES}. */
export const ENDPOINTS: readonly string[] = [
  ...new Set(ROUTES.map(({ endpoint }) => endpoint)),
];

/** Response time of a status as a multiple of what a success would take. */
const TIME_OF_STATUS = new Map([
  [304, 0.45],
  [400, 0.3],
  [401, 0.8],
  [404, 0.4],
  [500, 1.3],
  [502, 0.7],
  [503, 0.25],
]);
/** Median size of the JSON that explains an error, in bytes. */
const ERROR_BODY_BYTES = 180;
/** Statuses of failures of the server and their shares among these. */
const SERVER_ERRORS = [[500, 0.5], [503, 0.3], [502, 0.2]] as const;

/**
 * Picks a route with probability proportional to its weight.
 *
 * @param draw A uniform number in [0, 1).
 * @returns The index into {@linkcode ROUTES}.
 */
export function pickRoute(draw: number): number {
  let rest = draw * TOTAL_WEIGHT;
  for (let index = 0; index < ROUTES.length - 1; index++) {
    rest -= ROUTES[index].weight;
    if (rest < 0) return index;
  }
  return ROUTES.length - 1;
}

/**
 * Picks the status of an answer when nothing is wrong.
 *
 * @param route The route that answers.
 * @param draw A uniform number in [0, 1).
 * @returns The HTTP status code.
 */
export function pickStatus(route: Route, draw: number): number {
  return pickShare(route.others, draw) ?? route.success;
}

/**
 * Picks the status of an answer that fails on the server's side: 500, 502 or
 * 503.
 *
 * @param draw A uniform number in [0, 1).
 * @returns The HTTP status code.
 */
export function pickServerError(draw: number): number {
  return pickShare(SERVER_ERRORS, draw) ?? SERVER_ERRORS[0][0];
}

/**
 * How long an answer of this status takes.
 *
 * @param status The HTTP status code.
 * @returns A multiple of the response time of a success.
 */
export function timeOfStatus(status: number): number {
  return TIME_OF_STATUS.get(status) ?? 1;
}

/**
 * The median size of an answer's body.
 *
 * @param route The route that answers.
 * @param status The HTTP status code.
 * @returns The size in bytes; 0 where the status has no body.
 */
export function bodyBytes(route: Route, status: number): number {
  if (status === 304) return 0;
  return status >= 400 ? ERROR_BODY_BYTES : route.sizeBytes;
}

const TOTAL_WEIGHT = ROUTES.reduce((sum, { weight }) => sum + weight, 0);

function route(
  method: string,
  endpoint: string,
  weight: number,
  medianMs: number,
  spread: number,
  sizeBytes: number,
): Omit<Route, "others"> {
  return {
    method,
    endpoint,
    weight,
    medianMs,
    spread,
    sizeBytes,
    success: 200,
  };
}

function pickShare(
  shares: readonly (readonly [status: number, share: number])[],
  draw: number,
): number | undefined {
  let rest = draw;
  for (const [status, share] of shares) {
    rest -= share;
    if (rest < 0) return status;
  }
  return undefined;
}
