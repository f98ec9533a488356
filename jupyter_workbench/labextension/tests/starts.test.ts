import { expect, test } from 'vitest';

import { momentsOf } from '../src/starting/standing';
import { type Start, Starts } from '../src/starting/starts';
import type { KernelProgress } from '../src/tokens';
import { moment } from './moments';

function heard(clock: { now: number } = { now: 0 }): { starts: Starts; told: Start[] } {
  const starts = new Starts(() => clock.now);
  const told: Start[] = [];
  starts.changed.connect((_, start) => told.push(start));
  return { starts, told };
}

test('a kernel that died for a reason has failed, one that was shut down is cancelled', () => {
  const { starts, told } = heard();
  starts.take(moment({}));
  starts.take(moment({ state: 'dead', reason: 'out of memory' }));
  starts.take(moment({ kernel_id: 'other' }));
  starts.take(moment({ kernel_id: 'other', state: 'dead' }));
  expect(told.map(start => start.outcome)).toEqual(['under way', 'failed', 'under way', 'cancelled']);
  expect(starts.failures.map(start => start.id)).toEqual(['k']);
  expect(starts.underWay).toEqual([]);
});

test('a kernel that dies while it runs had run', () => {
  const { starts } = heard();
  starts.take(moment({}));
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ state: 'dead', reason: 'The kernel died (killed).' }));
  expect(starts.failures.map(start => start.hadRun)).toEqual([true]);
});

test('a start that fails had not run, and neither had a restart', () => {
  const { starts } = heard();
  starts.take(moment({ kernel_id: 'first' }));
  starts.take(moment({ kernel_id: 'first', state: 'dead', reason: 'no such image' }));
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ state: 'preparing' }));
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  expect(starts.failures.map(start => start.hadRun)).toEqual([false, false]);
});

test('a kernel that ran before the page was opened had run when it dies', async () => {
  const { starts } = heard();
  await starts.resync(async () => [moment({ state: 'running' })]);
  starts.keepOnlyKernels(new Set(['k']));
  starts.take(moment({ state: 'dead', reason: 'The kernel died (killed).' }));
  expect(starts.failures.map(start => start.hadRun)).toEqual([true]);
});

test('what was never under way here and went well is not told', () => {
  const { starts, told } = heard();
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ state: 'dead' }));
  expect(told).toEqual([]);
});

test('a failure that is recalled can be read and is not told', () => {
  const { starts, told } = heard();
  starts.recall(moment({ state: 'dead', reason: 'out of memory' }));
  expect(starts.failures.map(start => start.moment.reason)).toEqual(['out of memory']);
  expect(told).toEqual([]);
});

test('a running preparation is under way, a running kernel is ready', () => {
  const { starts, told } = heard();
  const preparation = { kernel_id: null, preparation_id: 'p' };
  starts.take(moment({ ...preparation, state: 'running' }));
  expect(starts.get('p')?.outcome).toBe('under way');
  starts.take(moment({ ...preparation, state: 'done', message: 'It is ready.' }));
  starts.take(moment({}));
  starts.take(moment({ state: 'running' }));
  expect(told.map(start => start.outcome)).toEqual(['under way', 'succeeded', 'under way', 'succeeded']);
});

test('the seconds of a start go on between two moments, and stop at its end', () => {
  const clock = { now: 0 };
  const { starts } = heard(clock);
  starts.take(moment({ elapsed: 2 }));
  clock.now = 3000;
  expect(starts.elapsed(starts.get('k')!)).toBe(5);
  starts.take(moment({ state: 'dead', reason: 'x', elapsed: 6 }));
  clock.now = 9000;
  expect(starts.elapsed(starts.get('k')!)).toBe(6);
});

test('the start of a kernel that the server lost is over', () => {
  const { starts, told } = heard();
  starts.take(moment({}));
  starts.take(moment({ kernel_id: null, preparation_id: 'p', state: 'running' }));
  starts.keepOnlyKernels(new Set());
  expect(starts.underWay.map(start => start.id)).toEqual(['p']);
  expect(told.at(-1)?.outcome).toBe('cancelled');
});

test('of many failures the newest are kept', () => {
  const { starts } = heard();
  for (let id = 0; id < 30; id++) {
    starts.take(moment({ kernel_id: `${id}`, state: 'dead', reason: 'x' }));
  }
  expect(starts.failures).toHaveLength(20);
  expect(starts.failures[0].id).toBe('29');
});

test('what is under way is asked for, and what ended well before is not told', async () => {
  const { starts, told } = heard();
  await starts.resync(async () => [
    moment({ message: 'Pulling' }),
    moment({ kernel_id: 'ready', state: 'running' }),
    moment({ kernel_id: 'broken', state: 'dead', reason: 'read long ago' })
  ]);
  expect(starts.underWay.map(start => start.id)).toEqual(['k']);
  expect(told.map(start => start.id)).toEqual(['k']);
});

test('what became of a start while nobody listened is told, and what the server lost is over', async () => {
  const { starts, told } = heard();
  const preparation = { kernel_id: null, preparation_id: 'p', state: 'running' as const };
  starts.take(moment({}));
  starts.take(moment(preparation));
  starts.take(moment({ kernel_id: 'other' }));
  await starts.resync(async () => [
    moment({ state: 'dead', reason: 'No such package' }),
    moment({ kernel_id: 'other', state: 'running' })
  ]);
  expect(starts.underWay).toEqual([]);
  expect(told.slice(3).map(start => [start.id, start.outcome])).toEqual([
    ['k', 'failed'],
    ['other', 'succeeded'],
    ['p', 'cancelled']
  ]);
});

test('an event that comes before a slow answer is newer than that', async () => {
  const { starts } = heard();
  let answer: (moments: KernelProgress[]) => void = () => undefined;
  starts.take(moment({}));
  const asking = starts.resync(() => new Promise(resolve => (answer = resolve)));
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ kernel_id: 'new' }));
  answer([moment({})]);
  await asking;
  expect(starts.underWay.map(start => start.id)).toEqual(['new']);
});

test('of two slow answers the one to the last question counts', async () => {
  const { starts } = heard();
  const answers: ((moments: KernelProgress[]) => void)[] = [];
  const ask = () => new Promise<KernelProgress[]>(resolve => answers.push(resolve));
  const both = [starts.resync(ask), starts.resync(ask)];
  answers[1]([moment({ kernel_id: 'new' })]);
  answers[0]([moment({ kernel_id: 'old' })]);
  await Promise.all(both);
  expect(starts.underWay.map(start => start.id)).toEqual(['new']);
});

test('what REST says of kernels and preparations is what events would have told', () => {
  const names = { project: 'myIris', project_dir: '/home/you/myIris', run_configuration: 'docker' };
  const { kernel_id: _, preparation_id: __, state: ___, reason: ____, ...rest } = moment({ elapsed: 7 });
  const { project, project_dir, run_configuration, ...progress } = rest;
  const kernel = { id: 'k', state: 'dead' as const, reason: 'x', progress: null, ...names };
  const preparation = { id: 'p', upgrade: false, message: 'It is broken.', progress, ...names };
  expect(
    momentsOf([kernel], [
      { ...preparation, state: 'failed' },
      { ...preparation, state: 'done', message: 'It is ready.' }
    ])
  ).toEqual([
    moment({ state: 'dead', reason: 'x' }),
    moment({ kernel_id: null, preparation_id: 'p', state: 'failed', reason: 'It is broken.', elapsed: 7 }),
    moment({ kernel_id: null, preparation_id: 'p', state: 'done', message: 'It is ready.', elapsed: 7 })
  ]);
});
