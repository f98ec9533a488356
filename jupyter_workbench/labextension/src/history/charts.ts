/** Logged values as charts: specifications of Vega-Lite. Names and values are data in them, never expressions. */

import type { PartialJSONObject } from '@lumino/coreutils';

import type { Series, Summary } from './answers';

/** At most so many points of a line are asked for: more than there are pixels. */
export const POINTS = 1000;
const FEW_POINTS = 50;
const WIDTH = 320;
const HEIGHT = 180;

export interface Line {
  label: string;
  series: Series;
}

interface Point extends PartialJSONObject {
  x: number;
  /** null where nothing can be drawn: the line is broken there. */
  y: number | null;
  run: string;
}

/** The colours of the theme. */
export interface Ink {
  text: string;
  grid: string;
}

/** The lines of before where these are the same: a chart of them is the same too, and costs nothing. */
export function sameLines(before: Line[], now: Line[]): Line[] {
  const isSame = ({ label, series }: Line, index: number) =>
    label === before[index].label && series === before[index].series;
  return before.length === now.length && now.every(isSame) ? before : now;
}

/** Whether what was logged may be more than one number. */
export function isSeries({ kind, count }: Summary): boolean {
  return (kind === 'number' && count > 1) || kind === 'list';
}

/** A line for each run, or null where there is not one number. */
export function lineChart(lines: Line[], ink: Ink): PartialJSONObject | null {
  const points = pointsOf(lines);
  if (!points.some(point => point.y !== null)) {
    return null;
  }
  const labels = lines.map(line => line.label);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    width: WIDTH,
    height: HEIGHT,
    background: 'transparent',
    data: { values: points },
    mark: { type: 'line', point: points.length <= FEW_POINTS * lines.length, tooltip: null },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: null, scale: { zero: false } },
      y: { field: 'y', type: 'quantitative', title: null, scale: { zero: false } },
      ...(lines.length > 1 && {
        color: { field: 'run', type: 'nominal', title: null, scale: { domain: labels } },
        strokeDash: { field: 'run', type: 'nominal', title: null, scale: { domain: labels } }
      })
    },
    config: {
      axis: { labelColor: ink.text, gridColor: ink.grid, domainColor: ink.text, tickColor: ink.text },
      legend: { labelColor: ink.text },
      view: { stroke: ink.grid }
    }
  };
}

function pointsOf(lines: Line[]): Point[] {
  const told = lines.map(({ label, series: { points } }) => ({ label, points }));
  const haveSteps = told.every(({ points }) => points.every(([step]) => typeof step === 'number'));
  return told.flatMap(({ label, points }) =>
    points.map(([step, , value], index) => ({
      x: haveSteps ? (step as number) : index,
      y: typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null,
      run: label
    }))
  );
}
