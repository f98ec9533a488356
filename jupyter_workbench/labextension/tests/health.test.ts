import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import type { WorkbenchEvents } from '../src/events';
import { HistoryHealth } from '../src/history/health';
import { type Notifications, tellOfHealth } from '../src/history/health_toasts';
import type { HistoryProblem, Project } from '../src/tokens';

vi.mock('@jupyterlab/apputils', () => ({ Notification: {} }));

const FOLDER = '/home/you/myIris';
const LOCKED = 'The run history is locked by another program: close it.';

function makeHealth() {
  const owner = {};
  const events = {
    historyProblem: new Signal<object, HistoryProblem>(owner),
    connected: new Signal<object, void>(owner)
  };
  const listed: (string | null)[] = [];
  const projects = async () => {
    if (listed.length === 0) {
      throw new Error('no server');
    }
    return [{ project_dir: FOLDER, history_problem: listed.shift() }] as Project[];
  };
  const health = new HistoryHealth(events as unknown as WorkbenchEvents, { projects });
  const tell = (problem: string | null, project_dir = FOLDER) => events.historyProblem.emit({ project_dir, problem });
  const reconnect = async () => {
    events.connected.emit();
    await new Promise(resolve => setTimeout(resolve));
  };
  return { health, tell, reconnect, listed };
}

/** What is shown now, by id, and what its button does. */
function makeScreen(health: HistoryHealth) {
  const shown = new Map<string, string>();
  const opened: string[] = [];
  const emit: Notifications['emit'] = (message, _, options) => {
    const id = `${shown.size} ${message.length}`;
    shown.set(id, message);
    options?.actions?.forEach(action => action.callback({} as MouseEvent));
    return id;
  };
  const dismiss: Notifications['dismiss'] = id => void shown.delete(id!);
  tellOfHealth(health, folder => opened.push(folder), nullTranslator.load(''), { emit, dismiss });
  return { texts: () => [...shown.values()], opened };
}

test('the problem of a history is known until it is well again, and that of another project apart', () => {
  const { health, tell } = makeHealth();
  tell(LOCKED);
  tell('The disk is full.', '/home/you/old/myIris');
  expect(health.problemOf(FOLDER)).toBe(LOCKED);
  tell(null);
  expect([health.problemOf(FOLDER), health.problemOf('/home/you/old/myIris')]).toEqual([null, 'The disk is full.']);
});

test('a problem is told once, with the whole text and the way to the history, and goes with the problem', () => {
  const { health, tell } = makeHealth();
  const screen = makeScreen(health);
  tell(LOCKED);
  tell(LOCKED);
  expect(screen.texts()).toEqual([`The run history of myIris is not up to date: ${LOCKED}`]);
  expect(screen.opened).toEqual([FOLDER]);
  tell('The disk is full.');
  expect(screen.texts()).toEqual(['The run history of myIris is not up to date: The disk is full.']);
  tell(null);
  expect(screen.texts()).toEqual([]);
});

test('a history that is well without having been ill is not told', () => {
  const { health, tell } = makeHealth();
  const told: HistoryProblem[] = [];
  health.changed.connect((_, one) => told.push(one));
  tell(null);
  expect(told).toEqual([]);
});

test('what another process of the server told is forgotten when it is restarted', async () => {
  const { health, tell, reconnect, listed } = makeHealth();
  const screen = makeScreen(health);
  tell(LOCKED);
  listed.push(null);
  await reconnect();
  expect([health.problemOf(FOLDER), screen.texts()]).toEqual([null, []]);
});

test('a problem that is older than the page is told', async () => {
  const { health, listed } = makeHealth();
  const screen = makeScreen(health);
  listed.push(LOCKED);
  await health.ask();
  expect(screen.texts()).toEqual([`The run history of myIris is not up to date: ${LOCKED}`]);
});

test('what is known stays while the server does not answer', async () => {
  const { health, tell, reconnect } = makeHealth();
  tell(LOCKED);
  await reconnect();
  expect(health.problemOf(FOLDER)).toBe(LOCKED);
});
