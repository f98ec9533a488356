/** The table as it is now: a page of runs, what was asked for it, and which runs are selected. No DOM. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { RunsChanged } from '../tokens';
import type { Choices, LoggedName, RunPage, RunRow } from './answers';
import { ALWAYS, columnsAtFirst, isColumn, toggled } from './columns';
import { Learned } from './learned';
import { Order, Pace } from './pace';
import { isInBin, NEWEST_FIRST, onPage, type Question, queryOf } from './question';
import type { Runs } from './runs';

/** What is kept of a table when JupyterLab is closed. */
export interface Kept {
  /** null as long as nobody has chosen any. */
  columns: string[] | null;
  sort: string;
}

export interface Keeper {
  fetch(): Promise<unknown>;
  save(kept: Kept): Promise<unknown>;
}

export class RunTable {
  question: Question = NEWEST_FIRST;
  rows: RunRow[] = [];
  total = 0;
  isLoaded = false;
  /** Whether the rows are those of another question than the one that was asked last. */
  isWaiting = false;
  readonly selected = new Set<string>();
  /** The row that the keyboard is on. */
  active: string | null = null;

  private chosen: string[] | null = null;
  private errorOfRows: string | null = null;
  private readonly filters = new Learned(
    () => this.runs.choices(),
    () => this.tell()
  );
  private readonly logged = new Learned(
    () => this.runs.names(),
    () => this.tell()
  );
  private readonly order = new Order();
  private readonly pace = new Pace(() => this.askOnce());
  private isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _asked = new Signal<this, void>(this);

  constructor(
    private readonly runs: Pick<Runs, 'projectDir' | 'page' | 'names' | 'choices'>,
    private readonly keeper: Keeper | null = null
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Another question was asked. */
  get asked(): ISignal<this, void> {
    return this._asked;
  }

  /** What could not be read, until it can. */
  get error(): string | null {
    return this.errorOfRows ?? this.filters.error ?? this.logged.error;
  }

  /** What there is to filter by; null until it is known. */
  get choices(): Choices | null {
    return this.filters.value;
  }

  get names(): LoggedName[] {
    return this.logged.value ?? [];
  }

  get columns(): string[] {
    return this.chosen ?? columnsAtFirst(this.rows);
  }

  /** Ask for the first page in the order of last time, or for what an address says; with the columns of last time. */
  async open(question: Question | null = null): Promise<void> {
    const kept = (await this.keeper?.fetch()) as Partial<Kept> | undefined;
    if (Array.isArray(kept?.columns)) {
      this.chosen = [ALWAYS, ...kept.columns.filter(column => isColumn(column) && column !== ALWAYS)];
    }
    if (question !== null) {
      this.question = question;
    } else if (typeof kept?.sort === 'string' && isColumn(kept.sort.replace(/^-/, ''))) {
      this.question = { ...this.question, sort: kept.sort };
    }
    await Promise.all([this.refresh(), this.filters.learn()]);
  }

  async ask(question: Question): Promise<void> {
    if (question.sort !== this.question.sort) {
      this.keep(question.sort);
    }
    if (isInBin(question) !== isInBin(this.question)) {
      this.selected.clear(); // what can be done with them is not the same there
    }
    this.question = question;
    this.isWaiting = true;
    this._asked.emit();
    this.tell();
    await this.refresh();
  }

  /** Ask for the rows, and again for what else is missing. */
  refresh(): Promise<void> {
    return this.pace.now();
  }

  /** Runs of the project have changed. */
  take({ project_dir }: RunsChanged): void {
    if (project_dir === this.runs.projectDir) {
      this.pace.due();
    }
  }

  learnNames(): Promise<void> {
    return this.logged.learn();
  }

  toggleColumn(column: string): void {
    this.chosen = toggled(this.columns, column);
    this.keep(this.question.sort);
    this.tell();
  }

  toggle(id: string): void {
    if (!this.selected.delete(id)) {
      this.selected.add(id);
    }
    this.tell();
  }

  /** Select all runs of the page, or none of it where all are selected. */
  toggleAll(): void {
    const all = this.rows.every(row => this.selected.has(row.run_id));
    this.rows.forEach(row => (all ? this.selected.delete(row.run_id) : this.selected.add(row.run_id)));
    this.tell();
  }

  unselect(): void {
    this.selected.clear();
    this.tell();
  }

  activate(id: string): void {
    this.active = id;
    this.tell();
  }

  /** Move the keyboard so many rows up or down, no further than the page. */
  move(by: number): void {
    const at = this.rows.findIndex(row => row.run_id === this.active);
    const to = Math.min(Math.max(0, at + by), this.rows.length - 1);
    if (this.rows.length > 0) {
      this.activate(this.rows[to].run_id);
    }
  }

  dispose(): void {
    this.isDisposed = true;
    this.pace.dispose();
    Signal.clearData(this);
  }

  private async askOnce(): Promise<void> {
    await Promise.all([this.askForRows(), this.filters.again(), this.logged.again()]);
  }

  /** What was asked before and is answered later is passed over. */
  private async askForRows(): Promise<void> {
    const isLast = this.order.next();
    try {
      const page = await this.runs.page(queryOf(this.question));
      if (isLast()) {
        await this.show(page);
      }
    } catch (error) {
      if (isLast()) {
        this.errorOfRows = (error as Error).message;
      }
    }
    if (isLast()) {
      this.isLoaded = true;
      this.isWaiting = false;
      this.tell();
    }
  }

  private async show({ total, runs }: RunPage): Promise<void> {
    this.errorOfRows = null;
    this.total = total;
    if (runs.length === 0 && total > 0) {
      return this.ask(onPage(this.question, this.question.page, total)); // the last pages are gone
    }
    this.rows = runs;
    if (!runs.some(row => row.run_id === this.active)) {
      this.active = runs[0]?.run_id ?? null;
    }
    const { choices } = this;
    // Filters offer what the runs outside of the bin have.
    if (choices !== null && !isInBin(this.question) && runs.some(row => this.isNews(row, choices))) {
      void this.filters.learn();
    }
  }

  /** Whether a run has something that the filters do not offer yet. */
  private isNews(row: RunRow, choices: Choices): boolean {
    return (
      !choices.status.includes(row.status) ||
      !choices.run_configuration.includes(row.run_configuration) ||
      (row.experiment !== null && !choices.experiment.includes(row.experiment)) ||
      (row.script_name !== null && !choices.notebook.includes(row.script_name)) ||
      (row.user !== null && !choices.user.includes(row.user)) ||
      Object.entries(row.tags).some(([key, value]) => isNewTag(choices.tags[key], value))
    );
  }

  private keep(sort: string): void {
    void this.keeper?.save({ columns: this.chosen, sort });
  }

  private tell(): void {
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }
}

/** Of a key with too many values the server names none. */
function isNewTag(known: string[] | undefined, value: string): boolean {
  return known === undefined || (known.length > 0 && !known.includes(value));
}
