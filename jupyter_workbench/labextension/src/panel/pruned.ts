/** What is said when unused environments were removed. */

import type { TranslationBundle } from '../text';
import type { Pruned } from '../tokens';

/** What is gone, and a line for each environment that stays and each run configuration whose needs nobody knows. */
export function textOfPruned({ removed, bytes, kept, unknown }: Pruned, trans: TranslationBundle): string {
  const done = trans._n('%1 environment removed', '%1 environments removed', removed.length);
  return [
    trans.__('%1, %2 MB became free.', done, Math.round(bytes / 1e6)),
    ...kept.map(({ fingerprint, reason }) => trans.__('Kept: %1 (%2).', fingerprint, reason)),
    ...unknown
  ].join('\n');
}
