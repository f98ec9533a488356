/** What is wrong with a view of a run history: with the history itself, or with what the server answered. */

import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Trouble } from '../trouble';
import type { Means } from './means';

interface Props {
  project: string;
  means: Means;
  error: string | null;
  again: () => Promise<unknown>;
}

/** What both tell in the same words is told once. */
export function HistoryTrouble({ project, means, ...trouble }: Props): JSX.Element {
  const { health, reach, trans } = means;
  return (
    <>
      <UseSignal signal={health.changed}>
        {() => {
          const problem = health.problemOf(project);
          return (
            problem &&
            problem !== trouble.error && (
              <p role="alert" className="jp-Workbench-error">
                {problem}
              </p>
            )
          );
        }}
      </UseSignal>
      <Trouble reach={reach} trans={trans} {...trouble} />
    </>
  );
}
