/**
 * Asks again when something has changed, but not more often than people can read, and never twice at once. Who asks by
 * `now` does not wait for an answer that is slow: an `Order` tells which answer is passed over.
 */

export const REFRESHED_EVERY_MS = 500;

export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = 0;
  private isStale = false;
  private isDisposed = false;

  constructor(private readonly ask: () => Promise<void>) {}

  /** What is shown is old. */
  due(): void {
    this.isStale = true;
    if (this.timer === undefined && this.asking === 0 && !this.isDisposed) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.now();
      }, REFRESHED_EVERY_MS);
    }
  }

  async now(): Promise<void> {
    this.isStale = false;
    this.asking++;
    await this.ask();
    this.asking--;
    if (this.isStale) {
      this.due();
    }
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
  }
}

/** Tells the answer that counts from those that came late: the one to the last question. */
export class Order {
  private last = 0;

  /** Ask another question; the function that is returned says whether it is the last one still. */
  next(): () => boolean {
    const number = ++this.last;
    return () => number === this.last;
  }
}
