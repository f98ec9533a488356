/** What is said in the panel when a start or a preparation has ended, or a kernel has died. */

import type { Start } from '../starting/starts';
import { nameOf } from '../starting/words';
import type { TranslationBundle } from '../text';

/** Null for what the tree tells by itself: kernels that run or were cancelled, and what is under way. */
export function outcomeOf(start: Start, trans: TranslationBundle): string | null {
  const isPreparation = start.kind === 'preparation';
  switch (start.outcome) {
    case 'succeeded':
      return isPreparation ? (start.moment.message ?? trans.__('%1 is prepared.', nameOf(start))) : null;
    case 'failed':
      return failureOf(start, trans);
    case 'cancelled':
      return isPreparation ? trans.__('The preparation of %1 was cancelled.', nameOf(start)) : null;
    default:
      return null;
  }
}

function failureOf(start: Start, trans: TranslationBundle): string {
  const name = nameOf(start);
  if (start.hadRun) {
    return trans.__('The kernel of %1 died: the reason stands below it.', name);
  }
  return start.kind === 'preparation'
    ? trans.__('%1 could not be prepared: the reason stands below it.', name)
    : trans.__('%1 did not start: the reason stands below it.', name);
}
