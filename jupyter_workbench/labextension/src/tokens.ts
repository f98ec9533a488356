/**
 * What REST and events say, and the tokens that plugins share: one place for the types of both sides of the wire.
 * docs/reference/rest.md has the words.
 */

/** `kernels_changed/v1`: the kernels of projects, as they are now. */
export interface KernelsChanged {
  kernel_names: string[];
}

export type Step = 'engine' | 'image' | 'environment' | 'project' | 'kernel';
export type KernelState = 'preparing' | 'starting' | 'running' | 'dead';
export type PreparationState = 'running' | 'done' | 'failed' | 'cancelled';

/** How far something is; `done` of `total` in `unit`, null where nobody knows. `elapsed` is in seconds. */
export interface Progress {
  step: Step | null;
  message: string | null;
  done: number | null;
  total: number | null;
  unit: 'bytes' | 'packages' | 'files' | null;
  elapsed: number;
}

/** `kernel_progress/v1`: a moment of a kernel or of a preparation; the id of the other one is null. */
export interface KernelProgress extends Progress {
  kernel_id: string | null;
  preparation_id: string | null;
  project: string;
  /** The folder of the project, which tells it from others of the same name. */
  project_dir: string;
  run_configuration: string;
  state: KernelState | PreparationState;
  /** Why a kernel is dead or a preparation failed, several lines. */
  reason: string | null;
}

/** `targets_changed/v1`: a compute target was started or stopped, or environments were removed. */
export interface TargetsChanged {
  project_dir: string;
}

/** `runs_changed/v1`: `run_ids` is null when there are more than a thousand. */
export interface RunsChanged {
  project_dir: string;
  run_ids: string[] | null;
}

/** `history_problem/v1`: `problem` is null when the history is well again. */
export interface HistoryProblem {
  project_dir: string;
  problem: string | null;
}

/** What keeps a file of a project from being used: `file` is relative to the project, `line` counts from 1. */
export interface Problem {
  file: string;
  line: number | null;
  key: string | null;
  message: string;
}

export type Status = 'ready' | 'problem' | 'unsupported';

/** A run configuration, which is a kernel; `name` is the kernel's. */
export interface RunConfiguration {
  name: string;
  display_name: string;
  project: string;
  project_dir: string;
  run_configuration: string;
  target: string | null;
  target_type: string | null;
  framework: string | null;
  status: Status;
  problems: Problem[];
}

/**
 * `GET projects`. `path` leads to the project in the server's file browser: "" is the root folder itself; null when
 * the project is above the root, where its files cannot be opened.
 */
export interface Project {
  project: string;
  project_dir: string;
  path: string | null;
  /** Why the run history cannot be written now. */
  history_problem: string | null;
  /** What failed last for each run configuration, the oldest first. */
  failures: KernelProgress[];
  problems: Problem[];
  run_configurations: RunConfiguration[];
}

/** A compute target; `settings` has every setting that holds, under the key of the file. */
export interface Target {
  name: string;
  type: string | null;
  file: string;
  status: Status;
  run_configurations: string[];
  problems: Problem[];
  /** Whether somebody stopped it, and nothing started it since. */
  stopped: boolean;
  settings: Record<string, unknown>;
}

/** What a compute target has to run kernels with; null where nobody knows. Sizes are in bytes. */
export interface TargetDetails {
  cores: number | null;
  memory: number | null;
  disk: { folder: string; total: number; free: number } | null;
  /** Without `id` the engine does not have it yet. */
  image: { name: string; id: string | null; size: number | null } | null;
  python: string | null;
  problem: string | null;
}

/** A compute target that is being filled in: `settings` by keys of its file, where an empty one counts as none. */
export interface Draft {
  name: string;
  type: string;
  settings: Record<string, string | string[] | boolean | null>;
}

/** A message for each field that is wrong: `name`, `type` or a key of the file. */
export type Mistakes = Record<string, string>;

/** What a stop of a compute target ended; `failed` kernels and `others`, containers of other programs, go on. */
export interface StoppedTarget {
  kernels: string[];
  preparations: string[];
  failed: string[];
  removed: string[];
  others: string[];
  unknown: string[];
}

/** One answer of a test of a compute target; `fix` says what to do, null where all is well. */
export interface Check {
  name: string;
  ok: boolean;
  message: string;
  fix: string | null;
}

export interface Preparation {
  id: string;
  project: string;
  project_dir: string;
  run_configuration: string;
  upgrade: boolean;
  state: PreparationState;
  progress: Progress;
  /** What came of it, null while it runs. */
  message: string | null;
}

/** An environment that is built; sizes are in bytes, `own_size` is what no other environment has. */
export interface Environment {
  fingerprint: string;
  python: string;
  image: string | null;
  packages: { name: string; version: string }[];
  spark: { version: string; java: string } | null;
  size: number;
  own_size: number;
  created_utc: string;
  run_configurations: string[];
  kernels: string[];
}

/** What was told while something started; `elapsed` is in seconds, `left_out` counts older lines. */
export interface StartLines {
  left_out: number;
  lines: { elapsed: number; text: string }[];
}

export type Prepared = 'prepared' | 'stale' | 'missing' | 'unneeded' | 'unknown';

/** Whether the environment of a run configuration is there as its files want it. */
export interface EnvironmentState {
  run_configuration: string;
  state: Prepared;
  fingerprint: string | null;
  /** A sentence for each difference to what was prepared before, where `state` is `stale`. */
  changes: string[];
  /** Why nobody knows, or why it is missing; null where there is nothing to say. */
  message: string | null;
  /** Whether the engine of the compute target answers; null where there is none to ask. */
  engine: 'running' | 'stopped' | 'failed' | null;
}

/** A kernel of a run configuration as `GET kernels` lists it; names are null where its run configuration is gone. */
export interface Kernel {
  id: string;
  state: KernelState;
  /** Why it is dead. */
  reason: string | null;
  /** Null when nothing was told of its start. */
  progress: Progress | null;
  project: string | null;
  project_dir: string | null;
  run_configuration: string | null;
}

/** What a running kernel uses now, its children included; null where nobody knows. */
export interface KernelUsage {
  id: string;
  name: string;
  /** Bytes. */
  memory: number | null;
  /** Of one core: 200 is two cores. */
  cpu_percent: number | null;
}

/** What a removal of environments did. */
export interface Pruned {
  removed: string[];
  bytes: number;
  kept: { fingerprint: string; reason: string }[];
  unknown: string[];
}
