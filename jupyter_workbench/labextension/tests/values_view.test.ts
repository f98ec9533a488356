import { nullTranslator } from '@jupyterlab/translation';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test, vi } from 'vitest';

import type { Kind, Run, Series } from '../src/history/answers';
import type { Means } from '../src/history/means';
import { Values } from '../src/history/values_view';

vi.mock('../src/history/chart_view', () => ({ Chart: () => null }));

const EVIL = '<script>window.ran = true</script>';
const means = { trans: nullTranslator.load('') } as unknown as Means;

/** What the page says of one name, where so many more are not shown. */
function shown(kind: Kind, count: number, last: unknown, points: Series['points'], omitted = 0): string {
  const run = { metrics: { [EVIL]: { kind, count, last, min: null, max: null } } } as unknown as Run;
  const series = new Map([[EVIL, { name: EVIL, kind, count: Math.max(count, points.length), sampled: false, points }]]);
  return renderToStaticMarkup(createElement(Values, { run, series, omitted, imageUrl: String, means }));
}

test.each<[string, Kind, number, unknown, Series['points']]>([
  ['a long text', 'text', 1, EVIL.repeat(50).slice(0, 1000), [[null, 1, EVIL.repeat(50)]]],
  ['several texts', 'text', 2, EVIL, [[null, 1, EVIL], [null, 2, EVIL]]],
  ['a list', 'list', 1, 1, [[0, 1, EVIL]]],
  ['a table', 'table', 1, 1, [[null, 1, { [EVIL]: [EVIL] }]]],
  ['a dictionary', 'dict', 1, 1, [[null, 1, { [EVIL]: EVIL }]]]
])('%s is text, whatever is in it', (_, kind, count, last, points) => {
  const page = shown(kind, count, last, points);
  expect(page).not.toContain('<script>');
  expect(page).toContain('role="region"');
  expect(page).toContain('&lt;script&gt;');
});

test('a text that was cut is there to its end', () => {
  const text = `${'a word '.repeat(300)}the end`;
  expect(shown('text', 1, text.slice(0, 1000), [[null, 1, text]])).toContain('the end</pre>');
});

test('what is not shown is counted', () => {
  const wide = Object.fromEntries(Array.from({ length: 53 }, (_, index) => [`c${index}`, [1, 2]]));
  const table = shown('table', 1, 102, [[null, 1, wide]], 2);
  expect(table).toContain('100 more rows');
  expect(table).toContain('3 more columns are not shown.');
  expect(table).toContain('The values of 2 more names are not shown.');
  expect(shown('text', 101, 'a', [[null, 1, 'a']])).toContain('100 more values are not shown.');
});
