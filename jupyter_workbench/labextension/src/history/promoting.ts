/** Gives an output of a run a name in the project, asking before a name that is there means another one. No screen here. */

import type { RestError } from '../rest';
import type { Promotion, Runs } from './runs';

type Asked = Pick<Runs, 'promote'>;

/** The name that is suggested: that of the file, without what a name may not have. */
export function suggestedName(path: string): string {
  const file = path.split('/').pop()!.replace(/\.[^.]*$/, '');
  return file.replace(/[^\p{L}\p{N}_. -]/gu, '-').replace(/^[^\p{L}\p{N}]+|[. ]+$/gu, '').slice(0, 64);
}

/** Promote; null when the name is taken and `mayReplace` says no. Whatever else goes wrong is raised. */
export async function promoted(
  runs: Asked,
  [id, path, name]: [string, string, string],
  mayReplace: () => Promise<boolean>
): Promise<Promotion | null> {
  try {
    return await runs.promote(id, path, name, false);
  } catch (error) {
    if ((error as RestError).reason !== 'NameTaken') {
      throw error;
    }
    return (await mayReplace()) ? await runs.promote(id, path, name, true) : null;
  }
}
