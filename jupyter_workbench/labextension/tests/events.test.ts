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
function listen() {
  const source = makeSource();
  const events = new WorkbenchEvents(source);
  const said: string[] = [];
  events.connected.connect(() => said.push('connected'));
  events.awayChanged.connect(() => said.push(events.isAway ? 'away' : 'here'));
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

test('an event of a schema that nobody knows is left alone', () => {
  const source = makeSource();
  const events = new WorkbenchEvents(source);
  const heard: unknown[] = [];
  events.kernelsChanged.connect((_, told) => heard.push(told));
  source.tell('kernels_changed/v2', { kernel_names: ['later'] });
  source.tell('runs_changed/v1', { project_dir: '/p', run_ids: null });
  expect(heard).toEqual([]);
});

test.each([
  ['kernels_changed/v1', 'kernelsChanged'],
  ['kernel_progress/v1', 'kernelProgress'],
  ['runs_changed/v1', 'runsChanged'],
  ['history_problem/v1', 'historyProblem']
] as const)('%s is told as %s', (schema, name) => {
  const source = makeSource();
  const events = new WorkbenchEvents(source);
  const heard: unknown[] = [];
  (events[name] as Signal<WorkbenchEvents, unknown>).connect((_, told) => heard.push(told));
  source.tell(schema, { told: name });
  expect(heard).toMatchObject([{ told: name }]);
});
