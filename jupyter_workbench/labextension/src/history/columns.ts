/** The columns of the table: fields of a run by their keys, logged names as `metric:NAME`. */

import type { TranslationBundle } from '../text';
import type { RunRow } from './answers';
import { moment, seconds, statusText, summaryText } from './words';

const METRIC = 'metric:';
const METRICS_UNASKED = 5;

export const FIELDS = [
  'run_number',
  'status',
  'experiment',
  'start_time_utc',
  'duration_seconds',
  'script_name',
  'run_configuration',
  'target',
  'user',
  'tags',
  'note',
  'outputs',
  'run_id'
] as const;
export type Field = (typeof FIELDS)[number];

const AT_FIRST: string[] = ['status', 'experiment', 'start_time_utc', 'duration_seconds', 'run_configuration', 'tags'];

/** The number is in every table: it names the run and opens it. */
export const ALWAYS = 'run_number';

/** What is shown as long as nobody has chosen: the fields of most use, and the first names of the newest runs. */
export function columnsAtFirst(rows: RunRow[]): string[] {
  const names = new Set(rows.flatMap(row => Object.keys(row.metrics)));
  return [ALWAYS, ...AT_FIRST, ...[...names].slice(0, METRICS_UNASKED).map(metricColumn)];
}

/** Add a column at the end, or take it away. */
export function toggled(columns: string[], column: string): string[] {
  return columns.includes(column) ? columns.filter(one => one !== column) : [...columns, column];
}

export function metricColumn(name: string): string {
  return METRIC + name;
}

/** The logged name of a column, or null where it is a field. */
export function metricOf(column: string): string | null {
  return column.startsWith(METRIC) ? column.slice(METRIC.length) : null;
}

export function isColumn(column: unknown): column is string {
  return typeof column === 'string' && (column.startsWith(METRIC) || FIELDS.includes(column as Field));
}

/** The server sorts by everything but tags. */
export function isSortable(column: string): boolean {
  return column !== 'tags';
}

export function isNumeric(column: string, row: RunRow): boolean {
  const name = metricOf(column);
  return name === null
    ? column === 'run_number' || column === 'duration_seconds' || column === 'outputs'
    : row.metrics[name]?.kind === 'number';
}

export function columnLabel(column: string, trans: TranslationBundle): string {
  return metricOf(column) ?? fieldLabel(column as Field, trans);
}

function fieldLabel(field: Field, trans: TranslationBundle): string {
  switch (field) {
    case 'run_number':
      return trans.__('Run');
    case 'status':
      return trans.__('Status');
    case 'experiment':
      return trans.__('Experiment');
    case 'start_time_utc':
      return trans.__('Started');
    case 'duration_seconds':
      return trans.__('Duration');
    case 'script_name':
      return trans.__('Notebook');
    case 'run_configuration':
      return trans.__('Run configuration');
    case 'target':
      return trans.__('Compute target');
    case 'user':
      return trans.__('User');
    case 'tags':
      return trans.__('Tags');
    case 'note':
      return trans.__('Note');
    case 'outputs':
      return trans.__('Outputs');
    case 'run_id':
      return trans.__('Id');
  }
}

/** What a cell of the table says. */
export function cellText(row: RunRow, column: string, trans: TranslationBundle): string {
  const name = metricOf(column);
  if (name !== null) {
    return name in row.metrics ? summaryText(row.metrics[name], trans) : '';
  }
  switch (column as Field) {
    case 'status':
      return statusText(row.status, trans);
    case 'start_time_utc':
      return moment(row.start_time_utc);
    case 'duration_seconds':
      return row.duration_seconds === null ? '' : seconds(row.duration_seconds, trans);
    case 'tags':
      return tagsText(row.tags);
    default:
      return String(row[column as Exclude<Field, 'tags'>] ?? '');
  }
}

export function tagsText(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => (value ? `${key}=${value}` : key))
    .join(', ');
}
