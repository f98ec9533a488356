/** One notification for each run history that cannot be written; it goes when the history is well again. */

import { Notification } from '@jupyterlab/apputils';

import type { TranslationBundle } from '../text';
import type { HistoryHealth } from './health';
import { nameOf } from './words';

/** The part of JupyterLab's notifications that is needed. */
export type Notifications = Pick<typeof Notification, 'emit' | 'dismiss'>;

/** `open` shows the history of a project, which has the whole text: JupyterLab cuts that of a notification off. */
export function tellOfHealth(
  health: Pick<HistoryHealth, 'changed'>,
  open: (projectDir: string) => void,
  trans: TranslationBundle,
  notifications: Notifications = Notification
): void {
  const shown = new Map<string, string>();
  health.changed.connect((_, { project_dir, problem }) => {
    const before = shown.get(project_dir);
    if (before !== undefined) {
      notifications.dismiss(before);
      shown.delete(project_dir);
    }
    if (problem !== null) {
      const text = trans.__('The run history of %1 is not up to date: %2', nameOf(project_dir), problem);
      const actions = [{ label: trans.__('Run history'), callback: () => open(project_dir) }];
      shown.set(project_dir, notifications.emit(text, 'error', { autoClose: false, actions }));
    }
  });
}
