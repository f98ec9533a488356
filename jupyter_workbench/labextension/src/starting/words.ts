/** What is said of a start. */

import { amount, duration, type TranslationBundle } from '../text';
import type { StartLines } from '../tokens';
import type { LogLines } from './log_lines';
import type { Start } from './starts';

/** JupyterLab cuts the text of a notification off after so many characters. */
export const MOST_CHARACTERS = 140;

export function nameOf({ project, runConfiguration }: Start): string {
  return `${project} ${runConfiguration}`;
}

/** "Installing 31 packages (12 of 31 packages, 14 s)". */
export function farText(start: Start, elapsed: number, trans: TranslationBundle): string {
  const { what, far } = farOf(start, elapsed, trans);
  return `${what} (${far})`;
}

/** "myIris docker: Installing 31 packages (12 of 31 packages, 14 s)", in as many characters as a notification has. */
export function progressText(start: Start, elapsed: number, trans: TranslationBundle): string {
  const { what, far } = farOf(start, elapsed, trans);
  const name = nameOf(start);
  const room = MOST_CHARACTERS - name.length - far.length - ': '.length - ' ()'.length;
  return `${name}: ${shortened(what, Math.max(room, 20))} (${far})`;
}

function farOf({ moment }: Start, elapsed: number, trans: TranslationBundle): { what: string; far: string } {
  const { message, done, total, unit, state } = moment;
  return {
    what: message ?? (state === 'starting' ? trans.__('starting') : trans.__('preparing')),
    far: [amount(done, total, unit, trans), duration(elapsed, trans)].filter(text => text !== null).join(', ')
  };
}

/** What the dialog with the whole reason is called. */
export function reasonTitle(start: Start, trans: TranslationBundle): string {
  const name = nameOf(start);
  return start.hadRun ? trans.__('Why the kernel of %1 died', name) : trans.__('Why %1 did not start', name);
}

/** The whole reason of a failure, however long; the first line says what failed. */
export function reasonText(start: Start, trans: TranslationBundle): string {
  return start.moment.reason ?? start.moment.message ?? trans.__('%1 failed.', nameOf(start));
}

/** As much of the reason as a notification shows. */
export function failureText(start: Start, trans: TranslationBundle): string {
  const reason = reasonText(start, trans);
  const whole = reason.includes(nameOf(start)) ? reason : `${nameOf(start)}: ${reason}`;
  return shortened(whole.trim(), MOST_CHARACTERS);
}

/** The log of a start: a line a step, or a line of a program. */
export function logText({ told, problem, start }: LogLines, trans: TranslationBundle): string {
  const { left_out, lines } = told ?? { left_out: 0, lines: [] };
  return [
    ...(left_out > 0 ? [trans._n('%1 older line is left out.', '%1 older lines are left out.', left_out)] : []),
    ...(lines.length ? lines : [{ elapsed: 0, text: trans.__('Preparing') }]).map(line => lineText(line, trans)),
    ...(told === null && problem !== null ? [trans.__('The log cannot be read: %1', problem)] : []),
    ...(start.outcome === 'under way' ? [] : [ending(start, trans)])
  ].join('\n');
}

function lineText({ elapsed, text }: StartLines['lines'][number], trans: TranslationBundle): string {
  return `${trans.__('%1 s', elapsed.toFixed(1)).padStart(8)}  ${text}`;
}

function ending({ moment, outcome, hadRun }: Start, trans: TranslationBundle): string {
  const after = duration(moment.elapsed, trans);
  switch (outcome) {
    case 'succeeded':
      return trans.__('Ready after %1.', after);
    case 'failed':
      return hadRun ? trans.__('The kernel died after %1.', after) : trans.__('Failed after %1.', after);
    default:
      return trans.__('Cancelled after %1.', after);
  }
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
