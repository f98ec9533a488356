import { nullTranslator } from '@jupyterlab/translation';
import { beforeEach, expect, test, vi } from 'vitest';

import { RunDeeds } from '../src/history/deeds';
import type { Runs } from '../src/history/runs';

const { info, error } = vi.hoisted(() => ({ info: vi.fn(), error: vi.fn() }));
vi.mock('@jupyterlab/apputils', () => ({ Notification: { info, error, manager: { notifications: [] } } }));

function deedsOn(server: Partial<Runs>): RunDeeds {
  return new RunDeeds(server as Runs, () => undefined, nullTranslator.load(''));
}

beforeEach(() => vi.clearAllMocks());

test('a run that cannot be deleted is told, and those before it are in the bin', async () => {
  const remove = vi.fn(async () => undefined).mockResolvedValueOnce(undefined);
  remove.mockRejectedValueOnce(new Error('The run b is running.'));
  await deedsOn({ delete: remove }).delete(['a', 'b', 'c']);
  expect(error.mock.calls[0][0]).toBe('The run b is running.');
  expect(info.mock.calls[0][0]).toBe(
    'The run a is in the bin for 30 days: the table shows it with the filter “In the bin”.'
  );
});

test('runs that were deleted can be found again by a filter', async () => {
  await deedsOn({ delete: async () => undefined }).delete(['a', 'b']);
  expect(info.mock.calls[0][0]).toBe(
    '2 runs are in the bin for 30 days: the table shows them with the filter “In the bin”.'
  );
});

test('runs are taken out of the bin one after the other, and what goes wrong is told', async () => {
  const undelete = vi.fn(async () => undefined);
  undelete.mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('The history is locked.'));
  await deedsOn({ undelete }).undelete(['a', 'b', 'c']);
  expect(undelete.mock.calls).toEqual([['a'], ['b']]);
  expect(error.mock.calls[0][0]).toBe('The history is locked.');
});
