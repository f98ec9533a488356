import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { AttachForm, PAUSE_MS } from '../src/panel/attach_form';
import type { Draft, Mistakes } from '../src/tokens';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WRONG = 'expected an amount of memory, got `lots` - write it as `4g` or `512m`';

function formWith(mistakes: Mistakes) {
  const ask = vi.fn(async (_: Draft) => mistakes);
  return { ask, form: new AttachForm(ask) };
}

test('the server is asked once, after a pause in the typing', async () => {
  const { ask, form } = formWith({});
  for (const name of ['b', 'bi', 'big']) {
    form.fill('name', name);
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
  }
  expect(ask).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ask.mock.calls.map(([draft]) => draft.name)).toEqual(['big']);
});

test('a mistake stands at its field once that was filled in, and keeps the form from being sent', async () => {
  const { form } = formWith({ memory: WRONG, cpus: 'expected a number' });
  form.fill('name', 'big');
  form.fill('memory', 'lots');
  expect(form.isComplete).toBe(true);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(form.mistake('memory')).toBe(WRONG);
  expect(form.mistake('cpus')).toBeNull();
  expect(form.isComplete).toBe(false);
});

test('a form without a name is not sent', () => {
  const { form } = formWith({});
  expect(form.isComplete).toBe(false);
  form.fill('name', '  ');
  expect(form.isComplete).toBe(false);
});

test('the answer to what was typed last counts, whichever comes last', async () => {
  const answers: ((mistakes: Mistakes) => void)[] = [];
  const form = new AttachForm(() => new Promise(resolve => answers.push(resolve)));
  form.fill('memory', 'lots');
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  form.fill('memory', '4g');
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  answers[1]({});
  answers[0]({ memory: WRONG });
  await vi.advanceTimersByTimeAsync(0);
  expect(form.mistake('memory')).toBeNull();
});

test('what is sent has the settings of the chosen kind alone, as its file would have them', () => {
  const { form } = formWith({});
  form.fill('name', ' big ');
  form.fill('memory', '4g ');
  form.fill('mounts', '~/a:/a\n\n ~/b:/b:ro ');
  form.fill('sharedVolumes', 'false');
  expect(form.draft).toEqual({
    name: 'big',
    type: 'docker',
    settings: {
      baseDockerImage: '',
      memory: '4g',
      cpus: '',
      network: '',
      sharedVolumes: false,
      nvidiaDocker: false,
      mounts: ['~/a:/a', '~/b:/b:ro']
    }
  });
  form.choose('local');
  form.fill('pythonLocation', '~/envs/torch/bin/python');
  expect(form.draft.settings).toEqual({ pythonLocation: '~/envs/torch/bin/python' });
});

test('a refusal is shown until something is typed, and a server that does not answer is one', async () => {
  const form = new AttachForm(async () => Promise.reject(new Error('The server did not answer')));
  form.refuse('name: expected a new name');
  expect(form.failure).toBe('name: expected a new name');
  form.fill('name', 'x');
  expect(form.failure).toBeNull();
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(form.failure).toBe('The server did not answer');
});
