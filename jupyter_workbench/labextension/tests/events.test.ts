import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { AWAY_AFTER_MS, WorkbenchEvents } from '../src/events';

function makeSource() {
  const owner = {};
  const stream = new Signal<object, Event.Emission>(owner);
  const tell = (schema: string, data: object) =>
    stream.emit({ schema_id: `https://jupyter-workbench.dev/events/${schema}`, ...data } as Event.Emission);
  const opened = new Signal<object, boolean>(owner);
  return { stream, opened, tell };
}

/** What is said of the way to the server. */
function listen(askWhetherLoggedOut = async () => false) {
  const source = makeSource();
  const events = new WorkbenchEvents(source, askWhetherLoggedOut);
  const said: string[] = [];
  events.connected.connect(() => said.push('connected'));
  events.awayChanged.connect(() => said.push(events.isLoggedOut ? 'logged out' : events.isAway ? 'away' : 'here'));
  return { said, events, open: () => source.opened.emit(true), lose: () => source.opened.emit(false) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('everybody is told to ask when events begin to come, and anew after every loss, however short it was', () => {
  const { said, open, lose } = listen();
  open();
  lose();
  vi.advanceTimersByTime(AWAY_AFTER_MS / 2);
  open();
  vi.advanceTimersByTime(AWAY_AFTER_MS * 2);
  expect(said).toEqual(['connected', 'connected']);
});

test('a server that cannot be reached for a while is away until it is back', () => {
  const { said, events, open, lose } = listen();
  open();
  lose();
  vi.advanceTimersByTime(AWAY_AFTER_MS);
  lose(); // another try
  vi.advanceTimersByTime(AWAY_AFTER_MS);
  expect(events.isAway).toBe(true);
  open();
  expect(said).toEqual(['connected', 'away', 'here', 'connected']);
});

test('a server whose events come late is away until then', () => {
  const { said, open } = listen();
  vi.advanceTimersByTime(AWAY_AFTER_MS);
  open();
  expect(said).toEqual(['away', 'here', 'connected']);
});

test('a server that refuses events and answers that the user is logged out is told so, until it is open', async () => {
  const ask = vi.fn(async () => true);
  const { said, open, lose } = listen(ask);
  open();
  lose();
  await vi.advanceTimersByTimeAsync(AWAY_AFTER_MS);
  lose();
  await vi.advanceTimersByTimeAsync(AWAY_AFTER_MS);
  expect(ask).toHaveBeenCalledTimes(1);
  open();
  expect(said).toEqual(['connected', 'away', 'logged out', 'here', 'connected']);
});

test('a server that was gone and comes back with another login is asked again', async () => {
  let isBack = false;
  const { said, lose } = listen(async () => isBack);
  lose();
  await vi.advanceTimersByTimeAsync(AWAY_AFTER_MS);
  isBack = true;
  lose();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['away', 'logged out']);
});

test('an answer that comes when events come again is passed over', async () => {
  let answer: (isLoggedOut: boolean) => void = () => undefined;
  const { said, events, open } = listen(() => new Promise(resolve => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(AWAY_AFTER_MS);
  open();
  answer(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(events.isLoggedOut).toBe(false);
  expect(said).toEqual(['away', 'here', 'connected']);
});

test('an event of a schema that nobody knows is left alone', () => {
  const source = makeSource();
  const events = new WorkbenchEvents(source, async () => false);
  const heard: unknown[] = [];
  events.kernelsChanged.connect((_, told) => heard.push(told));
  source.tell('kernels_changed/v2', { kernel_names: ['later'] });
  source.tell('runs_changed/v1', { project_dir: '/p', run_ids: null });
  expect(heard).toEqual([]);
});

test.each([
  ['kernels_changed/v1', 'kernelsChanged'],
  ['kernel_progress/v1', 'kernelProgress'],
  ['targets_changed/v1', 'targetsChanged'],
  ['runs_changed/v1', 'runsChanged'],
  ['history_problem/v1', 'historyProblem']
] as const)('%s is told as %s', (schema, name) => {
  const source = makeSource();
  const events = new WorkbenchEvents(source, async () => false);
  const heard: unknown[] = [];
  (events[name] as Signal<WorkbenchEvents, unknown>).connect((_, told) => heard.push(told));
  source.tell(schema, { told: name });
  expect(heard).toMatchObject([{ told: name }]);
});
