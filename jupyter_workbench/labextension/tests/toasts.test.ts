import type { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Starts } from '../src/starting/starts';
import { type Actions, type Notifications, StartToasts } from '../src/starting/toasts';
import { moment } from './moments';

vi.mock('@jupyterlab/apputils', () => ({ Notification: {} }));

const MINUTES = 60_000;

interface Shown {
  message: string;
  type?: string;
  labels: string[];
}

/** Stands for JupyterLab's notifications: what is shown now, by id, and how often that changed. */
class Screen {
  readonly shown = new Map<string, Shown>();
  updates = 0;
  private next = 0;

  emit: Notifications['emit'] = (message, type, options) => {
    const id = `${this.next++}`;
    this.shown.set(id, { message, type, labels: labelsOf(options) });
    return id;
  };

  update: Notifications['update'] = ({ id, message, type, ...options }) => {
    this.updates += 1;
    if (this.shown.has(id)) {
      this.shown.set(id, { message: message!, type, labels: labelsOf(options) });
    }
    return this.shown.has(id);
  };

  dismiss: Notifications['dismiss'] = id => void this.shown.delete(id!);

  get texts(): string[] {
    return [...this.shown.values()].map(({ message }) => message);
  }
}

function labelsOf(options: { actions?: Notification.IAction[] } | undefined): string[] {
  return (options?.actions ?? []).map(({ label }) => label);
}

function makeScreen() {
  const screen = new Screen();
  const starts = new Starts();
  const actions: Actions = { cancel: vi.fn(), showLog: vi.fn(), showReason: vi.fn(), open: vi.fn() };
  new StartToasts(starts, actions, nullTranslator.load(''), screen as Notifications);
  return { screen, starts };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a quick start is not shown', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({}));
  vi.advanceTimersByTime(500);
  starts.take(moment({ state: 'running', elapsed: 0.5 }));
  vi.advanceTimersByTime(MINUTES);
  expect(screen.texts).toEqual([]);
});

test('a slow start is shown, also when nothing is told of it any more', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({}));
  vi.advanceTimersByTime(3_500);
  expect([...screen.shown.values()]).toEqual([
    { message: 'myIris docker: preparing (3 s)', type: 'in-progress', labels: ['Show log', 'Cancel'] }
  ]);
});

test('what, how far and how long is shown, and goes when the kernel runs', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({ message: 'Installing packages', done: 12, total: 31, unit: 'packages', elapsed: 14 }));
  expect(screen.texts).toEqual(['myIris docker: Installing packages (12 of 31 packages, 10 s)']);
  starts.take(moment({ message: 'Pulling', done: 3 * 2 ** 20, total: 2 ** 30, unit: 'bytes', elapsed: 75 }));
  expect(screen.texts).toEqual(['myIris docker: Pulling (3 of 1024 MiB, 1 min 10 s)']);
  starts.take(moment({ state: 'running', elapsed: 80 }));
  expect(screen.texts).toEqual([]);
});

test('a long message is cut so that how far and how long still fit', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({ message: 'x'.repeat(500), elapsed: 14 }));
  expect(screen.texts[0]).toHaveLength(140);
  expect(screen.texts[0]).toMatch(/^myIris docker: x+… \(10 s\)$/);
});

test('a text that stays the same is not shown again', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({ elapsed: 60 }));
  vi.advanceTimersByTime(9_900);
  expect(screen.updates).toBe(0);
});

test('one that the user closed does not come back, unless it fails', () => {
  const { screen, starts } = makeScreen();
  starts.take(moment({ elapsed: 2 }));
  screen.shown.clear();
  vi.advanceTimersByTime(MINUTES);
  expect(screen.texts).toEqual([]);
  starts.take(moment({ state: 'dead', reason: 'myIris docker cannot start:\nthe engine is gone', elapsed: 70 }));
  expect(screen.texts).toEqual(['myIris docker cannot start:\nthe engine is gone']);
});

test('a failure stays until the same is started again', () => {
  const { screen, starts } = makeScreen();
  const reason = 'myIris docker cannot start:\naml_config/docker.compute:3: address: no such host';
  starts.take(moment({ state: 'dead', reason, elapsed: 2 }));
  vi.advanceTimersByTime(MINUTES);
  expect([...screen.shown.values()]).toEqual([
    { message: reason, type: 'error', labels: ['Open docker.compute:3', 'Show reason'] }
  ]);
  starts.take(moment({ kernel_id: 'other', run_configuration: 'local' }));
  expect(screen.texts).toHaveLength(1);
  starts.take(moment({ kernel_id: 'next' }));
  expect(screen.texts).toEqual([]);
});
