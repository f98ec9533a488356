/** A failed start or preparation, or a kernel that died, in the tree, below its run configuration. No screen here. */

import { placesIn, textOf } from '../places';
import type { Start } from '../starting/starts';
import { reasonText } from '../starting/words';
import type { TranslationBundle } from '../text';
import type { Project } from '../tokens';
import type { Item } from './items';

/** The whole reason; the places that it names are below it. */
export function failureItem(project: Project, failure: Start, trans: TranslationBundle): Item {
  const reason = reasonText(failure, trans).trim();
  return {
    id: `failure ${failure.id}`,
    subject: { kind: 'failure', project, failure },
    label: labelOf(failure, trans),
    details: [reason],
    indicators: [],
    children: placesIn(reason).map(place => ({
      id: `place ${failure.id} ${textOf(place)}`,
      subject: { kind: 'problem', project, problem: { ...place, key: null, message: reason } },
      label: textOf(place),
      details: [],
      indicators: [],
      children: []
    }))
  };
}

function labelOf({ kind, hadRun }: Start, trans: TranslationBundle): string {
  if (hadRun) {
    return trans.__('The kernel died');
  }
  return kind === 'kernel' ? trans.__('The last start failed') : trans.__('The last preparation failed');
}
