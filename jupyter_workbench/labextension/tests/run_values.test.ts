import { expect, test } from 'vitest';

import type { Kind, Series, Summary } from '../src/history/answers';
import { listingOf, wantedOf, wholeOf } from '../src/history/values';

function summary(kind: Kind, count: number, last: unknown = null): Summary {
  return { kind, count, last, min: null, max: null };
}

/** As the server tells it: the newest list is a series of its items. */
function series(values: unknown[], count = values.length): Series {
  return { name: 'x', kind: 'text', count, sampled: false, points: values.map((value, index) => [index, 1, value]) };
}

const MANY = Array.from({ length: 150 }, (_, index) => `item ${index}`);

test.each([
  ['one number', summary('number', 1, 5)],
  ['one short text', summary('text', 1, 'x'.repeat(999))],
  ['one truth', summary('bool', 1, true)],
  ['an image', summary('image', 2, 'outputs/a.png')]
])('of %s the summary tells all, and nothing is fetched', (_, told) => {
  expect(wantedOf(told)).toBeNull();
});

test.each([
  ['numbers', summary('number', 2, 5), { points: 1000, newest: true }],
  ['a list', summary('list', 2, 3), { points: 1000, newest: true }],
  ['several texts', summary('text', 2, 'b'), { points: 100, newest: false }],
  ['several truths', summary('bool', 2, true), { points: 100, newest: false }],
  ['a text that was cut', summary('text', 1, 'x'.repeat(1000)), { points: 4, newest: true }],
  ['a table', summary('table', 1, 3), { points: 100, newest: true }],
  ['a dictionary', summary('dict', 2, 3), { points: 4, newest: true }]
])('of %s as much is fetched as is shown', (_, told, wanted) => {
  expect(wantedOf(told)).toEqual(wanted);
});

test('a text that was cut is there whole', () => {
  const text = 'a word '.repeat(500);
  const told = summary('text', 1, text.slice(0, 1000));
  expect(wholeOf(told, series([text]))).toBe(text);
  expect(listingOf(told, series([text]))).toBeNull();
});

test('of several texts each is listed with its step, and none is shown alone', () => {
  const told = summary('text', 2, 'b'.repeat(1000));
  const texts = series(['a', 'b'.repeat(2000)]);
  expect(listingOf(told, texts)).toEqual({ rows: [[0, 'a'], [1, 'b'.repeat(2000)]], omitted: 0 });
  expect(wholeOf(told, texts)).toBeUndefined();
});

test('of more texts than people read the last ones are listed, and the others counted', () => {
  const listing = listingOf(summary('text', 5000, 'item 149'), series(MANY, 5000))!;
  expect([listing.rows.length, listing.rows.at(-1), listing.omitted]).toEqual([100, [149, 'item 149'], 4900]);
});

test('of a long list without numbers the first items are listed, and the others counted', () => {
  const listing = listingOf(summary('list', 1, 150), series(MANY))!;
  expect([listing.rows.length, listing.rows[0], listing.omitted]).toEqual([100, [0, 'item 0'], 50]);
});

test('a list of lists is listed item by item', () => {
  const rows = [[0, ['a', 'b']], [1, ['c']]];
  expect(listingOf(summary('list', 1, 2), series([['a', 'b'], ['c']]))).toEqual({ rows, omitted: 0 });
});

test('numbers are left to the chart, with the gaps in them', () => {
  expect(listingOf(summary('list', 1, 4), series([1, 'NaN', null, true]))).toBeNull();
  expect(listingOf(summary('number', 2, 1), series([0.5, 1]))).toBeNull();
});

test('what a chart cannot show is listed: words among numbers, and nothing but gaps', () => {
  expect(listingOf(summary('list', 1, 2), series([1, 'a']))!.rows).toEqual([[0, 1], [1, 'a']]);
  expect(listingOf(summary('number', 2, 'NaN'), series(['NaN', 'NaN']))!.rows).toHaveLength(2);
});

test('an empty list has nothing to list', () => {
  expect(listingOf(summary('list', 1, 0), series([]))).toBeNull();
});
