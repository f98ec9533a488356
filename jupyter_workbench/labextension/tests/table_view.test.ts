import { nullTranslator } from '@jupyterlab/translation';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { Filters } from '../src/history/filters_view';
import { binned, NEWEST_FIRST } from '../src/history/question';
import type { RunTable } from '../src/history/table';
import { TableOfRuns } from '../src/history/table_view';
import { row } from './history_rows';

const trans = nullTranslator.load('');

function tableOf(told: Partial<RunTable>): RunTable {
  return { question: NEWEST_FIRST, rows: [], choices: null, selected: new Set(), ...told } as RunTable;
}

test('a name with a line break is one column', () => {
  const metrics = { 'a\nb': { kind: 'number' as const, count: 1, last: 7, min: 7, max: 7 } };
  const table = tableOf({ columns: ['run_number', 'metric:a\nb'], rows: [row(1, { metrics })] });
  const page = renderToStaticMarkup(createElement(TableOfRuns, { table, open: () => undefined, trans }));
  expect(page.match(/<td/g)).toHaveLength(3); // the first is to select it
  expect(page).toContain('title="7"');
});

test.each([true, false])('whether the bin is shown is seen at its filter: %s', isShown => {
  const table = tableOf({ question: binned(NEWEST_FIRST, isShown) });
  const page = renderToStaticMarkup(createElement(Filters, { table, trans }));
  expect(page).toContain('In the bin</label>');
  expect(page.includes('checked=""')).toBe(isShown);
});
