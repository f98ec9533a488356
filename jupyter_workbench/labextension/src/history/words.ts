/** How values of runs are written. */

import type { TranslationBundle } from '../text';
import type { RunStatus, Summary } from './answers';

const DIGITS = 6;
/** The server cuts texts in summaries there. */
const MOST_CHARACTERS = 1000;
/** Made once: a hundred of them take longer than all else of a table. */
const MOMENTS = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** What a project is called, by its folder. */
export function nameOf(project: string): string {
  return project.split(/[/\\]/).filter(Boolean).pop() ?? project;
}

export function statusText(status: RunStatus, trans: TranslationBundle): string {
  switch (status) {
    case 'Running':
      return trans.__('Running');
    case 'Completed':
      return trans.__('Completed');
    case 'Failed':
      return trans.__('Failed');
    case 'Canceled':
      return trans.__('Canceled');
    default:
      return status;
  }
}

/** The last value; of what is no single value, what it is. */
export function summaryText(told: Summary, trans: TranslationBundle): string {
  const { kind, count, last } = told;
  const text = isCut(told) ? `${last as string}…` : valueText(last);
  switch (kind) {
    case 'list':
      return trans.__('list of %1', String(last));
    case 'dict':
      return trans.__('dictionary of %1', String(last));
    case 'table':
      return trans.__('table of %1 rows', String(last));
    default:
      return count > 1 ? trans.__('%1 (%2 values)', text, count) : text;
  }
}

/** Whether the last value is a text that goes on. */
export function isCut({ kind, last }: Summary): boolean {
  return kind === 'text' && Array.from(String(last)).length >= MOST_CHARACTERS;
}

/** A value as text: numbers with as many digits as people read. */
export function valueText(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return String(Number(value.toPrecision(DIGITS)));
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** A moment in the time zone and the language of the reader. */
export function moment(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : MOMENTS.format(at);
}

/** How long something took: "0.25 s", "12.3 s", "2 min 10 s", "3 h 5 min". */
export function seconds(taken: number, trans: TranslationBundle): string {
  if (taken < 59.95) {
    return trans.__('%1 s', taken < 10 ? Number(taken.toFixed(2)) : Number(taken.toFixed(1)));
  }
  const whole = Math.round(taken);
  return whole < 3600
    ? trans.__('%1 min %2 s', Math.floor(whole / 60), whole % 60)
    : trans.__('%1 h %2 min', Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}

export function bytes(size: number): string {
  const power = size < 1024 ? 0 : Math.min(Math.floor(Math.log2(size) / 10), UNITS.length - 1);
  const shown = size / 1024 ** power;
  return `${power === 0 || shown >= 10 ? Math.round(shown) : shown.toFixed(1)} ${UNITS[power]}`;
}
