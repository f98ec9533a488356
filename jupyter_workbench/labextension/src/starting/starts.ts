/** What is being started or prepared on the server, as its events tell it. Nothing is shown here. */

import { Token } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';

import type { KernelProgress } from '../tokens';

export type Outcome = 'under way' | 'succeeded' | 'failed' | 'cancelled';

/** The start of a kernel, or a preparation. A new object for each moment. */
export interface Start {
  /** The id of the kernel or of the preparation. */
  readonly id: string;
  readonly kind: 'kernel' | 'preparation';
  readonly project: string;
  readonly projectDir: string;
  readonly runConfiguration: string;
  readonly outcome: Outcome;
  /** Whether it is the end of a kernel that had started well. */
  readonly hadRun: boolean;
  readonly moment: KernelProgress;
  /** When the moment was told, in milliseconds of the browser's clock. */
  readonly heard: number;
}

/** What the panel and others read. */
export type IStarts = Pick<Starts, 'changed' | 'get' | 'underWay' | 'failures' | 'elapsed' | 'recall'>;

export const IStarts = new Token<IStarts>(
  'jupyter_workbench:IStarts',
  'What is being started or prepared on the server of jupyter_workbench.'
);

const MOST_FAILURES = 20;

/** The newest moment of each start that is under way, and of the last ones that failed. */
export class Starts {
  private readonly known = new Map<string, Start>();
  /** The ids of the kernels that run. */
  private readonly running = new Set<string>();
  private readonly _changed = new Signal<this, Start>(this);
  /** The ids that were told since the server was asked last. */
  private heardSince = new Set<string>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Tells every moment of a start, its last one too. What was never under way here and went well is not told. */
  get changed(): ISignal<this, Start> {
    return this._changed;
  }

  take(moment: KernelProgress): void {
    const start = this.startOf(moment);
    this.note(moment);
    this.heardSince.add(start.id);
    const before = this.get(start.id);
    if (before?.outcome !== 'under way' && (start.outcome === 'succeeded' || start.outcome === 'cancelled')) {
      this.known.delete(start.id);
      return;
    }
    this.keep(start);
    this._changed.emit(start);
  }

  /** Keep the last moment of a start that failed before this page was opened: it can be read, and is not told again. */
  recall(moment: KernelProgress): Start {
    const start = this.get(idOf(moment)) ?? this.startOf(moment);
    this.keep(start);
    return start;
  }

  /**
   * Ask the server what is under way, and what became of what was: `ask` returns all that it knows. What it does not
   * know any more is over, since it was restarted. An event that comes before the answer is newer than that.
   */
  async resync(ask: () => Promise<KernelProgress[]>): Promise<void> {
    const heard = (this.heardSince = new Set());
    const moments = await ask();
    if (heard !== this.heardSince) {
      return; // asked again meanwhile
    }
    const told = new Set(moments.map(idOf));
    const overtaken = new Set(heard);
    for (const moment of moments) {
      if (overtaken.has(idOf(moment))) {
        continue;
      }
      if (isUnderWay(moment) || this.get(idOf(moment))?.outcome === 'under way') {
        this.take(moment);
      } else {
        this.note(moment);
      }
    }
    this.underWay.filter(({ id }) => !told.has(id) && !overtaken.has(id)).forEach(start => this.lose(start));
  }

  get(id: string): Start | undefined {
    return this.known.get(id);
  }

  get underWay(): Start[] {
    return [...this.known.values()].filter(start => start.outcome === 'under way');
  }

  /** The newest first. */
  get failures(): Start[] {
    return [...this.known.values()].filter(start => start.outcome === 'failed').reverse();
  }

  /** How long a start takes by now, in seconds. */
  elapsed(start: Start): number {
    const since = start.outcome === 'under way' ? (this.now() - start.heard) / 1000 : 0;
    return start.moment.elapsed + Math.max(0, since);
  }

  /** End the starts of kernels that the server does not have any more: it was restarted, and tells nothing of them. */
  keepOnlyKernels(ids: ReadonlySet<string>): void {
    for (const start of this.underWay) {
      if (start.kind === 'kernel' && !ids.has(start.id)) {
        this.lose(start);
      }
    }
    [...this.running].filter(id => !ids.has(id)).forEach(id => this.running.delete(id));
  }

  private startOf(moment: KernelProgress): Start {
    const kind = kindOf(moment);
    return {
      id: idOf(moment),
      kind,
      project: moment.project,
      projectDir: moment.project_dir,
      runConfiguration: moment.run_configuration,
      outcome: outcomeOf(kind, moment),
      hadRun: moment.state === 'dead' && this.running.has(idOf(moment)),
      moment,
      heard: this.now()
    };
  }

  /** `dead` alone does not tell a kernel that died from one that never started. */
  private note(moment: KernelProgress): void {
    if (kindOf(moment) === 'kernel' && moment.state === 'running') {
      this.running.add(idOf(moment));
    } else {
      this.running.delete(idOf(moment));
    }
  }

  private lose(start: Start): void {
    const lost: Start = { ...start, outcome: 'cancelled' };
    this.keep(lost);
    this._changed.emit(lost);
  }

  private keep(start: Start): void {
    this.known.delete(start.id); // the newest is the last one
    if (start.outcome === 'under way' || start.outcome === 'failed') {
      this.known.set(start.id, start);
      this.failures.slice(MOST_FAILURES).forEach(old => this.known.delete(old.id));
    }
  }
}

function idOf({ kernel_id, preparation_id }: KernelProgress): string {
  return kernel_id ?? preparation_id!;
}

function kindOf({ kernel_id }: KernelProgress): Start['kind'] {
  return kernel_id !== null ? 'kernel' : 'preparation';
}

function isUnderWay(moment: KernelProgress): boolean {
  return outcomeOf(kindOf(moment), moment) === 'under way';
}

function outcomeOf(kind: Start['kind'], { state, reason }: KernelProgress): Outcome {
  switch (state) {
    case 'running':
      return kind === 'kernel' ? 'succeeded' : 'under way';
    case 'done':
      return 'succeeded';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
    case 'dead':
      return reason === null ? 'cancelled' : 'failed';
    default:
      return 'under way';
  }
}
