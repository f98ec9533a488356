/** The only module that listens to the events of the server: a typed signal for each schema of ours. */

import type { Event } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type { HistoryProblem, KernelProgress, KernelsChanged, RunsChanged, TargetsChanged } from './tokens';

const SCHEMAS = 'https://jupyter-workbench.dev/events/';

/** A loss that is shorter is not worth a word. */
export const AWAY_AFTER_MS = 2_000;

/** Where events come from: `EventConnection`. */
export interface EventSource {
  stream: ISignal<unknown, Event.Emission>;
  /** True when events begin to come, false when they cannot come any more. */
  opened: ISignal<unknown, boolean>;
}

/** What the server tells, as it tells it. Nothing is told again: whoever comes later asks over REST. */
export class WorkbenchEvents {
  readonly kernelsChanged = new Signal<this, KernelsChanged>(this);
  readonly kernelProgress = new Signal<this, KernelProgress>(this);
  readonly targetsChanged = new Signal<this, TargetsChanged>(this);
  readonly runsChanged = new Signal<this, RunsChanged>(this);
  readonly historyProblem = new Signal<this, HistoryProblem>(this);
  /**
   * Events come from now on, for the first time or again, maybe from another process: whoever keeps something asks for
   * all of it anew, since what was told between the last answer and now was missed.
   */
  readonly connected = new Signal<this, void>(this);
  /** `isAway` or `isLoggedOut` is another one. */
  readonly awayChanged = new Signal<this, void>(this);

  private _isAway = false;
  private _isLoggedOut = false;
  private isAsking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `askWhetherLoggedOut` asks the server in another way, which may be open when this one is not. */
  constructor(
    source: EventSource,
    private readonly askWhetherLoggedOut: () => Promise<boolean>
  ) {
    this.timer = setTimeout(() => this.setAway(true), AWAY_AFTER_MS); // events that begin late: the page was hidden
    source.stream.connect((_, emission) => this.take(emission));
    source.opened.connect((_, isOpen) => (isOpen ? this.open() : this.lose()));
  }

  /** Whether the server cannot be reached now, so that what is shown may be old. */
  get isAway(): boolean {
    return this._isAway;
  }

  /** Whether it refuses this user, so that waiting for it does not help. */
  get isLoggedOut(): boolean {
    return this._isLoggedOut;
  }

  private open(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.setAway(false);
    this.connected.emit();
  }

  private lose(): void {
    this.timer ??= setTimeout(() => this.setAway(true), AWAY_AFTER_MS);
    if (this._isAway) {
      void this.lookWhy(); // a server that comes back may have another login
    }
  }

  private setAway(isAway: boolean): void {
    if (isAway === this._isAway) {
      return;
    }
    this._isAway = isAway;
    this._isLoggedOut = false;
    this.awayChanged.emit();
    if (isAway) {
      void this.lookWhy();
    }
  }

  private async lookWhy(): Promise<void> {
    if (this.isAsking || this._isLoggedOut) {
      return;
    }
    this.isAsking = true;
    const isLoggedOut = await this.askWhetherLoggedOut();
    this.isAsking = false;
    if (isLoggedOut && this._isAway) {
      this._isLoggedOut = true;
      this.awayChanged.emit();
    }
  }

  private take(emission: Event.Emission): void {
    const told: unknown = emission;
    switch (emission.schema_id) {
      case `${SCHEMAS}kernels_changed/v1`:
        return this.kernelsChanged.emit(told as KernelsChanged);
      case `${SCHEMAS}kernel_progress/v1`:
        return this.kernelProgress.emit(told as KernelProgress);
      case `${SCHEMAS}targets_changed/v1`:
        return this.targetsChanged.emit(told as TargetsChanged);
      case `${SCHEMAS}runs_changed/v1`:
        return this.runsChanged.emit(told as RunsChanged);
      case `${SCHEMAS}history_problem/v1`:
        return this.historyProblem.emit(told as HistoryProblem);
    }
  }
}
