/** Two to ten runs side by side. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { Comparison, PackageChanges, RunRow } from './answers';
import { Chart } from './chart_view';
import type { Line } from './charts';
import { columnLabel, FIELDS, tagsText } from './columns';
import type { RunComparison } from './comparison';
import type { Deeds } from './deeds';
import type { Means } from './means';
import type { Runs } from './runs';
import { Diff } from './texts_view';
import { HistoryTrouble } from './trouble_view';
import { NamesOmitted } from './values_view';
import { summaryText, valueText } from './words';

interface Props {
  comparison: RunComparison;
  runs: Runs;
  deeds: Deeds;
  means: Means;
}

export class ComparisonWidget extends ReactWidget {
  constructor(private readonly props: Props) {
    super();
    this.addClass('jp-Workbench-history');
    this.addClass('jp-Workbench-page');
  }

  override dispose(): void {
    this.props.comparison.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <UseSignal signal={this.props.comparison.changed}>{() => <Compared {...this.props} />}</UseSignal>;
  }
}

function Compared(props: Props): JSX.Element {
  const { comparison, runs, deeds, means } = props;
  const { trans } = means;
  const { told, error } = comparison;
  return (
    <>
      <HistoryTrouble project={runs.projectDir} means={means} error={error} again={() => comparison.refresh()} />
      {told === null ? (
        error === null && <p>{trans.__('Loading…')}</p>
      ) : (
        <>
          <h1>{trans.__('Comparison of runs')}</h1>
          <div className="jp-Workbench-bar">
            <button
              className="jp-Workbench-button"
              onClick={() => deeds.copyLink({ project: runs.projectDir, runs: comparison.ids })}
            >
              {trans.__('Copy link')}
            </button>
          </div>
          <SideBySide told={told} {...props} />
          <Charts {...props} />
          <NamesOmitted count={comparison.omitted} trans={trans} />
          <Images told={told} {...props} />
          <Differences told={told} trans={trans} />
        </>
      )}
    </>
  );
}

/** What differs is marked by its weight, and for readers of the screen by a word. */
function SideBySide({ told, runs, deeds, means: { trans } }: Props & { told: Comparison }): JSX.Element {
  const differs = new Set(told.differs);
  const line = (key: string, label: string, texts: string[]) => (
    <tr key={key} className={differs.has(key) ? 'jp-mod-differs' : undefined}>
      <th scope="row">
        {label}
        {differs.has(key) && <span className="jp-Workbench-unseen"> {trans.__('(differs)')}</span>}
      </th>
      {texts.map((text, index) => (
        <td key={index} className="jp-mod-whole">
          {text}
        </td>
      ))}
    </tr>
  );
  return (
    <table aria-label={trans.__('Values and properties')}>
      <thead>
        <tr>
          <td />
          {told.runs.map(({ run_id, run_number }) => (
            <th key={run_id} scope="col">
              <button
                className="jp-Workbench-link"
                title={run_id}
                onClick={() => deeds.open({ project: runs.projectDir, runs: [run_id] })}
              >
                {trans.__('Run %1', run_number)}
              </button>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Object.entries(told.metrics).map(([name, summaries]) =>
          line(
            `metric:${name}`,
            name,
            summaries.map(one => (one === null ? '' : summaryText(one, trans)))
          )
        )}
        {Object.entries(told.properties)
          .filter(([, values]) => values.some(value => propertyText(value) !== ''))
          .map(([key, values]) => line(key, propertyLabel(key, trans), values.map(propertyText)))}
      </tbody>
    </table>
  );
}

function propertyLabel(key: string, trans: TranslationBundle): string {
  switch (key) {
    case 'environment':
      return trans.__('Environment');
    case 'python':
      return 'Python';
    case 'framework':
      return trans.__('Framework');
    case 'commit':
      return trans.__('Commit');
    case 'branch':
      return trans.__('Branch');
    case 'dirty':
      return trans.__('Changed files');
    default:
      return (FIELDS as readonly string[]).includes(key) ? columnLabel(key, trans) : key;
  }
}

function propertyText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  const isTags = typeof value === 'object' && Object.values(value).every(one => typeof one === 'string');
  return isTags ? tagsText(value as Record<string, string>) : valueText(value);
}

function Charts({ comparison, means }: Props): JSX.Element {
  const named = ({ label, series }: Line): Line => ({ label: means.trans.__('Run %1', label), series });
  return (
    <div className="jp-Workbench-charts">
      {[...comparison.lines].map(([name, lines]) => (
        <Chart key={name} name={name} lines={lines.map(named)} means={means} />
      ))}
    </div>
  );
}

function Images({ told, runs, means: { trans } }: Props & { told: Comparison }): JSX.Element {
  return (
    <>
      {Object.entries(told.images).map(([name, paths]) => (
        <section key={name}>
          <h2>{name}</h2>
          <div className="jp-Workbench-charts">
            {paths.map((path, index) => {
              const { run_id, run_number } = told.runs[index];
              return path === null ? null : (
                <figure key={run_id}>
                  <figcaption>{trans.__('Run %1', run_number)}</figcaption>
                  <img
                    src={runs.outputUrl(run_id, path)}
                    alt={trans.__('%1 of run %2', name, run_number)}
                    loading="lazy"
                  />
                </figure>
              );
            })}
          </div>
        </section>
      ))}
    </>
  );
}

function Differences({ told, trans }: { told: Comparison; trans: TranslationBundle }): JSX.Element {
  const [first, ...others] = told.runs;
  return (
    <>
      {others.map((run, index) => (
        <Difference
          key={run.run_id}
          title={trans.__('From run %1 to run %2', first.run_number, run.run_number)}
          run={run}
          diff={told.source_diff[index + 1]}
          packages={told.packages[index + 1]}
          trans={trans}
        />
      ))}
    </>
  );
}

interface DifferenceProps {
  title: string;
  run: RunRow;
  diff: string | null;
  packages: PackageChanges | null;
  trans: TranslationBundle;
}

function Difference({ title, diff, packages, trans }: DifferenceProps): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      {diff ? <Diff text={diff} label={trans.__('Source')} /> : <p>{trans.__('The source is the same.')}</p>}
      <p>{packages === null ? trans.__('The packages are not known.') : packagesText(packages, trans)}</p>
    </section>
  );
}

export function packagesText({ added, changed, removed }: PackageChanges, trans: TranslationBundle): string {
  const parts = [
    ...(added.length ? [trans.__('Added: %1.', added.join(', '))] : []),
    ...(removed.length ? [trans.__('Removed: %1.', removed.join(', '))] : []),
    ...(changed.length
      ? [trans.__('Changed: %1.', changed.map(([name, one, other]) => `${name} ${one} → ${other}`).join(', '))]
      : [])
  ];
  return parts.length ? parts.join(' ') : trans.__('The packages are the same.');
}
