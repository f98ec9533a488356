import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { keyOf, searchOf, viewOf, withoutView } from '../src/history/address';
import { cellText } from '../src/history/columns';
import { binned, NEWEST_FIRST } from '../src/history/question';
import { tagChange } from '../src/history/tags';
import { bytes, seconds, summaryText, valueText } from '../src/history/words';
import { row } from './history_rows';

const trans = nullTranslator.load('');

test('an address without a project is none of ours', () => {
  expect(viewOf('?workbench-run=a')).toBeNull();
});

test('an address names a view, whatever its names have in them', () => {
  const view = { project: '/home/ada/a & b=c', runs: ['<i>_1', 'b#2'] };
  expect(viewOf(searchOf(view))).toEqual(view);
  expect(viewOf('?reset&workbench-project=/p')).toEqual({ project: '/p', runs: [] });
});

test('the address of a table has what is asked for', () => {
  const question = { sort: '-metric:loss', filters: { status: 'Failed', tag: 'a=b&c' }, text: 'größe #1', page: 2 };
  const view = { project: '/p', runs: [], question };
  expect(viewOf(searchOf(view))).toEqual(view);
  expect(searchOf({ ...view, question: NEWEST_FIRST })).toBe('?workbench-project=%2Fp');
});

test('the address of the bin says so, and nothing but true is the bin', () => {
  const view = { project: '/p', runs: [], question: binned(NEWEST_FIRST, true) };
  expect(searchOf(view)).toBe('?workbench-project=%2Fp&workbench-deleted=true');
  expect(viewOf(searchOf(view))).toEqual(view);
  expect(viewOf('?workbench-project=/p&workbench-deleted=x')!.question).toEqual(NEWEST_FIRST);
});

test.each([
  ['workbench-page=0', 0],
  ['workbench-page=-3', 0],
  ['workbench-page=x', 0],
  ['workbench-page=2.5', 1]
])('of an address with %s, page %i is shown', (parameter, page) => {
  expect(viewOf(`?workbench-project=/p&${parameter}`)!.question).toEqual({ ...NEWEST_FIRST, page });
});

test('an address of a run has no filters', () => {
  expect(viewOf('?workbench-project=/p&workbench-run=x&workbench-status=Failed')).toEqual({
    project: '/p',
    runs: ['x']
  });
});

test('the rest of an address stays', () => {
  expect(withoutView('?a=1&workbench-project=/p&workbench-run=x&workbench-status=Failed')).toBe('?a=1');
  expect(withoutView('?workbench-project=/p')).toBe('');
});

test('other views have other keys', () => {
  const keys = [
    { project: '/p', runs: [] },
    { project: '/p', runs: ['a:b'] },
    { project: '/p', runs: ['a', 'b'] }
  ].map(keyOf);
  expect(new Set(keys).size).toBe(3);
});

test.each([
  ['', null],
  ['=x', null],
  ['stage', { stage: '' }],
  ['stage=final', { stage: 'final' }],
  [' a = b=c ', { a: 'b=c' }],
  ['stage=', { stage: null }]
])('the tag %j', (typed, change) => {
  expect(tagChange(typed)).toEqual(change);
});

test.each([
  [0.1 + 0.2, '0.3'],
  [12345678, '12345678'],
  ['NaN', 'NaN'],
  [null, 'null'],
  [{ a: [1] }, '{"a":[1]}'],
  ['<b>', '<b>']
])('the value %j', (value, text) => {
  expect(valueText(value)).toBe(text);
});

test('a series shows its last value and how many there are', () => {
  expect(summaryText({ kind: 'number', count: 3, last: 0.5, min: 0, max: 1 }, trans)).toBe('0.5 (3 values)');
  expect(summaryText({ kind: 'table', count: 1, last: 20, min: null, max: null }, trans)).toBe('table of 20 rows');
});

test.each([
  [1, 'x'.repeat(1000), `${'x'.repeat(1000)}…`],
  [2, 'x'.repeat(1000), `${'x'.repeat(1000)}… (2 values)`],
  [1, '🙂'.repeat(999), '🙂'.repeat(999)],
  [1, 'x'.repeat(999), 'x'.repeat(999)]
])('of %d texts the last one says whether it was cut', (count, last, text) => {
  expect(summaryText({ kind: 'text', count, last, min: null, max: null }, trans)).toBe(text);
});

test.each([
  [0.123, '0.12 s'],
  [12.34, '12.3 s'],
  [59.99, '1 min 0 s'],
  [3900, '1 h 5 min']
])('%d seconds', (taken, text) => {
  expect(seconds(taken, trans)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1536, '1.5 KiB'],
  [20 * 2 ** 20, '20 MiB']
])('%d bytes', (size, text) => {
  expect(bytes(size)).toBe(text);
});

test('what a run has not is an empty cell', () => {
  expect(cellText(row(1, { duration_seconds: null }), 'duration_seconds', trans)).toBe('');
  expect(cellText(row(1), 'metric:loss', trans)).toBe('');
  expect(cellText(row(1, { tags: { a: '', b: 'c' } }), 'tags', trans)).toBe('a, b=c');
});
