/** The newest run of each cell of one notebook, asked for only while the notebook is seen. No DOM. */

import { projectOf } from '../places';
import type { Rest } from '../rest';
import type { RunsChanged } from '../tokens';
import type { RunOfCell } from './answers';
import type { KnownProjects } from './known_projects';
import { Order, Pace } from './pace';
import { Runs } from './runs';

/** The notebook, as far as it matters here. */
export interface Notebook {
  /** Where the server's file browser has it. */
  path(): string;
  isSeen(): boolean;
}

export class CellRuns {
  private runs: Runs | null = null;
  private newest = new Map<string, RunOfCell>();
  private isBehind = false;
  private readonly pace = new Pace(() => this.ask());
  private readonly order = new Order();

  constructor(
    private readonly rest: Rest,
    private readonly projects: Pick<KnownProjects, 'all'>,
    private readonly notebook: Notebook,
    private readonly changed: () => void
  ) {}

  /** The folder of the project of the notebook; null until it is known. */
  get projectDir(): string | null {
    return this.runs?.projectDir ?? null;
  }

  of(cell: string): RunOfCell | undefined {
    return this.newest.get(cell);
  }

  refresh(): Promise<void> {
    return this.pace.now();
  }

  take({ project_dir }: RunsChanged): void {
    if (this.runs === null || this.runs.projectDir === project_dir) {
      this.pace.due();
    }
  }

  /** What is shown is old. */
  due(): void {
    this.pace.due();
  }

  /** The notebook has come into sight. */
  async catchUp(): Promise<void> {
    if (this.isBehind) {
      await this.refresh();
    }
  }

  dispose(): void {
    this.pace.dispose();
  }

  /** Without an answer all stays as it is: a notebook is no place for errors of the history. */
  private async ask(): Promise<void> {
    this.isBehind = !this.notebook.isSeen();
    if (this.isBehind) {
      return;
    }
    const isLast = this.order.next();
    try {
      const path = this.notebook.path();
      const project = projectOf(path, await this.projects.all());
      if (project !== null) {
        this.runs = new Runs(this.rest, project.project_dir);
        const found = await this.runs.ofCells(path);
        this.newest = isLast() ? new Map(found.map(run => [run.cell, run])) : this.newest;
      }
    } catch (error) {
      console.warn('jupyter_workbench: the runs of the cells could not be listed', error);
    }
    this.changed();
  }
}
