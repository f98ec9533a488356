import { expect, test, vi } from 'vitest';

import { leaveEnterToPlaces } from '../src/starting/enter';

/** Whether a key still reaches what is inside of the page: the dialog, which would close. */
function reachesTheDialog(key: string, isOnPlace: boolean): boolean {
  const page = { addEventListener: vi.fn() };
  leaveEnterToPlaces(page);
  const [type, listen, isFirst] = page.addEventListener.mock.calls[0];
  expect([type, isFirst]).toEqual(['keydown', true]);
  const target = { closest: (what: string) => (what === '.jp-Dialog .jp-Workbench-place' && isOnPlace ? {} : null) };
  const event = { key, target, stopPropagation: vi.fn(), preventDefault: vi.fn() };
  listen(event);
  expect(event.preventDefault).not.toHaveBeenCalled(); // Enter still clicks the button
  return event.stopPropagation.mock.calls.length === 0;
}

test('a dialog does not hear Enter on a button that opens a file', () => {
  expect(reachesTheDialog('Enter', true)).toBe(false);
});

test('a dialog hears all other keys, and Enter elsewhere', () => {
  expect([reachesTheDialog('Escape', true), reachesTheDialog('Enter', false)]).toEqual([true, true]);
});
