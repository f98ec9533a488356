/** The log of a start as the server has it: read anew when the start comes further. Nothing is shown here. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { StartLines } from '../tokens';
import type { Start, Starts } from './starts';

export class LogLines {
  /** Null until it was read once. */
  told: StartLines | null = null;
  /** Why it could not be read; what was read before stays. */
  problem: string | null = null;

  private readonly _changed = new Signal<this, void>(this);
  private isAsking = false;
  private isStale = false;

  constructor(
    private readonly starts: Pick<Starts, 'changed'>,
    public start: Start,
    private readonly ask: (start: Start) => Promise<StartLines>
  ) {
    starts.changed.connect(this.take, this);
    void this.read();
  }

  dispose(): void {
    this.starts.changed.disconnect(this.take, this);
    Signal.clearData(this);
  }

  /** Tells when there is more, and each moment of the start. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private take(_: unknown, start: Start): void {
    if (start.id === this.start.id) {
      this.start = start;
      this._changed.emit();
      void this.read();
    }
  }

  /** One request at a time: on a slow network the next one brings all that was told meanwhile. */
  private async read(): Promise<void> {
    this.isStale = true;
    if (this.isAsking) {
      return;
    }
    this.isAsking = true;
    while (this.isStale) {
      this.isStale = false;
      await this.readOnce();
    }
    this.isAsking = false;
  }

  private async readOnce(): Promise<void> {
    try {
      this.told = await this.ask(this.start);
      this.problem = null;
    } catch (error) {
      this.problem = (error as Error).message;
    }
    this._changed.emit();
  }
}
