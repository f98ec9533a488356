/**
 * The addresses of views: `?workbench-project=DIR` is the table of a project, with `workbench-run=ID` the page of that
 * run, with `workbench-run2=ID` too, up to `workbench-run10`, a comparison. That of a table has what is asked for, too,
 * as `workbench-status=Failed`. No name is there twice: JupyterLab would keep one of them.
 */

import { PageConfig, URLExt } from '@jupyterlab/coreutils';

import { PARAMETERS, parametersOf, type Question, questionOf } from './question';

const PREFIX = 'workbench-';
const PROJECT = `${PREFIX}project`;
const RUNS = ['workbench-run', ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map(number => `workbench-run${number}`)];

/** What the router of the application looks for. */
export const PATTERN = /[?&]workbench-project=/;

export interface View {
  project: string;
  /** None: the table. */
  runs: string[];
  /** What a table is asked for; without it, one that is open stays as it is. */
  question?: Question;
}

/** The view that the query of an address names, or null. */
export function viewOf(search: string): View | null {
  const query = new URLSearchParams(search);
  const project = query.get(PROJECT);
  if (!project) {
    return null;
  }
  const runs = RUNS.flatMap(name => query.get(name) ?? []);
  const question = runs.length === 0 ? questionOf(name => query.get(PREFIX + name)) : null;
  return { project, runs, ...(question && { question }) };
}

/** The query without what names a view. */
export function withoutView(search: string): string {
  const query = new URLSearchParams(search);
  [PROJECT, ...RUNS, ...PARAMETERS.map(name => PREFIX + name)].forEach(name => query.delete(name));
  const left = query.toString();
  return left ? `?${left}` : '';
}

export function searchOf({ project, runs, question }: View): string {
  const query = new URLSearchParams({ [PROJECT]: project });
  runs.forEach((run, index) => query.append(RUNS[index], run));
  Object.entries(question ? parametersOf(question) : {}).forEach(([name, value]) => query.append(PREFIX + name, value));
  return `?${query.toString()}`;
}

/** The whole address, in JupyterLab: to be sent to somebody who may log in to this server. */
export function addressOf(view: View): string {
  return URLExt.join(PageConfig.getBaseUrl(), 'lab') + searchOf(view);
}

/** The same for the same view, as the id of a widget and as the name in the layout of the application. */
export function keyOf({ project, runs }: View): string {
  return ['workbench-history', project, ...runs].map(encodeURIComponent).join(':');
}
