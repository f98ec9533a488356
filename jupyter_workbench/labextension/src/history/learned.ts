/** What a view needs beside its rows. No DOM. */

import { Order } from './pace';

export class Learned<T> {
  value: T | null = null;
  /** Why the last answer is missing; what was known before stays. */
  error: string | null = null;
  private readonly order = new Order();

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly tell: () => void
  ) {}

  /** Ask anew; what was asked before and is answered later is passed over. */
  async learn(): Promise<void> {
    const isLast = this.order.next();
    try {
      const value = await this.ask();
      if (isLast()) {
        this.value = value;
        this.error = null;
      }
    } catch (error) {
      this.error = isLast() ? (error as Error).message : this.error;
    }
    this.tell();
  }

  /** Ask again for what was not answered. */
  async again(): Promise<void> {
    if (this.error !== null) {
      await this.learn();
    }
  }
}
