/** What a run logged: the numbers in a table, series as charts, tables and dictionaries as they are, images. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { Run, Series, Summary } from './answers';
import { isSeries } from './charts';
import { Chart } from './chart_view';
import type { Means } from './means';
import { sheetOf } from './sheets';
import { summaryText, valueText } from './words';

interface Props {
  run: Run;
  series: ReadonlyMap<string, Series>;
  imageUrl: (path: string) => string;
  means: Means;
}

export function Values({ run, series, imageUrl, means }: Props): JSX.Element | null {
  const { trans } = means;
  const told = Object.entries(run.metrics);
  if (told.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Logged values')}</h2>
      <Metrics metrics={told} trans={trans} />
      <div className="jp-Workbench-charts">
        {told
          .filter(([name, summary]) => isSeries(summary) && series.has(name))
          .map(([name]) => (
            <Chart key={name} name={name} lines={[{ label: run.run_id, series: series.get(name)! }]} means={means} />
          ))}
        {told
          .filter(([, { kind }]) => kind === 'image')
          .map(([name, { last }]) => (
            <Picture key={name} name={name} url={imageUrl(String(last))} />
          ))}
      </div>
      {told
        .filter(([name, { kind }]) => (kind === 'table' || kind === 'dict') && series.has(name))
        .map(([name]) => (
          <Whole key={name} name={name} value={series.get(name)!.points.at(-1)?.[2]} trans={trans} />
        ))}
    </section>
  );
}

function Metrics({ metrics, trans }: { metrics: [string, Summary][]; trans: TranslationBundle }): JSX.Element {
  return (
    <table aria-label={trans.__('Logged values')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col">{trans.__('Last')}</th>
          <th scope="col">{trans.__('Smallest')}</th>
          <th scope="col">{trans.__('Largest')}</th>
        </tr>
      </thead>
      <tbody>
        {metrics.map(([name, summary]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="jp-mod-whole">{summaryText(summary, trans)}</td>
            <td>{summary.min === null ? '' : valueText(summary.min)}</td>
            <td>{summary.max === null ? '' : valueText(summary.max)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Picture({ name, url }: { name: string; url: string }): JSX.Element {
  return (
    <figure>
      <figcaption>
        <h3>{name}</h3>
      </figcaption>
      <img src={url} alt={name} loading="lazy" />
    </figure>
  );
}

function Whole({ name, value, trans }: { name: string; value: unknown; trans: TranslationBundle }): JSX.Element {
  const sheet = sheetOf(value);
  return (
    <>
      <h3>{name}</h3>
      {sheet === null ? (
        <pre tabIndex={0} role="region" aria-label={name}>
          {JSON.stringify(value, null, 2)}
        </pre>
      ) : (
        <div className="jp-Workbench-sheet" tabIndex={0} role="region" aria-label={name}>
          <table aria-label={name}>
            <thead>
              <tr>
                {sheet.columns.map(column => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sheet.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((item, column) => (
                    <td key={column}>{item === undefined ? '' : valueText(item)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {sheet.omitted > 0 && <p>{trans._n('%1 more row', '%1 more rows', sheet.omitted)}</p>}
        </div>
      )}
    </>
  );
}
