/** Adds, to the dialog in which JupyterLab tells why a kernel did not start, the buttons that open the files to mend. */

import { Dialog } from '@jupyterlab/apputils';

import type { Place } from '../places';
import type { TranslationBundle } from '../text';
import { placesRow } from './reason';
import type { Start, Starts } from './starts';
import { reasonText } from './words';

const MARK = 'jp-mod-workbenchPlaces';

export function mendDialogs(
  starts: Starts,
  open: (start: Start, place: Place) => void,
  trans: TranslationBundle
): void {
  const mend = (dialog: Dialog<unknown>): boolean => {
    const body = dialog.node.querySelector('.jp-Dialog-body:not(.jp-Workbench-reason)'); // ours has its buttons
    const failure = starts.failures.find(start => dialog.node.textContent?.includes(reasonText(start, trans).trim()));
    if (body === null || failure === undefined || dialog.hasClass(MARK)) {
      return dialog.hasClass(MARK);
    }
    const opening = (place: Place) => {
      dialog.reject();
      open(failure, place);
    };
    const row = placesRow(reasonText(failure, trans), opening, trans);
    dialog.addClass(MARK);
    if (row !== null) {
      body.append(row);
    }
    return true;
  };
  // The text comes after the dialog, and either of them before or after the event.
  Dialog.tracker.widgetAdded.connect((_, dialog) => {
    const watch = new MutationObserver(() => mend(dialog) && watch.disconnect());
    watch.observe(dialog.node, { childList: true, subtree: true, characterData: true });
    dialog.disposed.connect(() => watch.disconnect());
    void mend(dialog);
  });
  starts.changed.connect((_, start) => {
    if (start.outcome === 'failed') {
      Dialog.tracker.forEach(dialog => void mend(dialog));
    }
  });
}
