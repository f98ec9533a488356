/** Logged tables: lists by column. */

const MOST_ROWS = 100;
const MOST_COLUMNS = 50;

export interface Sheet {
  columns: string[];
  rows: unknown[][];
  /** So many rows are not in it. */
  omitted: number;
}

/** The first rows of a table, or null for what is none. */
export function sheetOf(value: unknown): Sheet | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return null;
  }
  const lists = Object.entries(value).slice(0, MOST_COLUMNS);
  if (!lists.every(([, items]) => Array.isArray(items))) {
    return null;
  }
  const length = Math.max(0, ...lists.map(([, items]) => (items as unknown[]).length));
  const shown = Math.min(length, MOST_ROWS);
  return {
    columns: lists.map(([name]) => name),
    rows: Array.from({ length: shown }, (_, index) => lists.map(([, items]) => (items as unknown[])[index])),
    omitted: length - shown
  };
}
