import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import { describe, expect, test, vi } from 'vitest';

import { PanelCommands } from '../src/panel/commands';
import type { Deeds } from '../src/panel/deeds';
import { kernelIndicator, kernelStatus, type Surroundings, targetIndicator, targetState } from '../src/panel/indicators';
import { deedOf } from '../src/panel/keys';
import { lookWhenBack } from '../src/panel/measuring';
import { FRESH_MS, type Moment, PanelState } from '../src/panel/state';
import type { TargetDeeds } from '../src/panel/target_deeds';
import type { Item } from '../src/panel/items';
import { linesOf, nameOf, treeOf } from '../src/panel/tree';
import { type IStarts, Starts } from '../src/starting/starts';
import type { EnvironmentState, KernelProgress, Project, RunConfiguration, Target } from '../src/tokens';
import { moment as told } from './moments';

const trans = nullTranslator.load('');
const FOLDER = '/home/you/myIris';

function row(name: string, more: Partial<RunConfiguration> = {}): RunConfiguration {
  return {
    name: `myiris_${name}`,
    display_name: `myIris ${name}`,
    project: 'myIris',
    project_dir: FOLDER,
    run_configuration: name,
    target: name,
    target_type: name,
    framework: 'Python',
    status: 'ready',
    problems: [],
    ...more
  };
}

function target(name: string, more: Partial<Target> = {}): Target {
  return {
    name,
    type: name,
    file: `aml_config/${name}.compute`,
    status: 'ready',
    run_configurations: [name],
    problems: [],
    stopped: false,
    settings: {},
    ...more
  };
}

function state(more: Partial<EnvironmentState> = {}): EnvironmentState {
  return {
    run_configuration: 'docker',
    state: 'prepared',
    fingerprint: null,
    changes: [],
    message: null,
    engine: 'running',
    ...more
  };
}

const iris: Project = {
  project: 'myIris',
  project_dir: FOLDER,
  path: 'myIris',
  history_problem: null,
  failures: [],
  problems: [],
  run_configurations: [row('docker'), row('local')]
};

function moment(more: Partial<Moment> = {}): Moment {
  return {
    isLoaded: true,
    error: null,
    projects: [iris],
    targets: () => [target('docker'), target('local')],
    environment: () => undefined,
    kernels: [],
    usage: () => undefined,
    underWay: [],
    doing: () => null,
    failure: () => null,
    elapsed: start => start.moment.elapsed,
    ...more
  };
}

function makeState(fails = { projects: false }, environmentStates = async () => [state()], now = () => 0) {
  const owner = {};
  const starts = { changed: new Signal(owner), underWay: [], elapsed: () => 0 } as unknown as IStarts;
  const routes = {
    projects: async () => {
      if (fails.projects) {
        throw new Error('The server did not answer: gone');
      }
      return [iris];
    },
    targets: async () => [target('local')],
    environmentStates,
    usage: async () => []
  };
  return new PanelState(routes, starts, now);
}

const namesOf = (now: Moment) => linesOf(treeOf(now, trans), new Set()).map(line => nameOf(line.item, trans));
const kernel = (status: 'busy' | 'idle', id = 'k') =>
  ({ id, name: 'myiris_local', path: 'myIris/a.ipynb', status, isOurs: true }) as const;

describe('the compute target is shown as', () => {
  const nothing: Surroundings = { doing: null, start: null, kernels: [], engine: null, hasFailed: false };
  const shown = (seen: Partial<Surroundings>, more: Partial<Target> = {}) =>
    targetState(target('docker', more), { ...nothing, ...seen });
  const start = (kind: 'kernel' | 'preparation', step: KernelProgress['step']) => ({ kind, moment: told({ step }) });

  test('failed where its files have problems, whatever runs', () => {
    expect(shown({ start: start('kernel', null), kernels: ['idle'] }, { status: 'problem' })).toBe('failed');
  });

  test('failed where its engine refuses, or where the last start failed', () => {
    expect(shown({ engine: 'failed' })).toBe('failed');
    expect(shown({ engine: 'running', hasFailed: true })).toBe('failed');
    expect(shown({ engine: 'running', hasFailed: true, kernels: ['idle'] })).toBe('running');
  });

  test('starting, stopping and deleting until the server has answered', () => {
    expect(shown({ doing: 'starting', engine: 'stopped' })).toBe('starting');
    expect(shown({ doing: 'stopping', kernels: ['busy'] })).toBe('stopping');
    expect(shown({ doing: 'deleting' }, { status: 'problem' })).toBe('deleting');
  });

  test('setting up while something is prepared on it, and creating while its image is fetched', () => {
    expect(shown({ start: start('preparation', 'engine'), engine: 'stopped' })).toBe('setting up');
    expect(shown({ start: start('kernel', 'environment') })).toBe('setting up');
    expect(shown({ start: start('preparation', 'image') })).toBe('creating');
    expect(shown({ start: start('kernel', 'image') })).toBe('creating');
  });

  test('starting while the first kernel on it starts', () => {
    expect(shown({ start: start('kernel', 'kernel'), kernels: ['starting'] }, { stopped: true })).toBe('starting');
  });

  test('restarting while a container takes over from another', () => {
    expect(shown({ kernels: ['restarting'], start: start('kernel', 'kernel') })).toBe('restarting');
    expect(shown({ kernels: ['restarting'] }, { type: 'local' })).toBe('running');
  });

  test('stopped where its engine does not answer, or somebody stopped it, and no kernel of it runs', () => {
    expect(shown({ engine: 'stopped' })).toBe('stopped');
    expect(shown({ engine: 'stopped', kernels: ['idle'] })).toBe('running');
    expect(shown({ engine: 'running' }, { stopped: true })).toBe('stopped');
    expect(shown({ engine: 'running', kernels: ['idle'] }, { stopped: true })).toBe('running');
  });

  test('running where it is this machine', () => {
    expect(shown({}, { type: 'local' })).toBe('running');
  });

  test('each in the colour of Azure Machine Learning, and in a word', () => {
    const colours = (['running', 'failed', 'stopped', 'creating', 'starting', 'restarting', 'setting up'] as const)
      .map(state => targetIndicator(state, trans))
      .concat(targetIndicator('deleting', trans), targetIndicator('stopping', trans))
      .map(({ colour, text }) => `${text} ${colour}`);
    expect(colours).toEqual([
      'running green',
      'failed red',
      'stopped black',
      'creating lightblue',
      'starting lightblue',
      'restarting lightblue',
      'setting up lightblue',
      'deleting grey',
      'stopping grey'
    ]);
  });
});

describe('the kernel is shown', () => {
  test('grey until it is connected', () => {
    expect(kernelIndicator([], trans)).toMatchObject({ colour: 'grey', text: 'not connected' });
    expect(kernelIndicator(['starting'], trans)).toMatchObject({ colour: 'grey', text: 'starting' });
    expect(kernelIndicator([kernelStatus('no such word')], trans)).toMatchObject({ colour: 'grey', text: 'connecting' });
  });

  test('as the busiest of several', () => {
    expect(kernelIndicator(['idle', 'busy', 'dead'], trans)).toEqual({
      about: 'Kernel',
      colour: 'green',
      text: 'connected, busy (3)'
    });
  });
});

describe('the tree', () => {
  test('says what is seen in colours in words too', () => {
    const environment = (_: string, name: string) => (name === 'docker' ? state() : state({ state: 'unneeded', engine: null }));
    expect(namesOf(moment({ environment, kernels: [kernel('idle')] }))).toEqual([
      'myIris',
      'docker, Docker, Compute target running, Kernel not connected',
      'docker, Python, Kernel not connected, Environment prepared',
      'local, this machine, Compute target running, Kernel connected, idle',
      'local, Python, Kernel connected, idle, Environment nothing to prepare',
      'a.ipynb, Kernel connected, idle'
    ]);
  });

  test('shows what has changed since an environment was prepared', () => {
    const environment = () => state({ state: 'stale', changes: ['numpy was added'] });
    expect(namesOf(moment({ environment }))[2]).toBe(
      'docker, Python, numpy was added, Kernel not connected, Environment changed'
    );
  });

  test('shows how far a preparation is instead of what was known before', () => {
    const starts = new Starts(() => 0);
    starts.take(
      told({ kernel_id: null, preparation_id: 'p', state: 'running', message: 'Installing', elapsed: 3 })
    );
    const now = moment({ underWay: starts.underWay, environment: () => state({ state: 'missing', message: 'gone' }) });
    expect(namesOf(now)[1]).toBe('docker, Docker, Compute target setting up, Kernel not connected');
    expect(namesOf(now)[2]).toBe(
      'docker, Python, Installing (3 s), Kernel not connected, Environment being prepared'
    );
  });

  const REASON =
    'myIris docker cannot start:\n  aml_config/docker.runconfig:1: Target: expected a name\n' +
    `  aml_config/docker.compute:3: address: ${'no such host '.repeat(20).trim()}`;
  function failed(told_: Partial<KernelProgress>) {
    const starts = new Starts(() => 0);
    starts.take(told({ state: 'dead', reason: REASON, ...told_ }));
    const [failure] = starts.failures;
    const projects = [{ ...iris, run_configurations: [row('docker')] }];
    const now = moment({ projects, targets: () => [target('docker')], failure: () => failure });
    return { starts, failure, lines: linesOf(treeOf(now, trans), new Set()) };
  }

  test('shows the whole reason of a failed start below its run configuration, with the places that it names', () => {
    const { lines } = failed({});
    expect(lines.slice(2).map(line => [line.level, nameOf(line.item, trans)])).toEqual([
      [3, 'docker, Python, Kernel not connected'],
      [4, `The last start failed, ${REASON}`],
      [5, 'aml_config/docker.runconfig:1'],
      [5, 'aml_config/docker.compute:3']
    ]);
    expect(lines[5].item.subject).toMatchObject({ kind: 'problem', problem: { file: 'aml_config/docker.compute', line: 3 } });
  });

  test('says of a kernel that died while it ran that it died, and does not take its compute target for failed', () => {
    const starts = new Starts(() => 0);
    starts.take(told({ state: 'running' }));
    starts.take(told({ state: 'dead', reason: 'The kernel died (killed).' }));
    const projects = [{ ...iris, run_configurations: [row('docker')] }];
    const now = moment({ projects, targets: () => [target('docker')], failure: () => starts.failures[0] });
    expect(namesOf(now)).toEqual([
      'myIris',
      'docker, Docker, Compute target running, Kernel not connected',
      'docker, Python, Kernel not connected',
      'The kernel died, The kernel died (killed).'
    ]);
  });

  test('offers the reason and the log of a failed preparation, and the log of what is under way', () => {
    const { starts, failure, lines } = failed({ kernel_id: null, preparation_id: 'p', state: 'failed' });
    const commands = new PanelCommands({} as Deeds, {} as TargetDeeds, makeState(), trans);
    expect(lines[3].item.label).toBe('The last preparation failed');
    expect(commands.of(lines[3].item)).toEqual(['workbench:show-reason', 'workbench:show-log']);
    expect(commands.of(lines[2].item)).toContain('workbench:show-log');
    expect(commands.of(lines[2].item)[0]).toBe('workbench:start-notebook');
    starts.take({ ...failure.moment, state: 'running', reason: null });
    const [, , underWay] = linesOf(treeOf(moment({ underWay: starts.underWay }), trans), new Set());
    expect(commands.of(underWay.item)).toEqual(expect.arrayContaining(['workbench:cancel', 'workbench:show-log']));
    const [, , quiet] = linesOf(treeOf(moment(), trans), new Set());
    expect(commands.of(quiet.item)).not.toContain('workbench:show-log');
  });

  test('offers the run history of a project, unless that is turned off', () => {
    const [project] = treeOf(moment(), trans);
    const offered = (hasHistory: boolean) =>
      new PanelCommands({ hasHistory } as Deeds, {} as TargetDeeds, makeState(), trans).of(project);
    expect(offered(true)).toEqual(['workbench:open-history', 'workbench:attach-target', 'workbench:clean']);
    expect(offered(false)).toEqual(['workbench:attach-target', 'workbench:clean']);
  });

  test('tells two projects of the same name apart', () => {
    const folder = '/home/you/old/myIris';
    const old = { ...iris, project_dir: folder, run_configurations: [row('docker', { project_dir: folder })] };
    const starts = new Starts();
    starts.take(told({ project_dir: folder, message: 'Pulling' }));
    const now = moment({ projects: [iris, old], targets: () => [target('docker')], underWay: starts.underWay });
    const pulling = linesOf(treeOf(now, trans), new Set()).filter(({ item }) => item.details.join().includes('Pulling'));
    expect(pulling.map(line => line.item.id)).toEqual([`configuration ${folder} docker`]);
  });

  test('lists problems first, and run configurations without a compute target last', () => {
    const problem = { file: 'aml_config/x.runconfig', line: 3, key: 'Target', message: 'expected a name' };
    const astray = row('x', { target: 'nowhere', status: 'problem', problems: [problem] });
    const project = { ...iris, problems: [problem], run_configurations: [row('local'), astray] };
    const names = namesOf(moment({ projects: [project], targets: () => [target('local')] }));
    expect(names.slice(0, 3)).toEqual([
      'myIris',
      '1 problem',
      'aml_config/x.runconfig:3, Target: expected a name'
    ]);
    expect(names[names.length - 1]).toBe('x, Python, has problems, Kernel not connected');
  });

  test('shows what a kernel uses, where that is known', () => {
    const usage = () => ({ id: 'k', name: '', memory: 123_400_000, cpu_percent: 12.4 });
    const names = namesOf(moment({ kernels: [kernel('busy')], usage }));
    expect(names[names.length - 1]).toBe('a.ipynb, 123 MB, 12 % CPU, Kernel connected, busy');
  });

  test('gives no two items the same id', () => {
    const problem = { file: 'f', line: null, key: null, message: 'm' };
    const projects = [{ ...iris, problems: [problem, problem] }, { ...iris, project_dir: '/other' }];
    const ids = linesOf(treeOf(moment({ projects }), trans), new Set()).map(line => line.item.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a key', () => {
  const items = treeOf(moment(), trans);
  const ids = (all: Item[]): string[] => all.flatMap(item => [item.id, ...ids(item.children)]);
  const [project, docker, configuration, local] = ids(items);
  const press = (key: string, focused: string, closed: string[] = [], isShift = false) =>
    deedOf(key, isShift, linesOf(items, new Set(closed)), focused);

  test('moves the focus, and not beyond the ends', () => {
    expect(press('ArrowDown', project)).toEqual({ do: 'focus', id: docker });
    expect(press('ArrowUp', project)).toBeNull();
    expect(press('ArrowDown', docker, [docker])).toEqual({ do: 'focus', id: local });
    expect(press('Home', local)).toEqual({ do: 'focus', id: project });
    expect(press('End', project, [project])).toEqual({ do: 'focus', id: project });
  });

  test('opens and closes', () => {
    expect(press('ArrowRight', docker, [docker])).toEqual({ do: 'open', id: docker });
    expect(press('ArrowRight', docker)).toEqual({ do: 'focus', id: configuration });
    expect(press('ArrowLeft', docker)).toEqual({ do: 'close', id: docker });
    expect(press('ArrowLeft', configuration)).toEqual({ do: 'focus', id: docker });
    expect(press(' ', docker)).toEqual({ do: 'close', id: docker });
  });

  test('acts, or asks what can be done', () => {
    expect(press('Enter', configuration)).toEqual({ do: 'act', id: configuration });
    expect(press(' ', configuration)).toEqual({ do: 'act', id: configuration });
    expect(press('ContextMenu', docker)).toEqual({ do: 'menu', id: docker });
    expect(press('F10', docker, [], true)).toEqual({ do: 'menu', id: docker });
    expect(press('F10', docker)).toBeNull();
  });

  test('never does to a whole project what Enter does to other items', () => {
    expect(press('Enter', project)).toEqual({ do: 'close', id: project });
    expect(press('Enter', docker)).toEqual({ do: 'act', id: docker });
  });

  test('that is a letter finds the next item that begins so', () => {
    expect(press('L', project)).toEqual({ do: 'focus', id: local });
    expect(press('q', project)).toBeNull();
  });
});

describe('the panel', () => {
  test('keeps what it knows when the server does not answer, and says why', async () => {
    const fails = { projects: false };
    const panel = makeState(fails);
    expect(panel.moment.isLoaded).toBe(false);
    await panel.load();
    fails.projects = true;
    await panel.load();
    expect(panel.moment.projects).toEqual([iris]);
    expect(panel.moment.error).toBe('The server did not answer: gone');
  });

  test('passes over an answer, and an error, that was overtaken', async () => {
    const panel = makeState();
    const first = { ...iris, path: 'first' };
    const answers: [resolve: (projects: Project[]) => void, reject: (error: Error) => void][] = [];
    panel['routes'].projects = () => new Promise((resolve, reject) => answers.push([resolve, reject]));
    const loads = [panel.load(), panel.load(), panel.load()];
    answers[2][0]([iris]);
    await loads[2];
    answers[0][0]([first]);
    answers[1][1](new Error('The server did not answer: gone'));
    await Promise.all(loads);
    expect([panel.moment.projects, panel.moment.error]).toEqual([[iris], null]);
  });

  test('keeps the targets and environments of a project that cannot be read for a moment', async () => {
    let isGone = false;
    const orGone = <T>(told: T) => async () => {
      if (isGone) {
        throw new Error('The server did not answer: gone');
      }
      return told;
    };
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const panel = makeState(undefined, orGone([state()]));
    panel['routes'].targets = orGone([target('local')]);
    await panel.load();
    await panel.show(true);
    isGone = true;
    await panel.load();
    expect(panel.moment.targets(FOLDER)).toEqual([target('local')]);
    expect(panel.moment.environment(FOLDER, 'docker')?.state).toBe('prepared');
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });

  test('asks for environments only while it is shown, and once for each change', async () => {
    const ask = vi.fn(async () => [state()]);
    const panel = makeState(undefined, ask);
    await panel.load();
    await panel.load();
    expect(ask).not.toHaveBeenCalled();
    await panel.show(true);
    expect(ask.mock.calls).toEqual([[FOLDER]]);
    expect(panel.moment.environment(FOLDER, 'docker')?.state).toBe('prepared');
    await panel.show(false);
    await panel.show(true);
    expect(ask).toHaveBeenCalledTimes(1);
    await panel.lookAtEnvironments('/home/you/another');
    expect(ask).toHaveBeenCalledTimes(1);
    await panel.lookAtEnvironments(FOLDER);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('looks at environments again when it is shown again after a while', async () => {
    const clock = { now: 0 };
    const ask = vi.fn(async () => [state()]);
    const panel = makeState(undefined, ask, () => clock.now);
    await panel.show(true);
    await panel.load();
    clock.now += FRESH_MS;
    await panel.show(true);
    expect(ask).toHaveBeenCalledTimes(1);
    clock.now += 1;
    await panel.show(true);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('looks at environments again when the page is on the screen again, unless the panel is hidden', () => {
    let come: EventListener = () => undefined;
    const page = {
      visibilityState: 'visible' as Document['visibilityState'],
      addEventListener: (_: string, listener: EventListener) => void (come = listener),
      removeEventListener: vi.fn()
    };
    const widget = { isVisible: true, disposed: new Signal<Widget, void>({} as Widget) };
    const panel = { show: vi.fn() };
    lookWhenBack(widget, panel, page as unknown as Document);
    page.visibilityState = 'hidden';
    come({} as Event);
    widget.isVisible = false;
    page.visibilityState = 'visible';
    come({} as Event);
    expect(panel.show).not.toHaveBeenCalled();
    widget.isVisible = true;
    come({} as Event);
    expect(panel.show.mock.calls).toEqual([[true]]);
    widget.disposed.emit();
    expect(page.removeEventListener).toHaveBeenCalledWith('visibilitychange', come);
  });

  test('reads the compute targets of a project that others changed, once somebody looks', async () => {
    const panel = makeState();
    await panel.load();
    const targets = vi.fn(async () => [target('local', { stopped: true })]);
    panel['routes'].targets = targets;
    await panel.lookAtTargets(FOLDER);
    await panel.lookAtTargets('/home/you/another');
    expect(targets).not.toHaveBeenCalled();
    await panel.show(true);
    expect(targets.mock.calls).toEqual([[FOLDER]]);
    expect(panel.moment.targets(FOLDER)[0].stopped).toBe(true);
    await panel.lookAtEnvironments();
    expect(targets).toHaveBeenCalledTimes(1);
  });

  test('shows compute targets that were read anew, also where no engine answers', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const panel = makeState(undefined, async () => {
      throw new Error('gone');
    });
    await panel.load();
    await panel.show(true);
    const seen: unknown[] = [];
    panel.changed.connect(() => seen.push(panel.moment.targets(FOLDER)[0].stopped));
    panel['routes'].targets = async () => [target('local', { stopped: true })];
    await panel.lookAtTargets(FOLDER);
    expect(seen).toEqual([true]);
    warn.mockRestore();
  });

  test('takes the answer of the last reading of compute targets, whichever comes last', async () => {
    const panel = makeState();
    await panel.load();
    await panel.show(true);
    const answers: ((told: Target[]) => void)[] = [];
    panel['routes'].targets = () => new Promise(resolve => answers.push(resolve));
    const loading = panel.load();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    const reading = panel.lookAtTargets(FOLDER);
    answers[1]([target('local', { stopped: true })]);
    answers[0]([target('local')]);
    await Promise.all([loading, reading]);
    expect(panel.moment.targets(FOLDER)[0].stopped).toBe(true);
  });

  test('takes the answer of the last look at an environment, whichever comes last', async () => {
    const answers: ((told: EnvironmentState[]) => void)[] = [];
    const panel = makeState(undefined, () => new Promise(resolve => answers.push(resolve)));
    await panel.load();
    const first = panel.show(true);
    const second = panel.lookAtEnvironments();
    answers[1]([state({ state: 'stale' })]);
    answers[0]([state({ state: 'missing' })]);
    await Promise.all([first, second]);
    expect(panel.moment.environment(FOLDER, 'docker')?.state).toBe('stale');
  });

  test('shows what it does to a compute target until that has ended, whatever came of it', async () => {
    const panel = makeState();
    await panel.load();
    const doing = () => panel.moment.doing(FOLDER, 'local');
    const failing = panel.during(iris, target('local'), 'stopping', async () => {
      expect(doing()).toBe('stopping');
      throw new Error('gone');
    });
    await expect(failing).rejects.toThrow('gone');
    expect(doing()).toBeNull();
  });

  test('takes a compute target for started when a kernel on it starts, and for failed when that fails', async () => {
    const starts = new Starts(() => 0);
    const routes = {
      projects: async () => [iris],
      targets: async () => [target('docker', { stopped: true })],
      environmentStates: async () => [state()],
      usage: async () => []
    };
    const panel = new PanelState(routes, starts);
    await panel.load();
    const isStopped = () => panel.moment.targets(FOLDER)[0].stopped;
    starts.take(told({ run_configuration: 'another', state: 'preparing' }));
    starts.take(told({ kernel_id: 'k1', project_dir: '/other/myIris', state: 'preparing' }));
    starts.take(told({ kernel_id: null, preparation_id: 'p', state: 'running' }));
    expect(isStopped()).toBe(true);
    starts.take(told({ kernel_id: 'k2', state: 'preparing' }));
    expect(isStopped()).toBe(false);
    starts.take(told({ kernel_id: 'k2', state: 'dead', reason: 'no memory' }));
    expect(panel.moment.failure(FOLDER, 'docker')?.moment.reason).toBe('no memory');
    expect(panel.moment.failure('/other/myIris', 'docker')).toBeNull();
    await panel.load();
    expect(panel.moment.failure(FOLDER, 'docker')?.moment.reason).toBe('no memory');
    await panel.reload();
    expect(panel.moment.failure(FOLDER, 'docker')).toBeNull();
  });

  test('shows what failed before the page was opened, unless the same is begun again meanwhile', async () => {
    const starts = new Starts(() => 0);
    const failures = [
      told({ state: 'dead', reason: 'no memory' }),
      told({ kernel_id: 'k2', run_configuration: 'local', state: 'dead', reason: 'no Python' })
    ];
    const routes = {
      projects: async () => [{ ...iris, failures }],
      targets: async () => [],
      environmentStates: async () => [],
      usage: async () => []
    };
    const panel = new PanelState(routes, starts);
    starts.take(told({ kernel_id: 'k3', run_configuration: 'local', state: 'preparing' }));
    await panel.load();
    expect(panel.moment.failure(FOLDER, 'docker')?.moment.reason).toBe('no memory');
    expect(panel.moment.failure(FOLDER, 'local')).toBeNull();
  });

  test('believes an open notebook more than the list, until it is closed', () => {
    const panel = makeState();
    const statuses = () => panel.moment.kernels.map(one => one.status);
    panel.takeKernels([{ id: 'k', name: 'n', execution_state: 'idle' }]);
    panel.takeStatus('k', 'busy');
    expect(statuses()).toEqual(['busy']);
    panel.takeStatus('k', null);
    expect(statuses()).toEqual(['idle']);
  });
});
