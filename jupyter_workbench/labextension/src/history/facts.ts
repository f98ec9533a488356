/** The properties of a run, in the order in which people ask for them. */

import type { TranslationBundle } from '../text';
import type { Git, Run } from './answers';
import { bytes, moment, seconds, statusText, valueText } from './words';

export type Fact = [name: string, text: string];

/** What is not known is left out. */
export function factsOf(run: Run, trans: TranslationBundle): Fact[] {
  const told: [string, string | number | null][] = [
    [trans.__('Status'), statusText(run.status, trans)],
    [trans.__('Experiment'), run.experiment],
    [trans.__('Notebook'), run.script_name],
    [trans.__('Started'), moment(run.start_time_utc)],
    [trans.__('Duration'), run.duration_seconds === null ? null : seconds(run.duration_seconds, trans)],
    [trans.__('Run configuration'), run.run_configuration],
    [trans.__('Compute target'), run.target],
    [trans.__('Framework'), run.framework],
    [trans.__('User'), run.user],
    [trans.__('Computer'), run.host],
    ['Python', run.python],
    ['ipykernel', run.ipykernel],
    [trans.__('Environment'), run.environment],
    [trans.__('Id'), run.run_id],
    ...usageOf(run.usage, trans),
    [trans.__('Left out'), run.incomplete]
  ];
  return known(told);
}

export function gitFactsOf(git: Git, trans: TranslationBundle): Fact[] {
  return known([
    [trans.__('Commit'), git.commit],
    [trans.__('Branch'), git.branch],
    [trans.__('Remote'), git.remote],
    [trans.__('Changed files'), git.dirty === null ? null : git.dirty ? trans.__('yes') : trans.__('no')],
    [trans.__('Problem'), git.problem]
  ]);
}

function usageOf(usage: Run['usage'], trans: TranslationBundle): [string, string][] {
  const say: Record<string, [string, (value: number) => string]> = {
    cpu_seconds: [trans.__('Processor time'), value => seconds(value, trans)],
    cpu_peak: [trans.__('Most of the processor'), value => `${valueText(value)} %`],
    memory_peak: [trans.__('Most memory'), bytes],
    gpu_peak: [trans.__('Most of the GPU'), value => `${valueText(value)} %`],
    gpu_memory_peak: [trans.__('Most GPU memory'), bytes]
  };
  return Object.entries(usage).flatMap(([key, value]) => (key in say ? [[say[key][0], say[key][1](value)]] : []));
}

function known(told: [string, string | number | null][]): Fact[] {
  return told.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, String(value)]]));
}
