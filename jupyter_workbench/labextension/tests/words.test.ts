import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { textOfPruned } from '../src/panel/pruned';
import { Starts } from '../src/starting/starts';
import { logText, reasonTitle } from '../src/starting/words';
import { awayText } from '../src/text';
import { moment } from './moments';

const trans = nullTranslator.load('');

function died() {
  const starts = new Starts(() => 0);
  starts.take(moment({ state: 'running' }));
  starts.take(moment({ state: 'dead', reason: 'The kernel died (killed).', elapsed: 7 }));
  return starts.failures[0];
}

test('the reason of a kernel that died is not called that of a start', () => {
  const starts = new Starts(() => 0);
  starts.take(moment({ state: 'dead', reason: 'no such image' }));
  expect(reasonTitle(starts.failures[0], trans)).toBe('Why myIris docker did not start');
  expect(reasonTitle(died(), trans)).toBe('Why the kernel of myIris docker died');
});

test('the log of a kernel that died ends with that', () => {
  const told = { left_out: 0, lines: [{ elapsed: 0.5, text: 'Starting' }] };
  expect(logText({ told, problem: null, start: died() } as never, trans)).toBe(
    '   0.5 s  Starting\nThe kernel died after 7 s.'
  );
});

test('environments that were to be removed and are still there are told, with the reason', () => {
  const pruned = {
    removed: ['a', 'b'],
    bytes: 12_400_000,
    kept: [{ fingerprint: 'c', reason: 'it is being built' }],
    unknown: ['myIris docker: its files have problems']
  };
  expect(textOfPruned(pruned, trans)).toBe(
    '2 environments removed, 12 MB became free.\nKept: c (it is being built).\nmyIris docker: its files have problems'
  );
});

test('whoever is logged out is not told to wait', () => {
  expect(awayText({ isLoggedOut: true }, trans)).toBe('You are logged out: log in again, or reload the page.');
  expect(awayText({ isLoggedOut: false }, trans)).toBe(
    'The server cannot be reached. What is shown here may be old until it answers again.'
  );
});
