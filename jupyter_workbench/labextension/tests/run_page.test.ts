import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Comparison, Run, Series, Summary } from '../src/history/answers';
import { type Line, lineChart, sameLines } from '../src/history/charts';
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

/** Stands for what tells people what goes wrong. */
function teller() {
  const told: string[] = [];
  const telling = (deed: () => Promise<unknown>) =>
    deed().then(
      () => undefined,
      (error: Error) => void told.push(error.message)
    );
  return { told, telling };
}

function pageOf(server: ReturnType<typeof serverWith>): RunPage {
  return new RunPage(server, 'myIris_2', teller().telling);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a run that is not there is told with the message of the server', async () => {
  const server = serverWith(run(2));
  server.run.mockRejectedValue(new Error('There is no run myIris_2.'));
  const page = pageOf(server);
  await page.refresh();
  expect([page.run, page.error]).toEqual([null, 'There is no run myIris_2.']);
});

test('a change that the server refuses is told to who made it, and is no error of the page', async () => {
  const server = serverWith(run(2));
  const { told, telling } = teller();
  const page = new RunPage(server, 'myIris_2', telling);
  await page.refresh();
  server.change.mockRejectedValue(new Error('The tag is too long.'));
  expect(await page.change({ tags: { a: 'b' } })).toBe(false);
  expect([told, page.error, page.isChanging]).toEqual([['The tag is too long.'], null, false]);
});

test('a run that cannot be taken out of the bin says why', async () => {
  const server = serverWith(run(2));
  const { told, telling } = teller();
  server.undelete.mockRejectedValue(new Error('The history is locked.'));
  await new RunPage(server, 'myIris_2', telling).undelete();
  expect(told).toEqual(['The history is locked.']);
});

test('a change that is taken does not hide what could not be read', async () => {
  const server = serverWith(run(2));
  const page = pageOf(server);
  server.run.mockRejectedValueOnce(new Error('The history is locked.'));
  await page.refresh();
  await page.change({ note: 'new' });
  expect(page.error).toBe('The history is locked.');
  await page.refresh();
  expect(page.error).toBeNull();
});

test('values that cannot be read are told though the run before can', async () => {
  const server = serverWith(run(2, { metrics: { loss: LOSS } }));
  const page = pageOf(server);
  server.series.mockRejectedValueOnce(new Error('The history is locked.'));
  await page.refresh();
  expect([page.error, page.before?.run.run_number]).toEqual(['The history is locked.', 1]);
  await page.refresh();
  expect([page.error, page.series.size]).toEqual([null, 1]);
});

test('the run of the same cell before it is compared with it', async () => {
  const server = serverWith(run(2));
  const page = pageOf(server);
  await page.refresh();
  expect(page.before).toEqual({ run: row(1), diff: '-a\n+b' });
  expect(server.compare).toHaveBeenCalledWith(['myIris_1', 'myIris_2']);
});

test('of a notebook that was copied with its cells only its own runs are asked for', async () => {
  const server = serverWith(run(2, { script_name: 'copy.ipynb' }));
  await pageOf(server).refresh();
  expect(server.page).toHaveBeenCalledWith(expect.objectContaining({ cell: 'c1', notebook: 'copy.ipynb' }));
});

test('of more names than are shown it is known how many', async () => {
  const names = Array.from({ length: 43 }, (_, index) => `loss ${index}`);
  const server = serverWith(run(2, { metrics: Object.fromEntries(names.map(name => [name, LOSS])) }));
  const page = pageOf(server);
  await page.refresh();
  expect([page.series.size, page.omitted]).toEqual([40, 3]);
});

test('a run of no cell has none before it', async () => {
  const server = serverWith(run(2, { cell: null }));
  const page = pageOf(server);
  await page.refresh();
  expect(page.before).toBeNull();
  expect(server.page).not.toHaveBeenCalled();
});

test('values are fetched again only when they have changed', async () => {
  const server = serverWith(run(2, { metrics: { loss: LOSS, once: { ...LOSS, count: 1 } } }));
  const page = pageOf(server);
  await page.refresh();
  await page.refresh();
  expect(server.series).toHaveBeenCalledTimes(1);
  server.run.mockResolvedValue(run(2, { metrics: { loss: { ...LOSS, count: 4 } } }));
  await page.refresh();
  expect(server.series).toHaveBeenCalledTimes(2);
});

test('an answer that was overtaken by a change is passed over, and the change is asked for once at a time', async () => {
  const server = serverWith(run(2));
  const page = pageOf(server);
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
  expect(await changing).toBe(true);
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
  const page = pageOf(server);
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

test('of more names than are compared it is known how many', async () => {
  const server = serverWith(run(2));
  const told = await server.compare();
  const names = Array.from({ length: 41 }, (_, index) => `loss ${index}`);
  const metrics = Object.fromEntries(names.map(name => [name, [LOSS, null]]));
  server.compare.mockResolvedValue({ ...told, metrics } as never);
  const comparison = new RunComparison(server, ['myIris_1', 'myIris_2']);
  await comparison.refresh();
  expect([comparison.lines.size, comparison.omitted]).toEqual([40, 1]);
});

test('a chart is another one when a line comes, goes, changes or is called otherwise, and only then', () => {
  const loss = line([[0, 1, 0.5]]);
  const before = [loss];
  expect(sameLines(before, [{ ...loss }])).toBe(before);
  for (const now of [[], [loss, loss], [{ ...loss, label: '2' }], [line([[0, 1, 0.5]])]]) {
    expect(sameLines(before, now)).toBe(now);
  }
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

test('where there is no number nothing is drawn', () => {
  expect(lineChart([line([[0, 1, 'a'], [1, 1, [2, 3]]])], INK)).toBeNull();
});

test('of several lists the items of the last one are asked for, by a page and by a comparison', async () => {
  const server = serverWith(run(2, { metrics: { loss: { ...LOSS, kind: 'list' } } }));
  await pageOf(server).refresh();
  await new RunComparison(server, ['myIris_1', 'myIris_2']).refresh();
  const newest = expect.objectContaining({ newest: true });
  expect(server.series.mock.calls).toEqual([
    ['myIris_2', 'loss', newest],
    ['myIris_1', 'loss', newest]
  ]);
});

test('runs are told apart by more than their colour', () => {
  const chart = lineChart([line([[0, 1, 1]], '1'), line([[0, 1, 2]], '2')], INK) as { encoding: object };
  expect(Object.keys(chart.encoding)).toEqual(['x', 'y', 'color', 'strokeDash']);
});

test('a table is shown by rows, as many as people read', () => {
  expect(sheetOf({ a: [1, 2], b: ['x'] })).toEqual({
    columns: ['a', 'b'],
    rows: [[1, 'x'], [2, undefined]],
    omitted: 0,
    omittedColumns: 0
  });
  expect(sheetOf({ a: Array.from({ length: 150 }, () => 0) })!.omitted).toBe(50);
  expect(sheetOf({ a: 1 })).toBeNull();
});

test('a table says how many rows the server did not send', () => {
  expect(sheetOf({ a: [1, 2] }, 5)!.omitted).toBe(3);
});

test('a table says how many of its columns are not shown, and hides no value that is no column', () => {
  const columns = Array.from({ length: 53 }, (_, index) => [`c${index}`, [index]]);
  const wide: Record<string, unknown> = Object.fromEntries(columns);
  const sheet = sheetOf(wide)!;
  expect([sheet.columns.length, sheet.rows[0].length, sheet.omittedColumns]).toEqual([50, 50, 3]);
  expect(sheetOf({ ...wide, last: 1 })).toBeNull();
});

test('what is not known of a run is left out of its properties', () => {
  const facts = factsOf(run(2, { usage: { memory_peak: 2 ** 20 }, incomplete: null }), trans);
  expect(facts).toContainEqual(['Most memory', '1.0 MiB']);
  expect(facts.map(([name]) => name)).not.toContain('Left out');
  const git = { commit: null, branch: null, remote: null, dirty: null, problem: 'git is not there', has_diff: false };
  expect(gitFactsOf(git, trans)).toEqual([['Problem', 'git is not there']]);
});
