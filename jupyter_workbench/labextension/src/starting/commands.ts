/** The buttons of a notification as commands, for other plugins: a start has one log, one dialog and one end. */

import type { CommandRegistry } from '@lumino/commands';

import type { IStarts, Start } from './starts';
import type { Actions } from './toasts';

/** Argument: `id`, that of a start which is under way or has failed. */
export const StartCommands = {
  showLog: 'workbench:show-log-of-start',
  showReason: 'workbench:show-reason-of-start',
  cancel: 'workbench:cancel-start'
};

export function addStartCommands(
  commands: CommandRegistry,
  starts: Pick<IStarts, 'get'>,
  actions: Pick<Actions, 'showLog' | 'showReason' | 'cancel'>
): void {
  const add = (id: string, show: (start: Start) => void) =>
    commands.addCommand(id, {
      execute: args => {
        const start = starts.get(String(args.id));
        if (start !== undefined) {
          show(start);
        }
      }
    });
  add(StartCommands.showLog, start => actions.showLog(start));
  add(StartCommands.showReason, start => actions.showReason(start));
  add(StartCommands.cancel, start => actions.cancel(start));
}
