import type { CommandRegistry } from '@lumino/commands';
import { expect, test, vi } from 'vitest';

import { addStartCommands, StartCommands } from '../src/starting/commands';
import { Starts } from '../src/starting/starts';
import { moment } from './moments';

function makeCommands() {
  const added = new Map<string, CommandRegistry.ICommandOptions>();
  const registry = {
    addCommand: (id: string, options: CommandRegistry.ICommandOptions) => void added.set(id, options)
  };
  const starts = new Starts();
  const actions = { showLog: vi.fn(), showReason: vi.fn(), cancel: vi.fn() };
  addStartCommands(registry as unknown as CommandRegistry, starts, actions);
  const execute = (command: string, id: string) => added.get(command)!.execute.call(undefined, { id });
  return { starts, actions, execute };
}

test('a start that is not known any more is left alone', () => {
  const { actions, execute } = makeCommands();
  execute(StartCommands.cancel, 'gone');
  expect(actions.cancel).not.toHaveBeenCalled();
});

test('every plugin cancels a start as its notification does', () => {
  const { starts, actions, execute } = makeCommands();
  starts.take(moment({}));
  execute(StartCommands.cancel, 'k');
  expect(actions.cancel).toHaveBeenCalledWith(starts.get('k'));
});
