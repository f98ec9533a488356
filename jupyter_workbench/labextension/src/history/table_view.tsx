/** The table of runs: a real one, operated by mouse and by keyboard. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { RunRow } from './answers';
import { ALWAYS, cellText, columnLabel, isNumeric, isSortable } from './columns';
import { directionOf, sortedBy } from './question';
import type { RunTable } from './table';

const ROWS_A_SCREEN = 20;

interface Props {
  table: RunTable;
  open: (id: string) => void;
  trans: TranslationBundle;
}

export function TableOfRuns({ table, open, trans }: Props): JSX.Element {
  const columns = table.columns;
  const body = React.useRef<HTMLTableSectionElement>(null);
  const onKey = (event: React.KeyboardEvent) => {
    if (event.target instanceof HTMLTableRowElement && operate(table, event, open)) {
      event.preventDefault();
      event.stopPropagation();
      requestAnimationFrame(() => focusActive(body.current));
    }
  };
  return (
    <div className="jp-Workbench-tableBox">
      <table className="jp-Workbench-runs" aria-label={trans.__('Runs')} aria-busy={!table.isLoaded || table.isWaiting}>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label={trans.__('Select all runs of this page')}
                checked={table.rows.length > 0 && table.rows.every(row => table.selected.has(row.run_id))}
                onChange={() => table.toggleAll()}
              />
            </th>
            {columns.map(column => (
              <Header key={column} table={table} column={column} trans={trans} />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          {table.rows.map(row => (
            <Row
              key={row.run_id}
              row={row}
              columns={JSON.stringify(columns)}
              isActive={row.run_id === table.active}
              isSelected={table.selected.has(row.run_id)}
              table={table}
              open={open}
              trans={trans}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Header({ table, column, trans }: { table: RunTable; column: string; trans: TranslationBundle }): JSX.Element {
  const direction = directionOf(table.question, column);
  const label = columnLabel(column, trans);
  if (!isSortable(column)) {
    return <th scope="col">{label}</th>;
  }
  return (
    <th scope="col" aria-sort={direction}>
      <button className="jp-Workbench-sort" onClick={() => void table.ask(sortedBy(table.question, column))}>
        {label}
        <span aria-hidden="true">{{ ascending: ' ▲', descending: ' ▼', none: '' }[direction]}</span>
      </button>
    </th>
  );
}

interface RowProps extends Props {
  row: RunRow;
  /** As JSON, so that a row that shows the same is not made again. */
  columns: string;
  isActive: boolean;
  isSelected: boolean;
}

const Row = React.memo(function Row({ row, columns, isActive, isSelected, table, open, trans }: RowProps): JSX.Element {
  const id = row.run_id;
  return (
    <tr
      data-run={id}
      className={`jp-Workbench-run jp-mod-${row.status}`}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => !isActive && table.activate(id)}
      onDoubleClick={() => open(id)}
    >
      <td>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={trans.__('Select run %1', row.run_number)}
          checked={isSelected}
          onChange={() => table.toggle(id)}
        />
      </td>
      {(JSON.parse(columns) as string[]).map(column => (
        <td key={column} className={isNumeric(column, row) ? 'jp-mod-number' : undefined}>
          {column === ALWAYS ? (
            <button className="jp-Workbench-link" tabIndex={-1} title={id} onClick={() => open(id)}>
              {row.run_number}
            </button>
          ) : (
            <Shown text={cellText(row, column, trans)} />
          )}
        </td>
      ))}
    </tr>
  );
}, isSame);

/** Cut off where it is too long, and whole for who points at it. */
function Shown({ text }: { text: string }): JSX.Element {
  return <span title={text}>{text}</span>;
}

function isSame(one: RowProps, other: RowProps): boolean {
  return (
    one.row.revision === other.row.revision &&
    one.row.run_id === other.row.run_id &&
    one.columns === other.columns &&
    one.isActive === other.isActive &&
    one.isSelected === other.isSelected
  );
}

/** Do what a key stands for; false where it stands for nothing. */
function operate(table: RunTable, event: React.KeyboardEvent, open: (id: string) => void): boolean {
  const { active, rows } = table;
  switch (event.key) {
    case 'ArrowDown':
      table.move(1);
      return true;
    case 'ArrowUp':
      table.move(-1);
      return true;
    case 'PageDown':
      table.move(ROWS_A_SCREEN);
      return true;
    case 'PageUp':
      table.move(-ROWS_A_SCREEN);
      return true;
    case 'Home':
      table.move(-rows.length);
      return true;
    case 'End':
      table.move(rows.length);
      return true;
    case ' ':
      if (active !== null) {
        table.toggle(active);
      }
      return true;
    case 'Enter':
      if (active !== null) {
        open(active);
      }
      return true;
    default:
      return false;
  }
}

function focusActive(body: HTMLElement | null): void {
  body?.querySelector<HTMLElement>('tr[tabindex="0"]')?.focus();
}
