/** What a run logged: summaries in a table, series as charts, images, and as they are the values that neither shows. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { Run, Series, Summary } from './answers';
import { isSeries } from './charts';
import { Chart } from './chart_view';
import type { Means } from './means';
import { sheetOf } from './sheets';
import { type Listing, listingOf, wholeOf } from './values';
import { summaryText, valueText } from './words';

interface Props {
  run: Run;
  series: ReadonlyMap<string, Series>;
  /** Of so many names more the values are not there. */
  omitted: number;
  imageUrl: (path: string) => string;
  means: Means;
}

export function Values({ run, series, omitted, imageUrl, means }: Props): JSX.Element | null {
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
        .filter(([name]) => series.has(name))
        .map(([name, summary]) => (
          <More key={name} name={name} summary={summary} series={series.get(name)!} trans={trans} />
        ))}
      <NamesOmitted count={omitted} trans={trans} />
    </section>
  );
}

export function NamesOmitted({ count, trans }: { count: number; trans: TranslationBundle }): JSX.Element | null {
  return count > 0 ? (
    <p>{trans._n('The values of %1 more name are not shown.', 'The values of %1 more names are not shown.', count)}</p>
  ) : null;
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

interface MoreProps {
  name: string;
  summary: Summary;
  series: Series;
  trans: TranslationBundle;
}

/** What neither the summary nor a chart shows; made again only when something was logged. */
const More = React.memo(
  function More({ name, summary, series, trans }: MoreProps): JSX.Element | null {
    const listing = listingOf(summary, series);
    const whole = wholeOf(summary, series);
    if (listing === null && whole === undefined) {
      return null;
    }
    return (
      <>
        <h3>{name}</h3>
        {listing === null ? (
          <Whole name={name} value={whole} rows={summary.kind === 'table' ? Number(summary.last) : 0} trans={trans} />
        ) : (
          <Listed name={name} listing={listing} trans={trans} />
        )}
      </>
    );
  },
  (one, other) => one.series === other.series
);

interface WholeProps {
  name: string;
  value: unknown;
  /** Of a table, those at the server. */
  rows: number;
  trans: TranslationBundle;
}

function Whole({ name, value, rows, trans }: WholeProps): JSX.Element {
  const sheet = sheetOf(value, rows);
  return sheet === null ? (
    <pre tabIndex={0} role="region" aria-label={name}>
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </pre>
  ) : (
    <Table name={name} columns={sheet.columns} rows={sheet.rows}>
      {sheet.omitted > 0 && <p>{trans._n('%1 more row', '%1 more rows', sheet.omitted)}</p>}
      {sheet.omittedColumns > 0 && (
        <p>{trans._n('%1 more column is not shown.', '%1 more columns are not shown.', sheet.omittedColumns)}</p>
      )}
    </Table>
  );
}

function Listed({ name, listing, trans }: { name: string; listing: Listing; trans: TranslationBundle }): JSX.Element {
  const { omitted } = listing;
  const rows = listing.rows.map(([step, value]) => [step ?? undefined, value]);
  return (
    <Table name={name} columns={[trans.__('Step'), trans.__('Value')]} rows={rows} isWhole>
      {omitted > 0 && <p>{trans._n('%1 more value is not shown.', '%1 more values are not shown.', omitted)}</p>}
    </Table>
  );
}

interface TableProps {
  name: string;
  columns: string[];
  rows: unknown[][];
  /** Whether long values have room, except in the first column. */
  isWhole?: boolean;
  children: React.ReactNode;
}

/** A cell that is cut off is whole for who points at it. */
function Table({ name, columns, rows, isWhole = false, children }: TableProps): JSX.Element {
  return (
    <div className="jp-Workbench-sheet" tabIndex={0} role="region" aria-label={name}>
      <table aria-label={name}>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((item, column) => (
                <Cell key={column} item={item} isWhole={isWhole && column > 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {children}
    </div>
  );
}

function Cell({ item, isWhole }: { item: unknown; isWhole: boolean }): JSX.Element {
  const text = item === undefined ? '' : valueText(item);
  return isWhole ? <td className="jp-mod-whole">{text}</td> : <td title={text}>{text}</td>;
}
