import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { Announcements } from '../src/panel/announcing';
import { Starts } from '../src/starting/starts';
import { moment } from './moments';

const DIED = 'The kernel of myIris docker died: the reason stands below it.';
const FAILED = 'myIris docker did not start: the reason stands below it.';

/** Stands for the panel: `said` is what is read there. */
function makePanel() {
  const panel = {
    said: '',
    say: (text: string) => void (panel.said = text),
    unsay: (text: string) => void (panel.said = panel.said === text ? '' : panel.said)
  };
  const starts = new Starts();
  return { panel, starts, announcements: new Announcements(starts, panel, nullTranslator.load('')) };
}

test('a start that failed is said to have failed', () => {
  const { panel, starts } = makePanel();
  starts.take(moment({}));
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  expect(panel.said).toBe(FAILED);
});

test('a kernel that died while it ran is said to have died', () => {
  const { panel, starts } = makePanel();
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ state: 'dead', reason: 'The kernel died (killed).' }));
  expect(panel.said).toBe(DIED);
});

test('it is taken back when the same is under way again', () => {
  const { panel, starts } = makePanel();
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  starts.take(moment({ kernel_id: 'other', run_configuration: 'local' }));
  expect(panel.said).toBe(FAILED);
  starts.take(moment({ kernel_id: 'next' }));
  expect(panel.said).toBe('');
});

test('it is taken back when the same has succeeded', () => {
  const { panel, starts } = makePanel();
  starts.take(moment({ kernel_id: 'slow' }));
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  starts.take(moment({ kernel_id: 'slow', state: 'running' }));
  expect(panel.said).toBe('');
});

test('what else was said since is not taken back', () => {
  const { panel, starts } = makePanel();
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  panel.say('docker is being started.');
  starts.take(moment({ kernel_id: 'next' }));
  expect(panel.said).toBe('docker is being started.');
});

test('a failure is taken back when its reason is shown no more, and what went well stays', () => {
  const { panel, starts, announcements } = makePanel();
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  announcements.forgetUnless(() => true);
  expect(panel.said).toBe(FAILED);
  announcements.forgetUnless(() => false);
  expect(panel.said).toBe('');
  const preparation = { kernel_id: null, preparation_id: 'p' };
  starts.take(moment({ ...preparation, state: 'running' }));
  starts.take(moment({ ...preparation, state: 'done', message: 'It is ready.' }));
  announcements.forgetUnless(() => false);
  expect(panel.said).toBe('It is ready.');
});
