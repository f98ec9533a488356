import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { CellRuns } from '../src/history/cell_runs';
import { KnownProjects } from '../src/history/known_projects';
import { REFRESHED_EVERY_MS } from '../src/history/pace';
import type { Rest } from '../src/rest';
import type { Project } from '../src/tokens';

const PROJECT = { project_dir: '/home/ada/myIris', path: 'myIris' } as Project;
const CHANGED = { project_dir: '/home/ada/myIris', run_ids: null };
const NEWEST = { cell: 'c1', run_id: 'myIris_1', run_number: 1, status: 'Completed' };

function notebookOf(isSeen: boolean) {
  const server = { projects: vi.fn(async () => [PROJECT]), ask: vi.fn(async () => [NEWEST]) };
  const rest = server as unknown as Rest;
  const seen = { now: isSeen };
  const projects = new KnownProjects(rest);
  const notebook = { path: () => 'myIris/iris.ipynb', isSeen: () => seen.now };
  const changed = vi.fn();
  return { server, seen, projects, changed, runs: new CellRuns(rest, projects, notebook, changed) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('without an answer the runs stay as they were, and the console says why', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const { server, runs } = notebookOf(true);
  await runs.refresh();
  server.ask.mockRejectedValueOnce(new Error('The history is locked.'));
  await runs.refresh();
  expect(runs.of('c1')).toEqual(NEWEST);
  expect(warn).toHaveBeenCalledTimes(1);
});

test('a notebook that is not seen asks nothing, until it is seen', async () => {
  const { server, seen, runs } = notebookOf(false);
  await runs.refresh();
  runs.take(CHANGED);
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS * 4);
  expect([server.projects.mock.calls.length, server.ask.mock.calls.length]).toEqual([0, 0]);
  seen.now = true;
  await runs.catchUp();
  expect(server.ask).toHaveBeenCalledTimes(1);
  expect(runs.of('c1')).toEqual(NEWEST);
});

test('a notebook that is seen again and missed nothing asks nothing', async () => {
  const { server, runs } = notebookOf(true);
  await runs.refresh();
  await runs.catchUp();
  expect(server.ask).toHaveBeenCalledTimes(1);
});

test('changes of its project are asked for, those of others not', async () => {
  const { server, runs } = notebookOf(true);
  await runs.refresh();
  runs.take({ ...CHANGED, project_dir: '/home/ada/other' });
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS * 2);
  expect(server.ask).toHaveBeenCalledTimes(1);
  runs.take(CHANGED);
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS * 2);
  expect(server.ask).toHaveBeenCalledTimes(2);
});

test('projects are asked for once until they change', async () => {
  const { server, projects, runs } = notebookOf(true);
  await runs.refresh();
  await runs.refresh();
  expect(server.projects).toHaveBeenCalledTimes(1);
  projects.forget();
  await runs.refresh();
  expect(server.projects).toHaveBeenCalledTimes(2);
});

test('projects that were not answered are asked for again', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  const { server, runs } = notebookOf(true);
  server.projects.mockRejectedValueOnce(new Error('The server did not answer.'));
  await runs.refresh();
  expect(runs.projectDir).toBeNull();
  await runs.refresh();
  expect(runs.projectDir).toBe('/home/ada/myIris');
});
