/** A reason of several lines, as text; the places that it names are buttons. */

import { Widget } from '@lumino/widgets';

import { piecesOf, type Place, placesIn, textOf } from '../places';
import type { TranslationBundle } from '../text';

export type OpenPlace = (place: Place) => void;

/** The whole reason. */
export class ReasonWidget extends Widget {
  constructor(reason: string, open: OpenPlace, trans: TranslationBundle) {
    super({ node: document.createElement('pre') });
    this.addClass('jp-Workbench-reason');
    this.node.append(
      ...piecesOf(reason).map(({ text, place }) => (place === null ? text : button(text, place, open, trans)))
    );
  }
}

/** A row of buttons that open the places of a reason, for below a text of others; null when it names none. */
export function placesRow(reason: string, open: OpenPlace, trans: TranslationBundle): HTMLElement | null {
  const places = placesIn(reason);
  if (places.length === 0) {
    return null;
  }
  const row = document.createElement('div');
  row.className = 'jp-Workbench-places';
  row.append(...places.map(place => button(trans.__('Open %1', textOf(place)), place, open, trans)));
  return row;
}

function button(text: string, place: Place, open: OpenPlace, trans: TranslationBundle): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'jp-Workbench-place';
  made.title = trans.__('Open this file in the editor, at this line');
  made.textContent = text;
  made.addEventListener('click', () => open(place));
  return made;
}
