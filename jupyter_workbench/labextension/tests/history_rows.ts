/** Runs, as the server tells them. */

import type { RunRow } from '../src/history/answers';

export function row(number: number, told: Partial<RunRow> = {}): RunRow {
  return {
    run_id: `myIris_${number}`,
    run_number: number,
    experiment: 'iris.ipynb',
    status: 'Completed',
    script_name: 'iris.ipynb',
    start_time_utc: '2026-11-21T12:00:00+00:00',
    duration_seconds: 1.5,
    run_configuration: 'local',
    target: 'local',
    user: 'ada',
    note: null,
    tags: {},
    error: null,
    cell: null,
    outputs: 0,
    revision: number,
    metrics: {},
    ...told
  };
}
