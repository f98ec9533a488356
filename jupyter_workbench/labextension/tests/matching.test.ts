import { describe, expect, test } from 'vitest';

import { matching, type Saved } from '../src/kernels/matching';
import type { Project, RunConfiguration } from '../src/tokens';

function row(runConfiguration: string, kind: Partial<RunConfiguration> = {}): RunConfiguration {
  const project = kind.project ?? 'myIris';
  const display_name = `${project} ${runConfiguration}`;
  return {
    name: display_name.toLowerCase().replace(/ /g, '_'),
    display_name,
    project,
    project_dir: `/home/you/${project}`,
    run_configuration: runConfiguration,
    target: runConfiguration,
    target_type: 'local',
    framework: 'Python',
    status: 'ready',
    problems: [],
    ...kind
  };
}

const local = row('local');
const docker = row('docker-python', { target_type: 'docker' });
const spark = row('docker-spark', { target_type: 'docker', framework: 'PySpark' });

function project(...rows: RunConfiguration[]): Project {
  return { project: 'myIris', project_dir: '/home/you/myIris', path: 'myIris', problems: [], run_configurations: rows };
}

function saved(displayName: string): Saved {
  return { name: displayName.toLowerCase().replace(/ /g, '_'), display_name: displayName };
}

const found = (kernel: Saved, rows: RunConfiguration[], others: RunConfiguration[] = []) =>
  matching(kernel, project(...rows), others)?.run_configuration ?? null;

describe('nothing is offered', () => {
  test('for a kernel that is of no project', () => {
    expect(found({ name: 'python3', display_name: 'Python 3 (ipykernel)' }, [local])).toBeNull();
    expect(found({ name: 'my_env', display_name: 'Python (my_env)' }, [local])).toBeNull();
  });

  test('for a kernel of this project', () => {
    expect(found(saved('myIris local'), [local, docker])).toBeNull();
  });

  test('that cannot start', () => {
    expect(found(saved('other local'), [row('local', { status: 'problem' })])).toBeNull();
  });

  test('when no name and no kind is the same', () => {
    expect(found(saved('other something'), [local, docker])).toBeNull();
  });
});

describe('what is offered is', () => {
  test('the run configuration of the same name, before one of the same kind', () => {
    expect(found(saved('other docker-spark'), [local, docker, spark])).toBe('docker-spark');
  });

  test('the longest name that fits', () => {
    expect(found(saved('other big_local'), [local, row('big_local')])).toBe('big_local');
  });

  test('what the sample reminds of', () => {
    expect(found(saved('Please switch kernel to myproject local'), [docker, local])).toBe('local');
  });

  test('one of the same kind as the kernel has that is of another project here', () => {
    const theirs = row('here', { project: 'theirs', target_type: 'docker', framework: 'PySpark' });
    expect(found(saved('theirs here'), [local, docker, spark], [theirs])).toBe('docker-spark');
  });

  test('one of the kind that the name tells', () => {
    expect(found(saved('other docker'), [local, spark, docker])).toBe('docker-python');
    expect(found(saved('other sparky'), [local, docker, spark])).toBe('docker-spark');
  });

  test('the only one that there is', () => {
    expect(found(saved('other something'), [docker])).toBe('docker-python');
  });
});
