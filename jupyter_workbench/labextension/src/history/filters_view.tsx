/** Above the table: the search, the filters and the choice of columns. Below it: the pages. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import { ALWAYS, columnLabel, FIELDS, metricColumn } from './columns';
import {
  binned,
  choicesOf,
  filteredBy,
  isInBin,
  type ListName,
  LISTS,
  NEWEST_FIRST,
  onPage,
  pagesOf,
  searchedFor
} from './question';
import type { RunTable } from './table';

const TYPED_MS = 300;

interface Props {
  table: RunTable;
  trans: TranslationBundle;
}

export function Search({ table, trans }: Props): JSX.Element {
  const { text } = table.question;
  const [typed, setTyped] = React.useState(text);
  const asked = React.useRef(text);
  React.useEffect(() => {
    if (text !== asked.current) {
      asked.current = text; // by a button, not here
      setTyped(text);
    }
  }, [text]);
  React.useEffect(() => {
    if (typed.trim() === table.question.text) {
      return undefined;
    }
    const timer = setTimeout(() => {
      asked.current = typed.trim();
      void table.ask(searchedFor(table.question, typed));
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      type="search"
      className="jp-Workbench-search"
      placeholder={trans.__('Search in notebooks, notes, tags and source')}
      aria-label={trans.__('Search runs')}
      value={typed}
      onChange={event => setTyped(event.target.value)}
    />
  );
}

export function Filters({ table, trans }: Props): JSX.Element {
  return (
    <>
      {LISTS.map(name => (
        <Filter key={name} name={name} table={table} trans={trans} />
      ))}
      <label>
        <input
          type="checkbox"
          checked={isInBin(table.question)}
          onChange={event => void table.ask(binned(table.question, event.target.checked))}
        />
        {trans.__('In the bin')}
      </label>
      {Object.keys(table.question.filters).length > 0 && (
        <button
          className="jp-Workbench-button"
          onClick={() => void table.ask({ ...table.question, filters: {}, page: 0 })}
        >
          {trans.__('Clear filters')}
        </button>
      )}
    </>
  );
}

function Filter({ name, table, trans }: Props & { name: ListName }): JSX.Element {
  const chosen = table.question.filters[name] ?? '';
  const choices = table.choices === null ? [] : choicesOf(table.choices, name);
  const shown = chosen === '' || choices.includes(chosen) ? choices : [chosen, ...choices];
  const label = filterLabel(name, trans);
  return (
    <select
      aria-label={label}
      className="jp-Workbench-filter"
      value={chosen}
      onChange={event => void table.ask(filteredBy(table.question, name, event.target.value))}
    >
      <option value="">{trans.__('%1: any', label)}</option>
      {shown.map(choice => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

function filterLabel(name: ListName, trans: TranslationBundle): string {
  switch (name) {
    case 'tag':
      return trans.__('Tag');
    case 'notebook':
      return columnLabel('script_name', trans);
    default:
      return columnLabel(name, trans);
  }
}

/** A button that unfolds the columns there are to show. */
export function ColumnChoice({ table, trans }: Props): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const toggle = () => {
    if (!isOpen) {
      void table.learnNames();
    }
    setOpen(!isOpen);
  };
  const fields = FIELDS.filter(field => field !== ALWAYS);
  const names = table.names.map(({ name }) => metricColumn(name));
  return (
    <>
      <button className="jp-Workbench-button" aria-expanded={isOpen} onClick={toggle}>
        {trans.__('Columns')}
      </button>
      {isOpen && (
        <div className="jp-Workbench-columns">
          <ColumnBoxes title={trans.__('Properties')} columns={fields} table={table} trans={trans} />
          <ColumnBoxes title={trans.__('Logged values')} columns={names} table={table} trans={trans} />
        </div>
      )}
    </>
  );
}

function ColumnBoxes({ title, columns, table, trans }: Props & { title: string; columns: string[] }): JSX.Element {
  const shown = table.columns;
  return (
    <fieldset>
      <legend>{title}</legend>
      {columns.map(column => (
        <label key={column}>
          <input type="checkbox" checked={shown.includes(column)} onChange={() => table.toggleColumn(column)} />
          {columnLabel(column, trans)}
        </label>
      ))}
    </fieldset>
  );
}

export function Pages({ table, trans }: Props): JSX.Element {
  const { question, total } = table;
  const pages = pagesOf(total);
  const isVain = (page: number) => page === question.page || page < 0 || page >= pages;
  const turn = (label: string, page: number) => (
    <button
      className="jp-Workbench-button"
      aria-disabled={isVain(page)} // one that were disabled would lose the focus at the last page
      onClick={() => isVain(page) || void table.ask(onPage(question, page, total))}
    >
      {label}
    </button>
  );
  return (
    <nav className="jp-Workbench-pages" aria-label={trans.__('Pages')}>
      {turn(trans.__('First'), 0)}
      {turn(trans.__('Previous'), question.page - 1)}
      <span role="status">
        {table.isLoaded && (
          <>
            {trans.__('Page %1 of %2', question.page + 1, pages)} · {trans._n('%1 run', '%1 runs', total)}
          </>
        )}
        {(!table.isLoaded || table.isWaiting) && (
          <span className="jp-Workbench-loading"> {trans.__('Loading…')}</span>
        )}
      </span>
      {turn(trans.__('Next'), question.page + 1)}
      {turn(trans.__('Last'), pages - 1)}
    </nav>
  );
}

export function ShowAll({ table, trans }: Props): JSX.Element {
  return (
    <button className="jp-Workbench-button" onClick={() => void table.ask({ ...NEWEST_FIRST, sort: table.question.sort })}>
      {trans.__('Show all runs')}
    </button>
  );
}
