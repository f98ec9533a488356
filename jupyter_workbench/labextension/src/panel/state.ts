/** What the panel knows, and from whom. No screen here. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { IStarts, Start } from '../starting/starts';
import type { EnvironmentState, KernelProgress, KernelUsage, Project, Target } from '../tokens';
import { type Doing, type KernelStatus, kernelStatus } from './indicators';
import type { PanelRoutes } from './routes';
import { Turns } from './turns';

/** A running kernel as JupyterLab lists it; `path` is that of its notebook. */
export interface RunningKernel {
  id: string;
  name: string;
  path: string | null;
  status: KernelStatus;
  /** Whether it is that of a run configuration. */
  isOurs: boolean;
}

/** A kernel in JupyterLab's own words. */
export interface ListedKernel {
  id: string;
  name: string;
  execution_state?: string;
}

/** Everything at one moment. */
export interface Moment {
  /** False until the server has answered for the first time. */
  isLoaded: boolean;
  /** Why the projects cannot be listed now. */
  error: string | null;
  projects: readonly Project[];
  targets: (projectDir: string) => readonly Target[];
  environment: (projectDir: string, runConfiguration: string) => EnvironmentState | undefined;
  kernels: readonly RunningKernel[];
  usage: (kernelId: string) => KernelUsage | undefined;
  underWay: readonly Start[];
  /** What this page does to a compute target. */
  doing: (projectDir: string, target: string) => Doing | null;
  /** What was started or prepared last for a run configuration, where that failed. */
  failure: (projectDir: string, runConfiguration: string) => Start | null;
  elapsed: (start: Start) => number;
}

/** How long the answer of an engine is taken for true: no event tells what others do to it. */
export const FRESH_MS = 10_000;

type Asked = Pick<PanelRoutes, 'projects' | 'targets' | 'environmentStates' | 'usage'>;

/** Asks the server for what no event tells, and hears the rest. `changed` says that a moment has passed. */
export class PanelState {
  private readonly _changed = new Signal<this, void>(this);
  private isLoaded = false;
  private error: string | null = null;
  private projects: Project[] = [];
  private readonly targets = new Map<string, Target[]>();
  private readonly environments = new Map<string, Map<string, EnvironmentState>>();
  private kernels: ListedKernel[] = [];
  private paths = new Map<string, string>();
  private readonly heard = new Map<string, string>();
  private usages = new Map<string, KernelUsage>();
  private asked = 0;
  private isShown = false;
  /** The projects whose environments are to be looked at once somebody looks at the panel. */
  private readonly unseen = new Set<string>();
  /** Those of them whose compute targets are to be read then, too. */
  private readonly unread = new Set<string>();
  /** When the environments of each project were looked at last. */
  private readonly lookedAt = new Map<string, number>();
  private readonly doing = new Map<string, Doing>();
  /** The ids of the starts that failed, by run configuration. */
  private readonly failed = new Map<string, string>();
  private readonly looks = new Turns();
  private readonly reads = new Turns();

  constructor(
    private readonly routes: Asked,
    private readonly starts: IStarts,
    private readonly now: () => number = Date.now
  ) {
    starts.changed.connect((_, start) => {
      this.take(start);
      this.tell();
      if (start.outcome !== 'under way') {
        void this.lookAtEnvironments(start.projectDir);
      }
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get moment(): Moment {
    const ours = new Set(this.projects.flatMap(project => project.run_configurations.map(row => row.name)));
    return {
      isLoaded: this.isLoaded,
      error: this.error,
      projects: this.projects,
      targets: projectDir => this.targets.get(projectDir) ?? [],
      environment: (projectDir, name) => this.environments.get(projectDir)?.get(name),
      kernels: this.kernels.map(kernel => ({
        id: kernel.id,
        name: kernel.name,
        path: this.paths.get(kernel.id) ?? null,
        isOurs: ours.has(kernel.name),
        status: kernelStatus(this.heard.get(kernel.id) ?? kernel.execution_state)
      })),
      usage: id => this.usages.get(id),
      underWay: this.starts.underWay,
      doing: (projectDir, target) => this.doing.get(keyOf(projectDir, target)) ?? null,
      failure: (projectDir, name) => this.failureOf(keyOf(projectDir, name)),
      elapsed: start => this.starts.elapsed(start)
    };
  }

  /** Read all anew once files have changed: what failed with the old ones says nothing any more. */
  async reload(): Promise<void> {
    this.failed.clear();
    await this.load();
  }

  /** Read all of it anew. The last one asked for wins. */
  async load(): Promise<void> {
    const turn = ++this.asked;
    try {
      const projects = await this.routes.projects();
      await Promise.all(projects.map(project => this.readTargets(project)));
      if (turn !== this.asked) {
        return; // an older answer, or another one is on its way
      }
      this.projects = projects;
      projects.forEach(project => project.failures.forEach(moment => this.recall(moment)));
      this.error = null;
    } catch (error) {
      if (turn !== this.asked) {
        return;
      }
      this.error = (error as Error).message; // what was read before stays
    }
    this.isLoaded = true;
    this.tell();
    await this.lookAtEnvironments();
  }

  /**
   * Ask whether the environments of all projects, or of the one in a folder, are as the files want them: now, or when
   * the panel is shown, since an engine is asked.
   */
  async lookAtEnvironments(projectDir?: string): Promise<void> {
    const projects = this.projects.filter(({ project_dir }) => projectDir === undefined || project_dir === projectDir);
    projects.forEach(({ project_dir }) => this.unseen.add(project_dir));
    await this.lookIfShown();
  }

  /** Read the compute targets of a project anew, too: somebody started or stopped one. */
  async lookAtTargets(projectDir: string): Promise<void> {
    this.unread.add(projectDir);
    await this.lookAtEnvironments(projectDir);
  }

  /** Somebody looks at the panel, or nobody does any more. What was seen long ago is looked at again. */
  async show(isShown: boolean): Promise<void> {
    this.isShown = isShown;
    if (isShown) {
      this.tell(); // clocks stood still
      this.projects.filter(project => this.isOld(project)).forEach(({ project_dir }) => this.unseen.add(project_dir));
    }
    await this.lookIfShown();
  }

  /** Show a compute target so until something has ended. */
  async during<T>({ project_dir }: Project, { name }: Target, doing: Doing, work: () => Promise<T>): Promise<T> {
    const key = keyOf(project_dir, name);
    this.doing.set(key, doing);
    this.tell();
    try {
      return await work();
    } finally {
      this.doing.delete(key);
      this.tell();
    }
  }

  takeKernels(kernels: Iterable<ListedKernel>): void {
    this.kernels = [...kernels];
    const ids = new Set(this.kernels.map(kernel => kernel.id));
    [...this.heard.keys()].filter(id => !ids.has(id)).forEach(id => this.heard.delete(id));
    this.tell();
  }

  /** `paths` has those of the notebooks, by the id of their kernel. */
  takePaths(paths: Map<string, string>): void {
    this.paths = paths;
    this.tell();
  }

  /** What a notebook of this page hears of its kernel comes sooner than the list; null when it hears nothing more. */
  takeStatus(kernelId: string, status: string | null): void {
    if (status === null || status === 'unknown') {
      this.heard.delete(kernelId);
    } else {
      this.heard.set(kernelId, status);
    }
    this.tell();
  }

  /** Ask what the running kernels use. */
  async measure(): Promise<void> {
    try {
      this.usages = new Map((await this.routes.usage()).map(usage => [usage.id, usage]));
    } catch {
      this.usages.clear(); // no number is shown then
    }
    this.tell();
  }

  /** One project whose files went away meanwhile keeps what was read before; the others are not kept waiting. */
  private async readTargets({ project_dir, project }: Project): Promise<void> {
    const isLast = this.reads.begin(project_dir);
    this.unread.delete(project_dir);
    try {
      const targets = await this.routes.targets(project_dir);
      if (isLast()) {
        this.targets.set(project_dir, targets);
      }
    } catch (error) {
      console.warn(`jupyter_workbench: the compute targets of ${project} could not be listed`, error);
    }
  }

  /** A kernel that starts starts its compute target. */
  private take({ id, kind, projectDir, runConfiguration, outcome }: Start): void {
    const key = keyOf(projectDir, runConfiguration);
    if (outcome === 'failed') {
      this.failed.set(key, id);
    } else {
      this.failed.delete(key);
    }
    if (kind !== 'kernel') {
      return;
    }
    const started = (this.targets.get(projectDir) ?? []).map(target =>
      target.run_configurations.includes(runConfiguration) ? { ...target, stopped: false } : target
    );
    this.targets.set(projectDir, started);
  }

  /** What failed before this page was opened. An answer may be older than what began meanwhile. */
  private recall(moment: KernelProgress): void {
    const key = keyOf(moment.project_dir, moment.run_configuration);
    const isBegunAgain = this.starts.underWay.some(start => keyOf(start.projectDir, start.runConfiguration) === key);
    if (!isBegunAgain && !this.failed.has(key)) {
      this.failed.set(key, this.starts.recall(moment).id);
    }
  }

  private failureOf(key: string): Start | null {
    const id = this.failed.get(key);
    return (id !== undefined && this.starts.failures.find(start => start.id === id)) || null;
  }

  private async lookIfShown(): Promise<void> {
    if (this.isShown) {
      const projects = this.projects.filter(({ project_dir }) => this.unseen.has(project_dir));
      this.unseen.clear();
      await Promise.all(projects.map(project => this.lookAt(project)));
    }
  }

  private async lookAt(project: Project): Promise<void> {
    const isUnread = this.unread.has(project.project_dir);
    const reading = isUnread ? this.readTargets(project).then(() => this.tell()) : null;
    await Promise.all([reading, this.lookAtEngine(project)]);
  }

  /** The last look counts; without an answer what was seen before stays. */
  private async lookAtEngine({ project_dir, project }: Project): Promise<void> {
    const isLast = this.looks.begin(project_dir);
    this.lookedAt.set(project_dir, this.now());
    try {
      const found = await this.routes.environmentStates(project_dir);
      if (isLast()) {
        this.environments.set(project_dir, new Map(found.map(state => [state.run_configuration, state])));
        this.tell();
      }
    } catch (error) {
      console.warn(`jupyter_workbench: the environments of ${project} could not be looked at`, error);
    }
  }

  private isOld({ project_dir }: Project): boolean {
    return this.now() - (this.lookedAt.get(project_dir) ?? 0) > FRESH_MS;
  }

  private tell(): void {
    this._changed.emit();
  }
}

function keyOf(project: string, name: string): string {
  return JSON.stringify([project, name]);
}
