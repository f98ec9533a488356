/** The routes of the run history of one project. */

import type { Query, Rest } from '../rest';
import type { Choices, Comparison, LoggedName, Run, RunOfCell, RunPage, Series, Text } from './answers';

/** What people may change of a run; a tag that becomes null is removed. */
export interface RunChanges {
  tags?: Record<string, string | null>;
  note?: string;
}

/** What came of a promotion: the link that was written, relative to the project. */
export interface Promotion {
  file: string;
  name: string;
  run_id: string;
  path: string;
}

export class Runs {
  constructor(
    private readonly rest: Rest,
    readonly projectDir: string
  ) {}

  page(query: Query): Promise<RunPage> {
    return this.get([], query);
  }

  names(): Promise<LoggedName[]> {
    return this.get(['names']);
  }

  choices(): Promise<Choices> {
    return this.get(['choices']);
  }

  /** The newest run of each cell of a notebook. */
  ofCells(notebook: string): Promise<RunOfCell[]> {
    return this.get(['cells'], { notebook });
  }

  compare(ids: string[]): Promise<Comparison> {
    return this.get(['compare'], { run: ids });
  }

  run(id: string): Promise<Run> {
    return this.get([id]);
  }

  /** At most so many points: of more numbers, no peak is left out. Of a list that is the newest, its items. */
  series(id: string, name: string, { points, newest }: { points: number; newest: boolean }): Promise<Series> {
    return this.get([id, 'series'], { name, points, newest });
  }

  async text(id: string, which: Text): Promise<string> {
    return (await this.get<{ text: string }>([id, 'texts', which])).text;
  }

  change(id: string, changes: RunChanges): Promise<Run> {
    return this.rest.ask('PATCH', ['runs', id], { query: this.project, body: changes });
  }

  tag(ids: string[], tags: Record<string, string | null>): Promise<void> {
    return this.rest.ask('POST', ['runs', 'tags'], { query: this.project, body: { runs: ids, tags } });
  }

  /** Into the bin. */
  delete(id: string): Promise<void> {
    return this.rest.ask('DELETE', ['runs', id], { query: this.project });
  }

  undelete(id: string): Promise<void> {
    return this.rest.ask('POST', ['runs', id, 'undelete'], { query: this.project });
  }

  /** Give an output a name in the project. */
  promote(id: string, path: string, name: string, overwrite: boolean): Promise<Promotion> {
    return this.rest.ask('POST', ['runs', id, 'promote'], { query: this.project, body: { path, name, overwrite } });
  }

  outputUrl(id: string, path: string): string {
    return this.rest.url(['runs', id, 'outputs', ...path.split('/')], this.project);
  }

  /** The first bytes of an output, as UTF-8. */
  outputText(id: string, path: string, bytes: number): Promise<string> {
    return this.rest.readText(['runs', id, 'outputs', ...path.split('/')], this.project, bytes);
  }

  private get<T>(path: string[], query: Query = {}): Promise<T> {
    return this.rest.ask('GET', ['runs', ...path], { query: { ...query, ...this.project } });
  }

  private get project(): Query {
    return { project_dir: this.projectDir };
  }
}
