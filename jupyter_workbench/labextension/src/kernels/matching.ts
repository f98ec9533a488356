/** Which kernel of a notebook's own project does what the kernel did that the notebook was saved with. No screen here. */

import type { Project, RunConfiguration } from '../tokens';

/** The kernel that a notebook was saved with, as its metadata says. */
export interface Saved {
  name: string;
  display_name?: string;
}

/** Workbench's own sample was saved with the kernel "Please switch kernel to myproject local". */
const REMINDER = 'please_switch_kernel_to_';

/** What the name of a run configuration tells of its kind. */
const KINDS: { words: RegExp; key: 'target_type' | 'framework'; value: string }[] = [
  { words: /spark/, key: 'framework', value: 'PySpark' },
  { words: /remote-?docker|dlvm|\bvm/, key: 'target_type', value: 'remotedocker' },
  { words: /docker/, key: 'target_type', value: 'docker' },
  { words: /cluster|hdi/, key: 'target_type', value: 'cluster' },
  { words: /local/, key: 'target_type', value: 'local' }
];

/** Tell whether a saved kernel may be one of some project: "myIris docker-python" is `myiris_docker-python`. */
export function isOfAProject({ name, display_name }: Saved): boolean {
  return name.includes('_') && (display_name === undefined || nameOf(display_name) === name);
}

/**
 * The kernel of `project` that does what the saved one did: the run configuration of the same name, else the first
 * of the same kind, else the only one there is. Null when there is nothing to offer, or the saved kernel is here.
 * `others` are the run configurations of other projects: one of them may be the saved kernel.
 */
export function matching(saved: Saved, project: Project, others: RunConfiguration[] = []): RunConfiguration | null {
  const offered = project.run_configurations.filter(row => row.status === 'ready');
  if (project.run_configurations.some(row => row.name === saved.name) || !isOfAProject(saved)) {
    return null;
  }
  const only = offered.length === 1 ? offered[0] : null;
  return ofTheSameName(saved, offered) ?? ofTheSameKind(saved, offered, others) ?? only;
}

function ofTheSameName({ name }: Saved, offered: RunConfiguration[]): RunConfiguration | null {
  const named = offered.filter(row => name.endsWith(`_${nameOf(row.run_configuration)}`));
  return longestFirst(named)[0] ?? null;
}

function ofTheSameKind(saved: Saved, offered: RunConfiguration[], others: RunConfiguration[]): RunConfiguration | null {
  const known = others.find(row => row.name === saved.name);
  if (known !== undefined) {
    return offered.find(row => row.target_type === known.target_type && row.framework === known.framework) ?? null;
  }
  const told = saved.name.startsWith(REMINDER) ? saved.name.slice(REMINDER.length) : saved.name;
  const words = told.slice(told.indexOf('_') + 1);
  const asked = KINDS.filter(kind => kind.words.test(words));
  const target = asked.find(kind => kind.key === 'target_type');
  const framework = asked.find(kind => kind.key === 'framework')?.value ?? 'Python';
  if (asked.length === 0) {
    return null;
  }
  return (
    offered.find(
      row => row.framework === framework && (target === undefined || row.target_type === target.value)
    ) ?? null
  );
}

function longestFirst(rows: RunConfiguration[]): RunConfiguration[] {
  return [...rows].sort((one, other) => other.run_configuration.length - one.run_configuration.length);
}

function nameOf(displayName: string): string {
  return displayName.toLowerCase().replace(/ /g, '_');
}
