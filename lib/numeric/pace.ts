/**
 * The pace of long work: lets the event loop run between steps, stops when
 * asked to, and guesses the time left. The clock never touches a result.
 *
 * @module
 */

const MILLISECONDS_BETWEEN_PAUSES = 25;

/** Keeps the pace of work that consists of many short steps. */
export class Pace {
  readonly #steps: number;
  readonly #signal: AbortSignal | undefined;
  readonly #start = performance.now();
  #lastPause = this.#start;
  #stepsDone = 0;

  /**
   * Starts the clock.
   *
   * @param steps The number of steps to come.
   * @param signal Stops the work when aborted.
   * @throws `signal.reason`, if it is aborted already.
   */
  constructor(steps: number, signal: AbortSignal | undefined) {
    this.#steps = steps;
    this.#signal = signal;
    signal?.throwIfAborted();
  }

  /** Counts a step. */
  stepDone(): void {
    this.#stepsDone++;
  }

  /**
   * Guesses the time left from the time that the steps so far took.
   *
   * @returns Seconds, finite once a step is done.
   */
  secondsLeft(): number {
    const secondsDone = (performance.now() - this.#start) / 1000;
    return secondsDone / this.#stepsDone * (this.#steps - this.#stepsDone);
  }

  /**
   * Gives way to the event loop if it has waited for long.
   *
   * @throws `signal.reason`, if the signal is aborted.
   */
  async pause(): Promise<void> {
    if (performance.now() - this.#lastPause > MILLISECONDS_BETWEEN_PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#lastPause = performance.now();
    }
    this.#signal?.throwIfAborted();
  }
}
