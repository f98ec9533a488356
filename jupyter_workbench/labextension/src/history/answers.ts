/** What the routes of the run history answer; docs/reference/run-history.md has the words. */

export type RunStatus = 'Running' | 'Completed' | 'Failed' | 'Canceled';
export type Kind = 'number' | 'text' | 'bool' | 'null' | 'list' | 'dict' | 'table' | 'image';

/** A number, with words for those that JSON cannot write. */
export type Numeric = number | 'NaN' | 'Infinity' | '-Infinity';

/** What a run logged under one name, in short. */
export interface Summary {
  kind: Kind;
  count: number;
  /** Of a list or dict its length, of a table its rows, of an image the path of the output. */
  last: unknown;
  min: Numeric | null;
  max: Numeric | null;
}

export interface RunError {
  name: string | null;
  message: string | null;
}

/** What a row of a page and a whole run have in common. */
interface RunBase {
  run_id: string;
  run_number: number;
  experiment: string | null;
  status: RunStatus;
  script_name: string | null;
  start_time_utc: string;
  /** null while it runs. */
  duration_seconds: number | null;
  run_configuration: string;
  target: string;
  user: string | null;
  note: string | null;
  tags: Record<string, string>;
  error: RunError | null;
  /** The id of the cell, where the client tells it. */
  cell: string | null;
  /** Grows with each change of any run of the project. */
  revision: number;
  metrics: Record<string, Summary>;
}

/** A row of a page; `outputs` counts them. */
export interface RunRow extends RunBase {
  outputs: number;
}

/** The newest run of a cell. */
export type RunOfCell = Pick<RunRow, 'run_id' | 'run_number' | 'status'> & { cell: string };

/** One page; `total` counts all runs that fit. */
export interface RunPage {
  total: number;
  runs: RunRow[];
}

export interface Output {
  path: string;
  size: number;
  sha256: string;
  state: 'waiting' | 'kept' | 'lost';
  /** Why it is lost. */
  problem: string | null;
}

export interface Git {
  commit: string | null;
  branch: string | null;
  remote: string | null;
  dirty: boolean | null;
  problem: string | null;
  has_diff: boolean;
}

/** All that is known of a run. */
export interface Run extends RunBase {
  end_time_utc: string | null;
  deleted_utc: string | null;
  framework: string;
  host: string | null;
  kernel_id: string | null;
  python: string | null;
  ipykernel: string | null;
  outputs: Output[];
  source: string;
  /** So many characters of it are not here: `texts/source` has them all. */
  source_omitted: number;
  execution_count: number | null;
  usage: Record<string, number>;
  git: Git;
  environment: string | null;
  packages: string[];
  variables: string[];
  stdout: string;
  stdout_omitted: number;
  stderr: string;
  stderr_omitted: number;
  traceback: string | null;
  incomplete: string | null;
}

/** A name that runs logged, and how many of them did. */
export interface LoggedName {
  name: string;
  kind: Kind;
  runs: number;
}

/** What there is to filter by. */
export interface Choices {
  experiment: string[];
  notebook: string[];
  run_configuration: string[];
  target: string[];
  status: string[];
  user: string[];
  tags: Record<string, string[]>;
}

/** Values in order of logging: step, seconds since 1970, value. */
export interface Series {
  name: string;
  kind: Kind;
  count: number;
  sampled: boolean;
  points: [Numeric | null, number, unknown][];
}

export interface PackageChanges {
  added: string[];
  /** Name, version of the first run, version of this one. */
  changed: [string, string, string][];
  removed: string[];
}

/** Runs side by side: every list has one item a run. */
export interface Comparison {
  runs: RunRow[];
  metrics: Record<string, (Summary | null)[]>;
  properties: Record<string, unknown[]>;
  /** Keys that are not the same in all runs, metrics as `metric:NAME`. */
  differs: string[];
  source_diff: (string | null)[];
  packages: (PackageChanges | null)[];
  images: Record<string, (string | null)[]>;
}

export type Text = 'source' | 'stdout' | 'stderr' | 'traceback' | 'diff' | 'packages';
