/**
 * What each minute of a synthetic log is like: how much traffic there is, how
 * the service feels, and when the requests arrive. Minutes follow the seasons
 * of UTC.
 *
 * @module
 */

import type { Random } from "../numeric/random.ts";

/** A minute in milliseconds. */
export const MINUTE_MS = 60_000;

const DAY_MS = 1440 * MINUTE_MS;
/** 1970-01-01 was a Thursday, three days after a Monday. */
const EPOCH_DAYS_AFTER_MONDAY = 3;
/** Log rate at noon of Monday, Tuesday, …, Sunday. */
const WEEKDAY_LOG_RATE = [0, 0.05, 0.08, 0.05, -0.05, -0.45, -0.55];
/** Sizes and peak hours of the 24-hour and the 12-hour wave of the log rate. */
const DAY_WAVE = { size: 0.75, peakHour: 15 };
const HALF_DAY_WAVE = { size: 0.25, peakHour: 9 };
const TRAFFIC_NOISE = { deviation: 0.15, minutes: 180 };
const SERVICE_STATE = { deviation: 0.2, minutes: 30 };

/**
 * Traffic of each minute as a multiple of the mean: `exp(day + week + noise)`
 * where `day` is a wave of 24 and one of 12 hours, `week` goes through a value
 * at each day's noon, and `noise` is an Ornstein–Uhlenbeck process.
 *
 * @param random The stream that the noise is drawn from.
 * @param startMs Start of the first minute, milliseconds since 1970 UTC.
 * @param minuteCount Number of minutes, at least 1.
 * @returns The load, shape `(minuteCount)`, mean 1.
 */
export function drawLoad(
  random: Random,
  startMs: number,
  minuteCount: number,
): Float64Array {
  const load = drawNoise(random, minuteCount, TRAFFIC_NOISE);
  let sum = 0;
  for (let i = 0; i < minuteCount; i++) {
    load[i] = Math.exp(load[i] + seasonalLogRate(startMs + i * MINUTE_MS));
    sum += load[i];
  }
  for (let i = 0; i < minuteCount; i++) load[i] *= minuteCount / sum;
  return load;
}

/**
 * The hidden state of the service: the part of the log response time that all
 * requests of a minute share and that changes slowly, an Ornstein–Uhlenbeck
 * process with a correlation time of half an hour.
 *
 * @param random The stream that the state is drawn from.
 * @param minuteCount Number of minutes, at least 1.
 * @returns The log of the factor on response times, shape `(minuteCount)`.
 */
export function drawServiceState(
  random: Random,
  minuteCount: number,
): Float64Array {
  return drawNoise(random, minuteCount, SERVICE_STATE);
}

/**
 * Arrivals of a non-homogeneous Poisson process given that there are `count`
 * of them: independent draws from the normalized intensity, sorted. Sorted
 * uniform numbers are running sums of exponential ones, and a walk along the
 * cumulative load inverts them.
 *
 * @param random The stream that the arrivals are drawn from.
 * @param load The intensity in each minute, shape `(m)`, positive, mean 1.
 * @param startMs Start of the first minute, milliseconds since 1970 UTC.
 * @param count Number of arrivals.
 * @returns Whole milliseconds since 1970 UTC, ascending, shape `(count)`.
 */
export function drawArrivals(
  random: Random,
  load: Float64Array,
  startMs: number,
  count: number,
): Float64Array {
  const arrivals = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) arrivals[i] = sum += random.exponential();
  const scale = load.length / (sum + random.exponential());
  let minute = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const target = arrivals[i] * scale;
    while (minute < load.length - 1 && before + load[minute] <= target) {
      before += load[minute++];
    }
    const part = Math.min((target - before) / load[minute], 1);
    const offset = Math.min(Math.floor(part * MINUTE_MS), MINUTE_MS - 1);
    arrivals[i] = startMs + minute * MINUTE_MS + offset;
  }
  return arrivals;
}

/** The log of the mean rate at a time, up to a constant. */
function seasonalLogRate(timeMs: number): number {
  const days = timeMs / DAY_MS + EPOCH_DAYS_AFTER_MONDAY;
  const hour = 24 * (days % 1);
  const day = DAY_WAVE.size *
    Math.cos(2 * Math.PI * (hour - DAY_WAVE.peakHour) / 24);
  const halfDay = HALF_DAY_WAVE.size *
    Math.cos(2 * Math.PI * (hour - HALF_DAY_WAVE.peakHour) / 12);
  // Whole at noon, and a multiple of seven at that of a Monday.
  const noons = days + 6.5;
  const weight = noons % 1;
  const week = (1 - weight) * WEEKDAY_LOG_RATE[Math.floor(noons) % 7] +
    weight * WEEKDAY_LOG_RATE[Math.floor(noons + 1) % 7];
  return day + halfDay + week;
}

/** `x' = φ x + σ √(1 - φ²) z` with `φ = exp(-1 / minutes)`, started at rest. */
function drawNoise(
  random: Random,
  count: number,
  { deviation, minutes }: { deviation: number; minutes: number },
): Float64Array {
  const memory = Math.exp(-1 / minutes);
  const innovation = deviation * Math.sqrt(1 - memory * memory);
  const noise = new Float64Array(count);
  noise[0] = deviation * random.normal();
  for (let i = 1; i < count; i++) {
    noise[i] = memory * noise[i - 1] + innovation * random.normal();
  }
  return noise;
}
