/** A run as it is now, with the values that it logged and the run of the same cell before it. No DOM. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { RunsChanged } from '../tokens';
import type { Run, RunRow, Series, Summary } from './answers';
import { Order, Pace } from './pace';
import type { RunChanges, Runs } from './runs';
import { MOST_NAMES, wantedOf } from './values';

/** What makes the source of the run before this run's one; empty where they are the same. */
export interface Before {
  run: RunRow;
  diff: string;
}

export class RunPage {
  run: Run | null = null;
  /** What could not be read, until it can. */
  error: string | null = null;
  before: Before | null = null;
  /** Whether the server is asked to change something, and has not answered yet. */
  isChanging = false;
  readonly series = new Map<string, Series>();
  /** Of so many names more the values are not fetched. */
  omitted = 0;

  private readonly pace = new Pace(() => this.ask());
  private readonly order = new Order();
  private readonly fetched = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly runs: Pick<Runs, 'projectDir' | 'run' | 'series' | 'page' | 'compare' | 'change' | 'undelete'>,
    readonly id: string,
    /** Tells who clicked what goes wrong. */
    private readonly telling: (deed: () => Promise<unknown>) => Promise<void>
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
    const error = await this.read(isLast);
    if (isLast()) {
      this.error = error;
    } else {
      this.pace.due(); // a change came between: the rest of it is asked for again
    }
    this._changed.emit();
  }

  /** Read all that there is, also when a part of it fails: then it is said why. */
  private async read(isLast: () => boolean): Promise<string | null> {
    const failure = await messageOf(this.askForRun(isLast));
    if (failure !== null || !isLast()) {
      return failure;
    }
    const run = this.run!;
    const ofSeries = await messageOf(this.askForSeries(run.metrics, isLast));
    const ofBefore = await messageOf(this.askForBefore(run, isLast));
    return ofSeries ?? ofBefore;
  }

  private async askForRun(isLast: () => boolean): Promise<void> {
    const run = await this.runs.run(this.id);
    if (isLast()) {
      this.run = run;
      this._changed.emit();
    }
  }

  private async askForSeries(metrics: Record<string, Summary>, isLast: () => boolean): Promise<void> {
    const needed = Object.entries(metrics).filter(([, told]) => wantedOf(told) !== null);
    const shown = needed.slice(0, MOST_NAMES);
    this.omitted = needed.length - shown.length;
    for (const [name, told] of shown) {
      const state = JSON.stringify(told);
      if (this.fetched.get(name) !== state) {
        const series = await this.runs.series(this.id, name, wantedOf(told)!);
        if (!isLast()) {
          return;
        }
        this.series.set(name, series);
        this.fetched.set(name, state);
        this._changed.emit();
      }
    }
  }

  /** A copy of a notebook has the same cells: only the runs of this one count. */
  private async askForBefore({ cell, script_name, start_time_utc }: Run, isLast: () => boolean): Promise<void> {
    if (cell === null || this.before !== null || !isLast()) {
      return;
    }
    const notebook = script_name ?? undefined;
    const { runs } = await this.runs.page({ cell, notebook, until: start_time_utc, sort: '-started', limit: 2 });
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
    let isDone = false;
    this.isChanging = true;
    this._changed.emit();
    await this.telling(async () => {
      await deed();
      isDone = true;
    });
    this.isChanging = false;
    this._changed.emit();
    return isDone;
  }
}

/** Why something failed; null where it did not. */
async function messageOf(answer: Promise<void>): Promise<string | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
