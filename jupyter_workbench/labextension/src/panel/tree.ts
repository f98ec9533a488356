/** The tree that the panel shows: projects, compute targets, run configurations, kernels and problems. No screen here. */

import type { Start } from '../starting/starts';
import { farText } from '../starting/words';
import type { TranslationBundle } from '../text';
import type { EnvironmentState, KernelUsage, Problem, Project, RunConfiguration, Target } from '../tokens';
import { failureItem } from './failure';
import {
  environmentIndicator,
  kernelIndicator,
  kindOf,
  statusWord,
  targetIndicator,
  targetState
} from './indicators';
import type { Item } from './items';
import type { Moment, RunningKernel } from './state';

/** A line as it is shown: `position` counts from 1 among `siblings`. */
export interface Line {
  item: Item;
  parent: Item | null;
  level: number;
  position: number;
  siblings: number;
  /** Null where there is nothing to open. */
  isOpen: boolean | null;
}

export function treeOf(moment: Moment, trans: TranslationBundle): Item[] {
  return moment.projects.map(project => new Branch(moment, project, trans).item());
}

/** The lines that are seen when the items of `closed` are. */
export function linesOf(items: readonly Item[], closed: ReadonlySet<string>, parent: Line | null = null): Line[] {
  return items.flatMap((item, index) => {
    const isOpen = item.children.length ? !closed.has(item.id) : null;
    const line: Line = {
      item,
      parent: parent?.item ?? null,
      level: (parent?.level ?? 0) + 1,
      position: index + 1,
      siblings: items.length,
      isOpen
    };
    return [line, ...(isOpen ? linesOf(item.children, closed, line) : [])];
  });
}

/** What a screen reader says of an item. */
export function nameOf({ label, details, indicators }: Item, trans: TranslationBundle): string {
  const told = indicators.map(({ about, text }) => trans.__('%1 %2', about, text));
  return [label, ...details, ...told].join(', ');
}

export function keyOf(project: Project, row: { run_configuration: string }): string {
  return `configuration ${project.project_dir} ${row.run_configuration}`;
}

/** "310 MB, 12 % CPU"; null where nobody knows. */
export function usageText(usage: KernelUsage | undefined, trans: TranslationBundle): string | null {
  if (usage === undefined || usage.memory === null) {
    return null;
  }
  const memory = trans.__('%1 MB', Math.round(usage.memory / 1e6));
  return usage.cpu_percent === null ? memory : trans.__('%1, %2 % CPU', memory, Math.round(usage.cpu_percent));
}

/** One project. */
class Branch {
  private readonly targets: readonly Target[];

  constructor(
    private readonly moment: Moment,
    private readonly project: Project,
    private readonly trans: TranslationBundle
  ) {
    this.targets = moment.targets(project.project_dir);
  }

  item(): Item {
    const project = this.project;
    const known = new Set(this.targets.map(target => target.name));
    const astray = project.run_configurations.filter(row => row.target === null || !known.has(row.target));
    return {
      id: `project ${project.project_dir}`,
      subject: { kind: 'project', project },
      label: project.project,
      details: project.path === null ? [this.trans.__('above the root folder')] : [],
      indicators: [],
      children: [
        ...this.problems(),
        ...this.targets.map(target => this.target(target)),
        ...astray.map(row => this.configuration(row))
      ]
    };
  }

  private problems(): Item[] {
    const { project } = this;
    if (project.problems.length === 0) {
      return [];
    }
    const count = project.problems.length;
    const item: Item = {
      id: `problems ${project.project_dir}`,
      subject: { kind: 'problems', project },
      label: this.trans._n('%1 problem', '%1 problems', count),
      details: [],
      indicators: [],
      children: project.problems.map((problem, index) => this.problem(problem, index))
    };
    return [item];
  }

  private problem(problem: Problem, index: number): Item {
    const { file, line, key, message } = problem;
    return {
      id: `problem ${this.project.project_dir} ${index} ${file} ${key}`,
      subject: { kind: 'problem', project: this.project, problem },
      label: line === null ? file : `${file}:${line}`,
      details: [key === null ? message : `${key}: ${message}`],
      indicators: [],
      children: []
    };
  }

  private target(target: Target): Item {
    const rows = this.project.run_configurations.filter(row => row.target === target.name);
    const kernels = rows.flatMap(row => this.kernelsOf(row));
    const starts = rows.map(row => this.startOf(row)).filter(told);
    const engine = rows.map(row => this.environmentOf(row)?.engine ?? null).find(one => one !== null) ?? null;
    const state = targetState(target, {
      doing: this.moment.doing(this.project.project_dir, target.name),
      start: starts[0] ?? null,
      kernels: kernels.map(kernel => kernel.status),
      engine,
      hasFailed: rows.some(row => this.failureOf(row)?.hadRun === false)
    });
    const children = rows.map(row => this.configuration(row));
    return {
      id: `target ${this.project.project_dir} ${target.name}`,
      subject: { kind: 'target', project: this.project, target, state },
      label: target.name,
      details: [kindOf(target.type, this.trans), statusWord(target, this.trans)].filter(told),
      indicators: [targetIndicator(state, this.trans), kernelIndicator(kernels.map(one => one.status), this.trans)],
      children
    };
  }

  private configuration(row: RunConfiguration): Item {
    const { project, trans } = this;
    const start = this.startOf(row);
    const failure = this.failureOf(row);
    const kernels = this.kernelsOf(row);
    const environment = this.environmentOf(row);
    const state = start?.kind === 'preparation' ? 'preparing' : environment?.state;
    return {
      id: keyOf(project, row),
      subject: { kind: 'configuration', project, row, start, failure },
      label: row.run_configuration,
      details: [
        row.framework,
        statusWord(row, trans),
        start && farText(start, this.moment.elapsed(start), trans),
        ...(start === null && row.status === 'ready' ? toldOf(environment) : [])
      ].filter(told),
      indicators: [
        kernelIndicator(kernels.map(one => one.status), trans),
        row.status === 'ready' ? environmentIndicator(state, trans) : null
      ].filter(told),
      children: [
        ...(failure === null ? [] : [failureItem(project, failure, trans)]),
        ...kernels.map(kernel => this.kernel(row, kernel))
      ]
    };
  }

  private kernel(row: RunConfiguration, kernel: RunningKernel): Item {
    const usage = usageText(this.moment.usage(kernel.id), this.trans);
    const notebook = kernel.path?.split('/').pop();
    return {
      id: `kernel ${kernel.id}`,
      subject: { kind: 'kernel', project: this.project, row, kernel },
      label: notebook ?? this.trans.__('Kernel %1', kernel.id.slice(0, 8)),
      details: usage === null ? [] : [usage],
      indicators: [kernelIndicator([kernel.status], this.trans)],
      children: []
    };
  }

  private kernelsOf({ name }: RunConfiguration): RunningKernel[] {
    return this.moment.kernels.filter(kernel => kernel.name === name);
  }

  /** The newest thing that goes on for a run configuration. */
  private startOf({ project_dir, run_configuration }: RunConfiguration): Start | null {
    const mine = this.moment.underWay.filter(
      start => start.projectDir === project_dir && start.runConfiguration === run_configuration
    );
    return mine[mine.length - 1] ?? null;
  }

  private failureOf({ project_dir, run_configuration }: RunConfiguration): Start | null {
    return this.moment.failure(project_dir, run_configuration);
  }

  private environmentOf({ project_dir, run_configuration }: RunConfiguration): EnvironmentState | undefined {
    return this.moment.environment(project_dir, run_configuration);
  }
}

function toldOf(environment: EnvironmentState | undefined): string[] {
  return environment === undefined ? [] : [...environment.changes, environment.message].filter(told);
}

function told<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
