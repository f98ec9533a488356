/** For buttons that ask the server for something: they wait for its answer. */

import * as React from 'react';

/** Whether something is being done, and how to begin it: a second click meanwhile does nothing. */
export function useBusy(): [isBusy: boolean, begin: (deed: () => Promise<unknown>) => void] {
  const [isBusy, setBusy] = React.useState(false);
  const begun = React.useRef(false);
  const begin = (deed: () => Promise<unknown>): void => {
    if (!begun.current) {
      begun.current = true;
      setBusy(true);
      void deed().finally(() => {
        begun.current = false;
        setBusy(false);
      });
    }
  };
  return [isBusy, begin];
}
