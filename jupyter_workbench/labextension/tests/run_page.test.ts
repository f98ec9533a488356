import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Comparison, Run, Series, Summary } from '../src/history/answers';
import { type Line, lineChart } from '../src/history/charts';
import { RunComparison } from '../src/history/comparison';
import { factsOf, gitFactsOf } from '../src/history/facts';
import { REFRESHED_EVERY_MS } from '../src/history/pace';
import { RunPage } from '../src/history/run_page';
import { sheetOf } from '../src/history/sheets';
import { row } from './history_rows';

const PROJECT = '/home/ada/myIris';
const INK = { text: 'black', grid: 'gray' };
const LOSS: Summary = { kind: 'number', count: 3, last: 1, min: 0, max: 1 };
const trans = nullTranslator.load('');

function run(number: number, told: Partial<Run> = {}): Run {
  return { ...row(number), outputs: [], usage: {}, cell: 'c1', ...told } as unknown as Run;
}

function series(points: Series['points'], kind: Series['kind'] = 'number'): Series {
  return { name: 'loss', kind, count: points.length, sampled: false, points };
}

function line(points: Series['points'], label = '1'): Line {
  return { label, series: series(points) };
}

/** The points that are drawn. */
function drawn(lines: Line[]): unknown {
  return (lineChart(lines, INK) as { data: { values: unknown } } | null)?.data.values;
}

function serverWith(shown: Run) {
  return {
    projectDir: PROJECT,
    run: vi.fn(async () => shown),
    series: vi.fn(async () => series([])),
    page: vi.fn(async () => ({ total: 2, runs: [row(2), row(1)] })),
    compare: vi.fn(async () => ({
      runs: [row(1), row(2)],
      metrics: { loss: [LOSS, null], once: [{ ...LOSS, count: 1 }, null] },
      properties: {},
      differs: [],
      source_diff: [null, '-a\n+b'],
      packages: [],
      images: {}
    })),
    change: vi.fn(async () => shown),
    undelete: vi.fn(async () => undefined)
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a run that is not there is told with the message of the server', async () => {
  const server = serverWith(run(2));
  server.run.mockRejectedValue(new Error('There is no run myIris_2.'));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  expect([page.run, page.error]).toEqual([null, 'There is no run myIris_2.']);
});

test('a change that the server refuses is told, and the run stays as it was', async () => {
  const server = serverWith(run(2));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  server.change.mockRejectedValue(new Error('The tag is too long.'));
  expect(await page.change({ tags: { a: 'b' } })).toBe(false);
  expect(page.error).toBe('The tag is too long.');
});

test('the run of the same cell before it is compared with it', async () => {
  const server = serverWith(run(2));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  expect(page.before).toEqual({ run: row(1), diff: '-a\n+b' });
  expect(server.compare).toHaveBeenCalledWith(['myIris_1', 'myIris_2']);
});

test('a run of no cell has none before it', async () => {
  const server = serverWith(run(2, { cell: null }));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  expect(page.before).toBeNull();
  expect(server.page).not.toHaveBeenCalled();
});

test('values are fetched again only when they have changed', async () => {
  const server = serverWith(run(2, { metrics: { loss: LOSS, once: { ...LOSS, count: 1 } } }));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  await page.refresh();
  expect(server.series).toHaveBeenCalledTimes(1);
  server.run.mockResolvedValue(run(2, { metrics: { loss: { ...LOSS, count: 4 } } }));
  await page.refresh();
  expect(server.series).toHaveBeenCalledTimes(2);
});

test('an answer that was overtaken by a change is passed over, and the change is asked for once at a time', async () => {
  const server = serverWith(run(2));
  const page = new RunPage(server, 'myIris_2');
  await page.refresh();
  let answer: (run: Run) => void = () => undefined;
  let change: (run: Run) => void = () => undefined;
  server.run.mockReturnValueOnce(new Promise(resolve => (answer = resolve)));
  server.change.mockReturnValueOnce(new Promise(resolve => (change = resolve)));
  const slow = page.refresh();
  const changing = page.change({ note: 'new' });
  expect(page.isChanging).toBe(true);
  expect(await page.change({ note: 'new' })).toBe(false);
  change(run(2, { note: 'new' }));
  await changing;
  answer(run(2, { note: 'old' }));
  await slow;
  expect(page.run?.note).toBe('new');
  expect([page.isChanging, server.change.mock.calls.length]).toEqual([false, 1]);
});

test('of two compared answers the one to the last question counts', async () => {
  const server = serverWith(run(2));
  const answers: ((told: Comparison) => void)[] = [];
  server.compare.mockImplementation(() => new Promise(resolve => answers.push(resolve as never)));
  const comparison = new RunComparison(server, ['myIris_1', 'myIris_2']);
  const both = [comparison.refresh(), comparison.refresh()];
  const told = (user: string) => ({ runs: [row(1, { user })], metrics: {} }) as unknown as Comparison;
  answers[1](told('new'));
  answers[0](told('old'));
  await Promise.all(both);
  expect(comparison.told?.runs[0].user).toBe('new');
});

test('only changes of this run are asked for again', async () => {
  const server = serverWith(run(2));
  const page = new RunPage(server, 'myIris_2');
  page.take({ project_dir: PROJECT, run_ids: ['myIris_1'] });
  page.take({ project_dir: '/other', run_ids: ['myIris_2'] });
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS);
  expect(server.run).not.toHaveBeenCalled();
  page.take({ project_dir: PROJECT, run_ids: null });
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS);
  expect(server.run).toHaveBeenCalledTimes(1);
});

test('of compared runs, lines are those of series and of runs that logged them', async () => {
  const server = serverWith(run(2));
  const comparison = new RunComparison(server, ['myIris_1', 'myIris_2']);
  await comparison.refresh();
  expect([...comparison.lines.keys()]).toEqual(['loss']);
  expect(comparison.lines.get('loss')!.map(({ label }) => label)).toEqual(['1']);
  await comparison.refresh();
  expect(server.series).toHaveBeenCalledTimes(1); // nothing was logged since
});

test('what is no number breaks the line', () => {
  const points = drawn([line([[0, 1, 0.5], [1, 2, 'NaN'], [2, 3, true]])]);
  expect(points).toEqual([
    { x: 0, y: 0.5, run: '1' },
    { x: 1, y: null, run: '1' },
    { x: 2, y: 1, run: '1' }
  ]);
});

test('values without steps are drawn one after the other', () => {
  expect(drawn([line([[null, 1, 5], [7, 2, 6]])])).toEqual([
    { x: 0, y: 5, run: '1' },
    { x: 1, y: 6, run: '1' }
  ]);
});

test('of several lists the last one is drawn, and where there is no number nothing', () => {
  expect(drawn([line([[null, 1, [1]], [null, 2, [3, 4]]])])).toEqual([
    { x: 0, y: 3, run: '1' },
    { x: 1, y: 4, run: '1' }
  ]);
  expect(lineChart([line([[0, 1, 'a']])], INK)).toBeNull();
});

test('runs are told apart by more than their colour', () => {
  const chart = lineChart([line([[0, 1, 1]], '1'), line([[0, 1, 2]], '2')], INK) as { encoding: object };
  expect(Object.keys(chart.encoding)).toEqual(['x', 'y', 'color', 'strokeDash']);
});

test('a table is shown by rows, as many as people read', () => {
  expect(sheetOf({ a: [1, 2], b: ['x'] })).toEqual({ columns: ['a', 'b'], rows: [[1, 'x'], [2, undefined]], omitted: 0 });
  expect(sheetOf({ a: Array.from({ length: 150 }, () => 0) })!.omitted).toBe(50);
  expect(sheetOf({ a: 1 })).toBeNull();
});

test('what is not known of a run is left out of its properties', () => {
  const facts = factsOf(run(2, { usage: { memory_peak: 2 ** 20 }, incomplete: null }), trans);
  expect(facts).toContainEqual(['Most memory', '1.0 MiB']);
  expect(facts.map(([name]) => name)).not.toContain('Left out');
  const git = { commit: null, branch: null, remote: null, dirty: null, problem: 'git is not there', has_diff: false };
  expect(gitFactsOf(git, trans)).toEqual([['Problem', 'git is not there']]);
});
