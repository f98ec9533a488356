/** The one line of a view that says what is wrong: the server cannot be reached, or what it answered. */

import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { WorkbenchEvents } from './events';
import { awayText, type TranslationBundle } from './text';

/** The part of the events that is needed. */
export type Reach = Pick<WorkbenchEvents, 'isAway' | 'isLoggedOut' | 'awayChanged'>;

interface Props {
  reach: Reach;
  error: string | null;
  /** What the button of an error does; the view of a server that cannot be reached comes back by itself. */
  again?: () => Promise<unknown>;
  trans: TranslationBundle;
}

export function Trouble({ reach, error, again, trans }: Props): JSX.Element {
  return (
    <UseSignal signal={reach.awayChanged}>
      {() =>
        reach.isAway ? (
          <p role="status" className="jp-Workbench-away">
            {awayText(reach, trans)}
          </p>
        ) : error === null ? null : (
          <p role="alert" className="jp-Workbench-error">
            {error}{' '}
            {again && (
              <button className="jp-Workbench-button" onClick={() => void again()}>
                {trans.__('Try again')}
              </button>
            )}
          </p>
        )
      }
    </UseSignal>
  );
}
