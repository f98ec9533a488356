/** Whatever goes wrong after a click is told to who clicked. */

import { Notification } from '@jupyterlab/apputils';

export async function telling(deed: () => Promise<unknown> | void): Promise<void> {
  try {
    await deed();
  } catch (error) {
    tellOnce((error as Error).message);
  }
}

/** Nobody wants the same words in a stack: what is on the screen is not put there again. */
function tellOnce(message: string): void {
  if (!Notification.manager.notifications.some(shown => shown.message === message)) {
    Notification.error(message, { autoClose: false });
  }
}
