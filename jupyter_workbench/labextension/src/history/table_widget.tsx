/** The run history of a project: the table with what is around it. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { TranslationBundle } from '../text';
import { useBusy } from './busy';
import type { Deeds } from './deeds';
import { ColumnChoice, Filters, Pages, Search, ShowAll } from './filters_view';
import type { Means } from './means';
import { binned, isInBin, isNarrowed } from './question';
import type { RunTable } from './table';
import { TableOfRuns } from './table_view';
import { HistoryTrouble } from './trouble_view';

/** How many runs can be compared. */
export const FEWEST = 2;
export const MOST = 10;

const TURN_ON = '%azureml history on';

interface Props {
  table: RunTable;
  project: string;
  deeds: Deeds;
  means: Means;
}

export class TableWidget extends ReactWidget {
  constructor(private readonly props: Props) {
    super();
    this.addClass('jp-Workbench-history');
  }

  override dispose(): void {
    this.props.table.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <UseSignal signal={this.props.table.changed}>{() => <History {...this.props} />}</UseSignal>;
  }
}

function History(props: Props): JSX.Element {
  const { table, project, deeds, means } = props;
  const { trans } = means;
  const isEmpty = table.isLoaded && table.rows.length === 0 && table.error === null;
  return (
    <>
      <div className="jp-Workbench-bar">
        <Search table={table} trans={trans} />
        <Filters table={table} trans={trans} />
        <ColumnChoice table={table} trans={trans} />
      </div>
      <Actions {...props} />
      <HistoryTrouble project={project} means={means} error={table.error} again={() => table.refresh()} />
      {isEmpty ? (
        <Nothing table={table} trans={trans} />
      ) : (
        <TableOfRuns table={table} open={id => deeds.open({ project, runs: [id] })} trans={trans} />
      )}
      <Pages table={table} trans={trans} />
    </>
  );
}

function Actions({ table, project, deeds, means: { trans } }: Props): JSX.Element {
  const chosen = [...table.selected];
  const [isBusy, begin] = useBusy();
  const button = (label: string, act: () => void, isPossible: boolean) => (
    <button className="jp-Workbench-button" disabled={!isPossible || isBusy} onClick={act}>
      {label}
    </button>
  );
  const compare = () => deeds.open({ project, runs: chosen });
  const remove = () => begin(() => deeds.delete(chosen).then(() => table.unselect()));
  const takeOut = () => begin(() => deeds.undelete(chosen).then(() => table.unselect()));
  const tag = () => begin(() => deeds.askForTag(chosen));
  return (
    <div className="jp-Workbench-bar" role="toolbar" aria-label={trans.__('Selected runs')}>
      <span role="status">{trans._n('%1 run selected', '%1 runs selected', chosen.length)}</span>
      {button(trans.__('Compare'), compare, chosen.length >= FEWEST && chosen.length <= MOST)}
      {button(trans.__('Tag…'), tag, chosen.length > 0)}
      {isInBin(table.question)
        ? button(trans.__('Take out of the bin'), takeOut, chosen.length > 0)
        : button(trans.__('Delete'), remove, chosen.length > 0)}
      {button(trans.__('Select none'), () => table.unselect(), chosen.length > 0)}
      {button(trans.__('Copy link'), () => deeds.copyLink({ project, runs: [], question: table.question }), true)}
    </div>
  );
}

/** How to begin, or what hides all runs. */
function Nothing({ table, trans }: { table: RunTable; trans: TranslationBundle }): JSX.Element {
  const { question } = table;
  if (isNarrowed(question)) {
    return (
      <p className="jp-Workbench-empty">
        {isNarrowed(binned(question, false))
          ? trans.__('No run fits the search and the filters.')
          : trans.__('The bin is empty.')}{' '}
        <ShowAll table={table} trans={trans} />
      </p>
    );
  }
  return (
    <div className="jp-Workbench-empty">
      <p>{trans.__('This project has no runs yet. Run this in a notebook with one of its kernels:')}</p>
      <pre>{TURN_ON}</pre>
      <p>{trans.__('Every cell from there on is a run, and is shown here while it runs.')}</p>
    </div>
  );
}
