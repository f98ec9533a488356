import { expect, test } from 'vitest';

import { nullTranslator } from '@jupyterlab/translation';

import { LogLines } from '../src/starting/log_lines';
import { Starts } from '../src/starting/starts';
import { logText } from '../src/starting/words';
import type { StartLines } from '../src/tokens';
import { moment } from './moments';

const trans = nullTranslator.load('');
const TICK = () => new Promise(resolve => setTimeout(resolve));

/** A log whose server answers when the test says so. */
function asked() {
  const starts = new Starts(() => 0);
  starts.take(moment({}));
  const answers: ((lines: string[]) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const log = new LogLines(
    starts,
    starts.get('k')!,
    () =>
      new Promise<StartLines>((resolve, reject) => {
        answers.push(lines => resolve({ left_out: 0, lines: lines.map(text => ({ elapsed: 1, text })) }));
        failures.push(reject);
      })
  );
  return { starts, log, answers, failures };
}

test('a log that cannot be read says why', async () => {
  const { log, failures } = asked();
  failures[0](new Error('The server did not answer: no route'));
  await TICK();
  expect(logText(log, trans)).toBe('   0.0 s  Preparing\nThe log cannot be read: The server did not answer: no route');
});

test('what was read stays when the server has gone', async () => {
  const { starts, log, answers, failures } = asked();
  answers[0](['Pulling']);
  await TICK();
  starts.take(moment({ state: 'dead', elapsed: 3 }));
  failures[1](new Error('no log'));
  await TICK();
  expect(logText(log, trans)).toBe('   1.0 s  Pulling\nCancelled after 3 s.');
});

test('a log that is opened late is whole', async () => {
  const { log, answers } = asked();
  answers[0](['Resolving packages', 'Resolved 31 packages in 655ms']);
  await TICK();
  expect(logText(log, trans)).toBe('   1.0 s  Resolving packages\n   1.0 s  Resolved 31 packages in 655ms');
});

test('it is read again when the start comes further, once for all that was told meanwhile', async () => {
  const { starts, log, answers } = asked();
  starts.take(moment({ message: 'Pulling' }));
  starts.take(moment({ message: 'Installing' }));
  expect(answers).toHaveLength(1);
  answers[0](['Pulling']);
  await TICK();
  expect(answers).toHaveLength(2);
  answers[1](['Pulling', 'Installing']);
  await TICK();
  expect(answers).toHaveLength(2);
  expect(log.told?.lines.map(({ text }) => text)).toEqual(['Pulling', 'Installing']);
});

test('the start of something else is no reason to read', async () => {
  const { starts, answers } = asked();
  answers[0]([]);
  await TICK();
  starts.take(moment({ kernel_id: 'other' }));
  expect(answers).toHaveLength(1);
});

test('a log that is closed reads no more', async () => {
  const { starts, log, answers } = asked();
  answers[0]([]);
  await TICK();
  log.dispose();
  starts.take(moment({ message: 'Pulling' }));
  expect(answers).toHaveLength(1);
});

test('the end of a start is the last line', async () => {
  const { starts, log, answers } = asked();
  starts.take(moment({ state: 'running', elapsed: 14 }));
  answers[0](['Pulling']);
  await TICK();
  expect(logText(log, trans).split('\n')).toEqual(['   1.0 s  Pulling', 'Ready after 10 s.']);
});

test('a log whose beginning is not kept says so', () => {
  const { log } = asked();
  log.told = { left_out: 12, lines: [{ elapsed: 70, text: '<b>six</b>' }] };
  expect(logText(log, trans)).toBe('12 older lines are left out.\n  70.0 s  <b>six</b>');
});
