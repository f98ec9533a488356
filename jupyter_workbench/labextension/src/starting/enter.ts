/** Enter on the buttons that open files, in dialogs of every JupyterLab. */

/**
 * Leave Enter to these buttons: in JupyterLab 4.2 a dialog hears it before they do, and takes it for its default
 * button wherever the focus is. What a page hears on the way down comes before that.
 */
export function leaveEnterToPlaces(page: Pick<Document, 'addEventListener'>): void {
  page.addEventListener(
    'keydown',
    event => {
      const on = event.target as Partial<Element> | null; // programs send keys to anything
      if (event.key === 'Enter' && on?.closest?.('.jp-Dialog .jp-Workbench-place')) {
        event.stopPropagation();
      }
    },
    true
  );
}
