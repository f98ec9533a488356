/** How what a run logged is shown: what its summary tells, and what has to be fetched to read the rest. No DOM. */

import type { Series, Summary } from './answers';
import { isSeries, POINTS } from './charts';
import { MOST_ROWS } from './sheets';
import { isCut } from './words';

/** Of so many names the values are shown; the table of metrics has all. */
export const MOST_NAMES = 40;
const FEWEST_POINTS = 4;

/** What is to be fetched of a name: at most so many values; or `newest`, the last one alone where it is no number. */
export interface Wanted {
  points: number;
  newest: boolean;
}

/** What breaks the line of a chart and is told by that. */
const GAPS: unknown[] = [null, 'NaN', 'Infinity', '-Infinity'];

/** Values as they were logged, with their steps, or the items of a list with their places in it. */
export interface Listing {
  rows: [step: unknown, value: unknown][];
  /** So many values are not in it. */
  omitted: number;
}

/** Null where the summary tells all of it. */
export function wantedOf(told: Summary): Wanted | null {
  if (isSeries(told)) {
    return { points: POINTS, newest: true };
  }
  if (isRepeated(told)) {
    return { points: MOST_ROWS, newest: false };
  }
  if (told.kind === 'table') {
    return { points: MOST_ROWS, newest: true }; // rows
  }
  return told.kind === 'dict' || isCut(told) ? { points: FEWEST_POINTS, newest: true } : null;
}

/** The one value that is shown as it is; undefined where there is none. */
export function wholeOf(told: Summary, { points }: Series): unknown {
  const isWhole = told.kind === 'table' || told.kind === 'dict' || (isCut(told) && told.count === 1);
  return isWhole ? points.at(-1)?.[2] : undefined;
}

/** The values that no chart shows; null where it shows all of them, or where they are shown otherwise. */
export function listingOf(told: Summary, { points, count }: Series): Listing | null {
  if (!isSeries(told) && !isRepeated(told)) {
    return null;
  }
  const items = points.map(([step, , value]): [unknown, unknown] => [step, value]);
  if (items.length === 0 || (isSeries(told) && isDrawn(items))) {
    return null;
  }
  const rows = told.kind === 'list' ? items.slice(0, MOST_ROWS) : items.slice(-MOST_ROWS);
  return { rows, omitted: count - rows.length };
}

function isDrawn(items: Listing['rows']): boolean {
  const values = items.map(([, value]) => value);
  return values.some(isNumber) && values.every(value => isNumber(value) || GAPS.includes(value));
}

/** A chart shows true and false as 1 and 0. */
function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isRepeated({ kind, count }: Summary): boolean {
  return count > 1 && (kind === 'text' || kind === 'bool' || kind === 'null');
}
