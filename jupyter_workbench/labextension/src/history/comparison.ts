/** Runs side by side, with the series that they have in common. No DOM. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { RunsChanged } from '../tokens';
import type { Comparison } from './answers';
import { isSeries, type Line, POINTS } from './charts';
import { Order, Pace } from './pace';
import type { Runs } from './runs';
import { MOST_NAMES } from './values';

const WANTED = { points: POINTS, newest: true };

export class RunComparison {
  told: Comparison | null = null;
  error: string | null = null;
  /** The lines of each name, those of runs that did not log it left out. */
  readonly lines = new Map<string, Line[]>();
  /** Of so many names more the lines are not fetched. */
  omitted = 0;

  /** What was logged under a name when its lines were fetched. */
  private readonly fetched = new Map<string, string>();
  private readonly pace = new Pace(() => this.ask());
  private readonly order = new Order();
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly runs: Pick<Runs, 'projectDir' | 'compare' | 'series'>,
    readonly ids: string[]
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  refresh(): Promise<void> {
    return this.pace.now();
  }

  take({ project_dir, run_ids }: RunsChanged): void {
    if (project_dir === this.runs.projectDir && (run_ids === null || run_ids.some(id => this.ids.includes(id)))) {
      this.pace.due();
    }
  }

  dispose(): void {
    this.pace.dispose();
    Signal.clearData(this);
  }

  private async ask(): Promise<void> {
    const isLast = this.order.next();
    try {
      const told = await this.runs.compare(this.ids);
      if (isLast()) {
        this.told = told;
        this.error = null;
        this._changed.emit();
        await this.askForLines(told, isLast);
      }
    } catch (error) {
      this.error = isLast() ? (error as Error).message : this.error;
    }
    this._changed.emit();
  }

  private async askForLines({ runs, metrics }: Comparison, isLast: () => boolean): Promise<void> {
    const names = Object.keys(metrics).filter(name => metrics[name].some(one => one !== null && isSeries(one)));
    const shown = names.slice(0, MOST_NAMES);
    this.omitted = names.length - shown.length;
    for (const name of shown) {
      const state = JSON.stringify(metrics[name]);
      if (this.fetched.get(name) === state) {
        continue;
      }
      const having = runs.filter((_, index) => metrics[name][index] !== null);
      const series = await Promise.all(having.map(({ run_id }) => this.runs.series(run_id, name, WANTED)));
      if (!isLast()) {
        return;
      }
      this.lines.set(
        name,
        having.map(({ run_number }, index) => ({ label: String(run_number), series: series[index] }))
      );
      this.fetched.set(name, state);
      this._changed.emit();
    }
  }
}
