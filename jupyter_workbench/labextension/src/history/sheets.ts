/** Logged tables: lists by column. */

export const MOST_ROWS = 100;
const MOST_COLUMNS = 50;

export interface Sheet {
  columns: string[];
  rows: unknown[][];
  /** So many rows are not in it. */
  omitted: number;
  omittedColumns: number;
}

/** The first rows and columns of a table that has so many rows or more, or null for what is none. */
export function sheetOf(value: unknown, rows = 0): Sheet | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return null;
  }
  const all = Object.entries(value);
  if (!all.every((entry): entry is [string, unknown[]] => Array.isArray(entry[1]))) {
    return null;
  }
  const lists = all.slice(0, MOST_COLUMNS);
  const length = Math.max(0, ...lists.map(([, items]) => items.length));
  const shown = Math.min(length, MOST_ROWS);
  return {
    columns: lists.map(([name]) => name),
    rows: Array.from({ length: shown }, (_, index) => lists.map(([, items]) => items[index])),
    omitted: Math.max(rows, length) - shown,
    omittedColumns: all.length - lists.length
  };
}
