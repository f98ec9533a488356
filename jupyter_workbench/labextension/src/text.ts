/** Words that several plugins show. Every visible string goes through the translator of JupyterLab. */

import { type ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

export type { TranslationBundle };

const DOMAIN = 'jupyter_workbench';
const MEBIBYTE = 2 ** 20;

export function translations(translator: ITranslator | null): TranslationBundle {
  return (translator ?? nullTranslator).load(DOMAIN);
}

/** Why the server tells nothing now. */
export function awayText({ isLoggedOut }: { isLoggedOut: boolean }, trans: TranslationBundle): string {
  return isLoggedOut
    ? trans.__('You are logged out: log in again, or reload the page.')
    : trans.__('The server cannot be reached. What is shown here may be old until it answers again.');
}

/**
 * How long something takes, as people say it: "3 s", "25 s", "2 min 10 s". It changes once a second at first, later
 * only every 5 and every 10 seconds: a text that changes all the time is read by nobody and read out to some.
 */
export function duration(seconds: number, trans: TranslationBundle): string {
  const whole = Math.floor(seconds);
  const shown = whole < 10 ? whole : whole < 60 ? whole - (whole % 5) : whole - (whole % 10);
  return shown < 60
    ? trans.__('%1 s', shown)
    : trans.__('%1 min %2 s', Math.floor(shown / 60), shown % 60);
}

/** How much of something is done: "12 of 31 packages", "3 of 12 MiB"; null when nobody knows. */
export function amount(
  done: number | null,
  total: number | null,
  unit: 'bytes' | 'packages' | 'files' | null,
  trans: TranslationBundle
): string | null {
  if (done === null || unit === null) {
    return null;
  }
  const [some, all] = unit === 'bytes' ? [mebibytes(done), total && mebibytes(total)] : [done, total];
  switch (unit) {
    case 'bytes':
      return all === null ? trans.__('%1 MiB', some) : trans.__('%1 of %2 MiB', some, all);
    case 'packages':
      return all === null ? trans.__('%1 packages', some) : trans.__('%1 of %2 packages', some, all);
    case 'files':
      return all === null ? trans.__('%1 files', some) : trans.__('%1 of %2 files', some, all);
  }
}

function mebibytes(bytes: number): number {
  return bytes < 10 * MEBIBYTE ? Math.round((bytes / MEBIBYTE) * 10) / 10 : Math.round(bytes / MEBIBYTE);
}
