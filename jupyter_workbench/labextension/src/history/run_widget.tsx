/** The page of a run. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Text } from './answers';
import { useBusy } from './busy';
import type { Deeds } from './deeds';
import { type Fact, factsOf, gitFactsOf } from './facts';
import type { Means } from './means';
import { Note, Tags } from './notes_view';
import { Outputs } from './outputs_view';
import type { RunPage } from './run_page';
import type { Runs } from './runs';
import { Diff, Printed, Source } from './texts_view';
import { HistoryTrouble } from './trouble_view';
import { Values } from './values_view';
import { statusText } from './words';

interface Props {
  page: RunPage;
  runs: Runs;
  deeds: Deeds;
  means: Means;
}

export class RunWidget extends ReactWidget {
  constructor(private readonly props: Props) {
    super();
    this.addClass('jp-Workbench-history');
    this.addClass('jp-Workbench-page');
  }

  override dispose(): void {
    this.props.page.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <UseSignal signal={this.props.page.changed}>{() => <Page {...this.props} />}</UseSignal>;
  }
}

function Page(props: Props): JSX.Element {
  const { page, runs, deeds, means } = props;
  const { trans } = means;
  const { run } = page;
  return (
    <>
      <HistoryTrouble project={runs.projectDir} means={means} error={page.error} again={() => page.refresh()} />
      {run === null ? (
        page.error === null && <p>{trans.__('Loading…')}</p>
      ) : (
        <>
          <Head {...props} />
          <Facts title={trans.__('Properties')} facts={factsOf(run, trans)} />
          <Values
            run={run}
            series={page.series}
            omitted={page.omitted}
            imageUrl={path => runs.outputUrl(run.run_id, path)}
            means={means}
          />
          <Outputs id={run.run_id} outputs={run.outputs} runs={runs} deeds={deeds} trans={trans} />
          <Sources {...props} />
          <Logs {...props} />
          <Surroundings {...props} />
        </>
      )}
    </>
  );
}

function Head({ page, runs, deeds, means: { trans } }: Props): JSX.Element {
  const run = page.run!;
  const [isBusy, begin] = useBusy();
  const view = (ids: string[]) => ({ project: runs.projectDir, runs: ids });
  return (
    <>
      <h1>
        {trans.__('Run %1', run.run_number)} · {run.experiment ?? run.run_id} · {statusText(run.status, trans)}
      </h1>
      <div className="jp-Workbench-bar" role="toolbar" aria-label={trans.__('This run')}>
        <button className="jp-Workbench-button" onClick={() => deeds.open(view([]))}>
          {trans.__('All runs')}
        </button>
        {page.before !== null && (
          <button
            className="jp-Workbench-button"
            onClick={() => deeds.open(view([page.before!.run.run_id, run.run_id]))}
          >
            {trans.__('Compare with run %1 of this cell', page.before.run.run_number)}
          </button>
        )}
        <button className="jp-Workbench-button" onClick={() => deeds.copyLink(view([run.run_id]))}>
          {trans.__('Copy link')}
        </button>
        {run.deleted_utc === null ? (
          <button
            className="jp-Workbench-button"
            disabled={run.status === 'Running' || isBusy}
            onClick={() => begin(() => deeds.delete([run.run_id]))}
          >
            {trans.__('Delete')}
          </button>
        ) : (
          <span role="status">
            {trans.__('This run is in the bin.')}{' '}
            <button className="jp-Workbench-button" disabled={page.isChanging} onClick={() => void page.undelete()}>
              {trans.__('Take it out')}
            </button>
          </span>
        )}
      </div>
      <Tags page={page} trans={trans} />
      <Note page={page} trans={trans} />
    </>
  );
}

export function Facts({ title, facts }: { title: string; facts: Fact[] }): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      <table aria-label={title}>
        <tbody>
          {facts.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="jp-mod-whole">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Sources({ page, runs, means }: Props): JSX.Element {
  const { trans } = means;
  const run = page.run!;
  const { before } = page;
  return (
    <section>
      <h2>{trans.__('Source')}</h2>
      <Source text={run.source} label={trans.__('Source of run %1', run.run_number)} means={means} />
      {run.source_omitted > 0 && <WholeText id={run.run_id} which="source" runs={runs} means={means} />}
      {before !== null && (
        <>
          <h3>{trans.__('Changes since run %1 of this cell', before.run.run_number)}</h3>
          {before.diff === '' ? (
            <p>{trans.__('The source is the same.')}</p>
          ) : (
            <Diff text={before.diff} label={trans.__('Changes since run %1 of this cell', before.run.run_number)} />
          )}
        </>
      )}
    </section>
  );
}

function Logs({ page, means }: Props): JSX.Element | null {
  const { trans } = means;
  const { traceback, error, stdout, stdout_omitted, stderr, stderr_omitted } = page.run!;
  if (!traceback && !error && !stdout && !stderr) {
    return null;
  }
  const said = error && [error.name, error.message].filter(Boolean).join(': ');
  return (
    <section>
      <h2>{trans.__('Log')}</h2>
      <Printed title={trans.__('Error')} text={traceback || said} means={means} />
      <Printed title={trans.__('Output')} text={stdout} omitted={stdout_omitted} means={means} />
      <Printed title={trans.__('Error output')} text={stderr} omitted={stderr_omitted} means={means} />
    </section>
  );
}

function Surroundings({ page, runs, means }: Props): JSX.Element {
  const { trans } = means;
  const { run_id, git, packages } = page.run!;
  const facts = gitFactsOf(git, trans);
  return (
    <>
      {facts.length > 0 && <Facts title="git" facts={facts} />}
      {git.has_diff && <WholeText id={run_id} which="diff" runs={runs} means={means} />}
      {packages.length > 0 && (
        <section>
          <h2>{trans.__('Packages')}</h2>
          <details>
            <summary>{trans._n('%1 package', '%1 packages', packages.length)}</summary>
            <pre>{packages.join('\n')}</pre>
          </details>
        </section>
      )}
    </>
  );
}

interface WholeTextProps {
  id: string;
  which: Text;
  runs: Runs;
  means: Means;
}

/** A text that is fetched when somebody wants to read it. */
function WholeText({ id, which, runs, means: { trans } }: WholeTextProps): JSX.Element {
  const [text, setText] = React.useState<string | null>(null);
  const label = which === 'diff' ? trans.__('Changes that were not committed') : trans.__('The whole source');
  const read = () => runs.text(id, which).then(setText, (error: Error) => setText(error.message));
  return text === null ? (
    <button className="jp-Workbench-button" onClick={() => void read()}>
      {label}
    </button>
  ) : (
    <Diff text={text} label={label} />
  );
}
