import { describe, expect, test, vi } from 'vitest';

import { promoted, suggestedName } from '../src/history/promoting';
import type { Promotion } from '../src/history/runs';

const refused = (message: string, reason: string) => Object.assign(new Error(message), { status: 409, reason });
const TAKEN = refused('assets/model.link is there already', 'NameTaken');
const MADE: Promotion = { file: 'assets/model.link', name: 'model', run_id: 'iris_1', path: 'outputs/model.pkl' };
const ASKED: [string, string, string] = ['iris_1', 'outputs/model.pkl', 'model'];

test('the name that is suggested is one that every system allows', () => {
  expect(suggestedName('outputs/model.pkl')).toBe('model');
  expect(suggestedName('outputs/größe "π" 100%, x.csv')).toBe('größe -π- 100-- x');
  expect(suggestedName('outputs/_. .csv')).toBe('');
});

describe('a promotion', () => {
  test('under a free name asks nothing', async () => {
    const mayReplace = vi.fn();
    const promote = vi.fn(async () => MADE);
    expect(await promoted({ promote }, ASKED, mayReplace)).toBe(MADE);
    expect(promote.mock.calls).toEqual([[...ASKED, false]]);
    expect(mayReplace).not.toHaveBeenCalled();
  });

  test('under a name that is taken replaces only what the user lets go', async () => {
    const promote = vi.fn(async (_id: string, _path: string, _name: string, overwrite: boolean) => {
      if (!overwrite) {
        throw TAKEN;
      }
      return MADE;
    });
    expect(await promoted({ promote }, ASKED, async () => false)).toBeNull();
    expect(promote).toHaveBeenCalledTimes(1);
    expect(await promoted({ promote }, ASKED, async () => true)).toBe(MADE);
  });

  test('that fails otherwise says so and does not ask', async () => {
    const promote = async () => Promise.reject(refused('There is no run iris_1.', 'RunNotFound'));
    await expect(promoted({ promote }, ASKED, async () => true)).rejects.toThrow('There is no run iris_1.');
  });
});
