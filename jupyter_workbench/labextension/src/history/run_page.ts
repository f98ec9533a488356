/** A run as it is now, with its series and the run of the same cell before it. No DOM. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { RunsChanged } from '../tokens';
import type { Run, RunRow, Series, Summary } from './answers';
import { isSeries, POINTS } from './charts';
import { Order, Pace } from './pace';
import type { RunChanges, Runs } from './runs';

/** Of so many names the values are shown; the table of metrics has all. */
export const MOST_SERIES = 40;

/** What makes the source of the run before this run's one; empty where they are the same. */
export interface Before {
  run: RunRow;
  diff: string;
}

export class RunPage {
  run: Run | null = null;
  error: string | null = null;
  before: Before | null = null;
  /** Whether the server is asked to change something, and has not answered yet. */
  isChanging = false;
  readonly series = new Map<string, Series>();

  private readonly pace = new Pace(() => this.ask());
  private readonly order = new Order();
  private readonly fetched = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly runs: Pick<Runs, 'projectDir' | 'run' | 'series' | 'page' | 'compare' | 'change' | 'undelete'>,
    readonly id: string
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  refresh(): Promise<void> {
    return this.pace.now();
  }

  take({ project_dir, run_ids }: RunsChanged): void {
    if (project_dir === this.runs.projectDir && (run_ids === null || run_ids.includes(this.id))) {
      this.pace.due();
    }
  }

  /** Change what people say of the run; false when the server did not take it. */
  async change(changes: RunChanges): Promise<boolean> {
    return this.changing(async () => {
      const run = await this.runs.change(this.id, changes);
      this.order.next(); // what was asked before has an older answer
      this.run = run;
    });
  }

  async undelete(): Promise<void> {
    await this.changing(() => this.runs.undelete(this.id));
    await this.refresh();
  }

  dispose(): void {
    this.pace.dispose();
    Signal.clearData(this);
  }

  private async ask(): Promise<void> {
    const isLast = this.order.next();
    const isThere = await this.trying(async () => {
      const run = await this.runs.run(this.id);
      this.run = isLast() ? run : this.run;
    }, isLast);
    if (isThere) {
      await this.trying(() => this.askForSeries(this.run!.metrics, isLast), isLast);
    }
    if (isThere && isLast() && this.before === null) {
      await this.trying(() => this.askForBefore(this.run!), isLast);
    }
    if (!isLast()) {
      this.pace.due(); // a change came between: the rest of it is asked for again
    }
  }

  private async askForSeries(metrics: Record<string, Summary>, isLast: () => boolean): Promise<void> {
    const shown = Object.entries(metrics).filter(([, told]) => hasValues(told));
    for (const [name, told] of shown.slice(0, MOST_SERIES)) {
      const state = JSON.stringify(told);
      if (this.fetched.get(name) !== state) {
        const series = await this.runs.series(this.id, name, isSeries(told) ? POINTS : FEWEST_POINTS);
        if (!isLast()) {
          return;
        }
        this.series.set(name, series);
        this.fetched.set(name, state);
        this._changed.emit();
      }
    }
  }

  private async askForBefore({ cell, start_time_utc }: Run): Promise<void> {
    if (cell === null) {
      return;
    }
    const { runs } = await this.runs.page({ cell, until: start_time_utc, sort: '-started', limit: 2 });
    const run = runs.find(one => one.run_id !== this.id);
    if (run !== undefined) {
      const { source_diff } = await this.runs.compare([run.run_id, this.id]);
      this.before = { run, diff: source_diff[1] ?? '' };
      this._changed.emit();
    }
  }

  /** One change at a time: a button that is clicked twice does it once. */
  private async changing(deed: () => Promise<unknown>): Promise<boolean> {
    if (this.isChanging) {
      return false;
    }
    this.isChanging = true;
    this._changed.emit();
    const isDone = await this.trying(deed);
    this.isChanging = false;
    this._changed.emit();
    return isDone;
  }

  /** Without success the error is kept, unless it came too late to be true. False then, too. */
  private async trying(deed: () => Promise<unknown>, isLast: () => boolean = () => true): Promise<boolean> {
    try {
      await deed();
      this.error = isLast() ? null : this.error;
      return isLast();
    } catch (error) {
      this.error = isLast() ? (error as Error).message : this.error;
      return false;
    } finally {
      this._changed.emit();
    }
  }
}

const FEWEST_POINTS = 4;

/** Whether there is more to see than the summary tells. */
function hasValues(told: Summary): boolean {
  return isSeries(told) || told.kind === 'table' || told.kind === 'dict';
}
