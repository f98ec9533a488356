/** What a table asks the server for: all of it in one value, so that a view can be kept and compared. */

import type { Query } from '../rest';
import type { Choices } from './answers';

export const ROWS_A_PAGE = 100;

/** What is chosen from a list. */
export const LISTS = ['status', 'experiment', 'notebook', 'run_configuration', 'user', 'tag'] as const;
export type ListName = (typeof LISTS)[number];
/** `deleted` is "true" for the bin. */
const FILTERS = [...LISTS, 'deleted'] as const;
type FilterName = (typeof FILTERS)[number];

export interface Question {
  /** A column, `-` before it: the largest come first. */
  readonly sort: string;
  readonly filters: Readonly<Partial<Record<FilterName, string>>>;
  readonly text: string;
  /** Counts from 0. */
  readonly page: number;
}

export const NEWEST_FIRST: Question = { sort: '-start_time_utc', filters: {}, text: '', page: 0 };

/** What differs from the newest runs first, as the parameters of an address: pages count from 1 there. */
export function parametersOf({ sort, filters, text, page }: Question): Record<string, string> {
  return {
    ...filters,
    ...(text && { text }),
    ...(sort !== NEWEST_FIRST.sort && { sort }),
    ...(page > 0 && { page: String(page + 1) })
  };
}

/** The parameters that `parametersOf` can give. */
export const PARAMETERS = [...FILTERS, 'text', 'sort', 'page'] as const;

/** The question of such parameters, or null where there are none. A column that is none is left to the server. */
export function questionOf(parameter: (name: (typeof PARAMETERS)[number]) => string | null): Question | null {
  if (!PARAMETERS.some(parameter)) {
    return null;
  }
  const told = FILTERS.map(name => [name, parameter(name)] as const);
  const filters = Object.fromEntries(told.filter(([name, value]) => value && (name !== 'deleted' || value === 'true')));
  return {
    sort: parameter('sort') || NEWEST_FIRST.sort,
    filters,
    text: parameter('text') ?? '',
    page: Math.max(1, Math.floor(Number(parameter('page'))) || 1) - 1
  };
}

export function queryOf({ sort, filters, text, page }: Question): Query {
  return { ...filters, text: text || undefined, sort, limit: ROWS_A_PAGE, offset: page * ROWS_A_PAGE };
}

/** Sort by another column, its largest first; or by the same one the other way round. */
export function sortedBy(question: Question, column: string): Question {
  return { ...question, sort: question.sort === `-${column}` ? column : `-${column}`, page: 0 };
}

/** How the rows are sorted by a column, in the words of ARIA. */
export function directionOf({ sort }: Question, column: string): 'ascending' | 'descending' | 'none' {
  return sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : 'none';
}

/** An empty value takes the filter away. */
export function filteredBy(question: Question, name: FilterName, value: string): Question {
  const { [name]: _, ...others } = question.filters;
  return { ...question, filters: value ? { ...others, [name]: value } : others, page: 0 };
}

export function isInBin({ filters }: Question): boolean {
  return filters.deleted === 'true';
}

/** The runs in the bin, or those outside of it. */
export function binned(question: Question, isWanted: boolean): Question {
  return filteredBy(question, 'deleted', isWanted ? 'true' : '');
}

export function searchedFor(question: Question, text: string): Question {
  return { ...question, text: text.trim(), page: 0 };
}

export function pagesOf(total: number): number {
  return Math.max(1, Math.ceil(total / ROWS_A_PAGE));
}

export function onPage(question: Question, page: number, total: number): Question {
  return { ...question, page: Math.min(Math.max(0, page), pagesOf(total) - 1) };
}

export function isNarrowed({ filters, text }: Question): boolean {
  return text !== '' || Object.keys(filters).length > 0;
}

/** What can be chosen from a list. */
export function choicesOf(choices: Choices, name: ListName): string[] {
  return name === 'tag'
    ? Object.entries(choices.tags).flatMap(([key, values]) => [key, ...values.map(value => `${key}=${value}`)])
    : choices[name];
}
