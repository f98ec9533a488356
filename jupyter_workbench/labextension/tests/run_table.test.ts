import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Choices, LoggedName, RunPage, RunRow } from '../src/history/answers';
import { binned, filteredBy, NEWEST_FIRST, onPage, searchedFor, sortedBy } from '../src/history/question';
import { REFRESHED_EVERY_MS } from '../src/history/pace';
import { type Keeper, RunTable } from '../src/history/table';
import { row } from './history_rows';

const NO_CHOICES: Choices = {
  experiment: ['iris.ipynb'],
  notebook: ['iris.ipynb'],
  run_configuration: ['local'],
  target: ['local'],
  status: ['Completed'],
  user: ['ada'],
  tags: {}
};
const CHANGED = { project_dir: '/home/ada/myIris', run_ids: null };

/** Stands for the server: it answers with these runs, and counts what it is asked. */
class Server {
  readonly projectDir = '/home/ada/myIris';
  readonly asked: Record<string, unknown>[] = [];
  choicesAsked = 0;
  rows: RunRow[] = [];
  total: number | null = null;
  failing: string | null = null;
  failingChoices: string | null = null;

  page = async (query: Record<string, unknown>): Promise<RunPage> => {
    this.asked.push(query);
    if (this.failing !== null) {
      throw new Error(this.failing);
    }
    return { total: this.total ?? this.rows.length, runs: this.rows };
  };
  names = async () => [] as LoggedName[];
  choices = async () => {
    this.choicesAsked += 1;
    if (this.failingChoices !== null) {
      throw new Error(this.failingChoices);
    }
    return NO_CHOICES;
  };
}

async function opened(rows: RunRow[], keeper: Keeper | null = null, server = new Server()) {
  server.rows = rows;
  const table = new RunTable(server, keeper);
  await table.open();
  return { server, table };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what goes wrong is told with the message of the server, and the rows stay', async () => {
  const { server, table } = await opened([row(1)]);
  server.failing = 'The history is locked.';
  await table.refresh();
  expect(table.error).toBe('The history is locked.');
  expect(table.rows).toHaveLength(1);
  server.failing = null;
  await table.refresh();
  expect(table.error).toBeNull();
});

test('filters that were not answered are told, whatever else is answered, and asked for again with it', async () => {
  const server = new Server();
  server.failingChoices = 'The history is locked.';
  const { table } = await opened([row(1)], null, server);
  await table.refresh();
  expect([table.choices, table.error, table.rows.length]).toEqual([null, 'The history is locked.', 1]);
  server.failingChoices = null;
  await table.refresh();
  expect([table.choices, table.error]).toEqual([NO_CHOICES, null]);
});

test('names that were not answered are told and asked for again', async () => {
  const { server, table } = await opened([row(1)]);
  const names = vi.spyOn(server, 'names').mockRejectedValueOnce(new Error('The history is locked.'));
  await table.learnNames();
  expect(table.error).toBe('The history is locked.');
  names.mockResolvedValue([{ name: 'loss', kind: 'number', runs: 1 }]);
  await table.refresh();
  expect([table.names.length, table.error]).toEqual([1, null]);
});

test('names that nobody wants to know are not asked for', async () => {
  const { server, table } = await opened([row(1)]);
  const names = vi.spyOn(server, 'names');
  await table.refresh();
  expect(names).not.toHaveBeenCalled();
});

test('the newest hundred runs are asked for first', async () => {
  const { server } = await opened([]);
  expect(server.asked).toEqual([{ sort: '-start_time_utc', limit: 100, offset: 0, text: undefined }]);
});

test('sort, filters, search and page are left to the server', async () => {
  const { server, table } = await opened([row(1)]);
  await table.ask(filteredBy(table.question, 'status', 'Failed'));
  await table.ask(searchedFor(table.question, ' lr '));
  await table.ask(sortedBy(table.question, 'metric:loss'));
  await table.ask(onPage(table.question, 2, 1000));
  expect(server.asked.at(-1)).toEqual({ status: 'Failed', text: 'lr', sort: '-metric:loss', limit: 100, offset: 200 });
});

test('the same column again sorts the other way round, and another question begins at the first page', () => {
  const question = onPage(sortedBy(NEWEST_FIRST, 'user'), 3, 1000);
  expect(sortedBy(question, 'user')).toEqual({ sort: 'user', filters: {}, text: '', page: 0 });
  expect(filteredBy(filteredBy(question, 'tag', 'a=b'), 'tag', '').filters).toEqual({});
});

test('an answer that was overtaken is passed over', async () => {
  const { server, table } = await opened([row(1)]);
  const answers: ((page: RunPage) => void)[] = [];
  server.page = () => new Promise(resolve => answers.push(resolve));
  const slow = table.refresh();
  const quick = table.ask(searchedFor(table.question, 'x'));
  answers[1]({ total: 1, runs: [row(3)] });
  answers[0]({ total: 1, runs: [row(2)] });
  await Promise.all([slow, quick]);
  expect(table.rows.map(run => run.run_number)).toEqual([3]);
});

test('another question is being waited for until its answer is there; what changed by itself is not', async () => {
  const { server, table } = await opened([row(1)]);
  const answers: ((page: RunPage) => void)[] = [];
  server.page = () => new Promise(resolve => answers.push(resolve));
  const refreshed = table.refresh();
  expect(table.isWaiting).toBe(false);
  const asked = table.ask(searchedFor(table.question, 'x'));
  expect(table.isWaiting).toBe(true);
  answers[0]({ total: 1, runs: [row(2)] });
  await refreshed;
  expect(table.isWaiting).toBe(true);
  answers[1]({ total: 1, runs: [row(3)] });
  await asked;
  expect(table.isWaiting).toBe(false);
});

test('changes are asked for again at most twice a second, and those of other projects never', async () => {
  const { server, table } = await opened([row(1)]);
  for (let i = 0; i < 8; i++) {
    table.take(CHANGED);
    await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS / 4);
  }
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS * 4);
  expect(server.asked).toHaveLength(1 + 2);
  table.take({ ...CHANGED, project_dir: '/home/ada/other' });
  await vi.advanceTimersByTimeAsync(REFRESHED_EVERY_MS * 4);
  expect(server.asked).toHaveLength(1 + 2);
});

test('selection and keyboard stay with their runs when others come', async () => {
  const { server, table } = await opened([row(2), row(1)]);
  table.toggle('myIris_1');
  table.move(1);
  server.rows = [row(3), row(2), row(1)];
  await table.refresh();
  expect([...table.selected]).toEqual(['myIris_1']);
  expect(table.active).toBe('myIris_1');
});

test('the keyboard moves no further than the page', async () => {
  const { table } = await opened([row(3), row(2), row(1)]);
  table.move(20);
  expect(table.active).toBe('myIris_1');
  table.move(-20);
  expect(table.active).toBe('myIris_3');
});

test('all runs of the page are selected, then none', async () => {
  const { table } = await opened([row(2), row(1)]);
  table.toggle('myIris_1');
  table.toggleAll();
  expect(table.selected.size).toBe(2);
  table.toggleAll();
  expect(table.selected.size).toBe(0);
});

test('a page that is gone becomes the last one', async () => {
  const { server, table } = await opened([row(1)]);
  server.total = 500;
  await table.ask(onPage(table.question, 4, 500));
  const rows = server.rows;
  server.page = async query => {
    server.asked.push(query);
    return { total: 250, runs: (query.offset as number) > 200 ? [] : rows };
  };
  await table.refresh();
  expect(table.question.page).toBe(2);
  expect(table.rows).toHaveLength(1);
});

test('filters are learned anew when a run has something that they do not offer', async () => {
  const { server, table } = await opened([row(1)]);
  await table.refresh();
  expect(server.choicesAsked).toBe(1);
  server.rows = [row(2, { tags: { stage: 'final' } })];
  await table.refresh();
  expect(server.choicesAsked).toBe(2);
});

test('a tag with more values than filters offer is no reason to learn them anew', async () => {
  const { server, table } = await opened([row(1)]);
  vi.spyOn(server, 'choices').mockResolvedValue({ ...NO_CHOICES, tags: { data: [] } });
  server.rows = [row(2, { tags: { data: 'v101' } })];
  await table.refresh();
  await table.refresh();
  expect(server.choices).toHaveBeenCalledTimes(1);
});

test('columns and order are those of last time', async () => {
  const save = vi.fn(async () => undefined);
  const fetch = async () => ({ columns: ['run_number', 'user', 'metric:a b', 'no such'], sort: '-user' });
  const { server, table } = await opened([row(1)], { fetch, save });
  expect(table.columns).toEqual(['run_number', 'user', 'metric:a b']);
  expect(server.asked[0].sort).toBe('-user');
  table.toggleColumn('user');
  expect(save).toHaveBeenLastCalledWith({ columns: ['run_number', 'metric:a b'], sort: '-user' });
});

test('an order is kept without columns that nobody has chosen', async () => {
  const save = vi.fn(async () => undefined);
  const { table } = await opened([row(1)], { fetch: async () => undefined, save });
  await table.ask(sortedBy(table.question, 'user'));
  expect(save).toHaveBeenLastCalledWith({ columns: null, sort: '-user' });
});

test('a table that was kept without columns shows new names by itself', async () => {
  const loss = { kind: 'number' as const, count: 1, last: 1, min: 1, max: 1 };
  const keeper = { fetch: async () => ({ columns: null, sort: '-user' }), save: async () => undefined };
  const { server, table } = await opened([row(1, { metrics: { loss } })], keeper);
  expect([server.asked[0].sort, table.columns.at(-1)]).toEqual(['-user', 'metric:loss']);
});

test('the bin is a filter beside the others', async () => {
  const { server, table } = await opened([row(1)]);
  await table.ask(binned(filteredBy(table.question, 'user', 'ada'), true));
  expect(server.asked.at(-1)).toMatchObject({ deleted: 'true', user: 'ada' });
  await table.ask(binned(table.question, false));
  expect(server.asked.at(-1)).not.toHaveProperty('deleted');
});

test('no run stays selected on the way into the bin and out of it', async () => {
  const { table } = await opened([row(1)]);
  table.toggle('myIris_1');
  await table.ask(filteredBy(table.question, 'user', 'ada'));
  expect(table.selected.size).toBe(1);
  await table.ask(binned(table.question, true));
  expect(table.selected.size).toBe(0);
});

test('what only runs in the bin have is no reason to learn the filters anew', async () => {
  const { server, table } = await opened([row(1)]);
  server.rows = [row(2, { user: 'eve' })];
  await table.ask(binned(table.question, true));
  await table.refresh();
  expect(server.choicesAsked).toBe(1);
});

test('as long as nobody has chosen, the first names of the page are columns', async () => {
  const number = { kind: 'number' as const, count: 1, last: 1, min: 1, max: 1 };
  const metrics = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map(name => [name, number]));
  const { table } = await opened([row(1, { metrics })]);
  expect(table.columns.filter(column => column.startsWith('metric:'))).toHaveLength(5);
});
