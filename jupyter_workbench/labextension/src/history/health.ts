/** Which run histories cannot be written now, and why. No DOM. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { WorkbenchEvents } from '../events';
import type { Rest } from '../rest';
import type { HistoryProblem } from '../tokens';

export class HistoryHealth {
  private readonly problems = new Map<string, string>();
  private readonly _changed = new Signal<this, HistoryProblem>(this);

  /** Events tell no problem twice: what was told before this page was there, or while it was away, is asked for. */
  constructor(
    events: Pick<WorkbenchEvents, 'historyProblem' | 'connected'>,
    private readonly rest: Pick<Rest, 'projects'>
  ) {
    events.historyProblem.connect((_, told) => this.take(told));
    events.connected.connect(() => void this.ask());
  }

  /** Without an answer everything stays: whoever shows a history hears from the server why it cannot be shown. */
  async ask(): Promise<void> {
    const projects = await this.rest.projects().catch(() => []);
    projects.forEach(({ project_dir, history_problem }) => this.take({ project_dir, problem: history_problem }));
  }

  /** Tells of a project that it has another problem than before, or none any more. */
  get changed(): ISignal<this, HistoryProblem> {
    return this._changed;
  }

  /** What is wrong and what to do; null when the history of a project is well, as far as anybody told. */
  problemOf(projectDir: string): string | null {
    return this.problems.get(projectDir) ?? null;
  }

  private take(told: HistoryProblem): void {
    const { project_dir, problem } = told;
    if (problem === this.problemOf(project_dir)) {
      return;
    }
    if (problem === null) {
      this.problems.delete(project_dir);
    } else {
      this.problems.set(project_dir, problem);
    }
    this._changed.emit(told);
  }
}
