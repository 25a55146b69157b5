/**
 * The waits between attempts.
 *
 * @import { BackoffOptions } from "./ereo.d.ts"
 */

/**
 * How long to wait before attempt `n` (counted from 0): `min(base * factor ** n, max)` milliseconds.
 * With `jitter: "full"` any time from 0 up to that is as likely as any other, so that the clients of
 * a server that went away do not all come back at one moment; with `"none"` it is exactly that.
 */
class Backoff {
  /** @param {BackoffOptions} [options] */
  constructor({ base = 1000, factor = 2, max = 30000, jitter = "full" } = {}) {
    if (jitter !== "full" && jitter !== "none") {
      throw new RangeError(`jitter is "full" or "none", not ${JSON.stringify(jitter)}`);
    }
    /** @readonly */
    this.base = base;
    /** @readonly */
    this.factor = factor;
    /** @readonly */
    this.max = max;
    /** @readonly @type {"full" | "none"} */
    this.jitter = jitter;
  }

  /**
   * The most that `delay(attempt)` can be.
   * @param {number} attempt
   */
  longest(attempt) {
    // An overflow to Infinity is no special case: the minimum takes it.
    return Math.min(this.base * this.factor ** attempt, this.max);
  }

  /** @param {number} attempt */
  delay(attempt) {
    return (this.jitter === "full" ? Math.random() : 1) * this.longest(attempt);
  }
}

export { Backoff };
