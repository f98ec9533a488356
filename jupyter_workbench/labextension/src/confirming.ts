/** Asks before something is done that cannot be undone. */

import { Dialog, showDialog } from '@jupyterlab/apputils';

import type { TranslationBundle } from './text';

/** Ask; `label` is that of the button that does it. Enter gives up. */
export async function confirm(title: string, body: string, label: string, trans: TranslationBundle): Promise<boolean> {
  const buttons = [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label })];
  return (await showDialog({ title, body, buttons, defaultButton: 0 })).button.accept;
}
