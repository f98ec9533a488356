/** The two indicators of Azure Machine Learning's notebooks, and the one of the environment: a colour and a word each. */

import type { Start } from '../starting/starts';
import type { TranslationBundle } from '../text';
import type { EnvironmentState, Prepared, RunConfiguration, Target } from '../tokens';

/** Of a compute target; those of a cluster that comes and goes are here too. */
export type TargetState =
  | 'running'
  | 'failed'
  | 'stopped'
  | 'creating'
  | 'starting'
  | 'restarting'
  | 'setting up'
  | 'deleting'
  | 'stopping';

/** Of a kernel; JupyterLab's words in fewer ones. */
export type KernelStatus = 'idle' | 'busy' | 'starting' | 'restarting' | 'dead' | 'unknown';

export type Colour = 'green' | 'red' | 'black' | 'lightblue' | 'grey';

/** A dot and the word beside it; `about` says whose word it is to those who do not see where it stands. */
export interface Indicator {
  about: string;
  colour: Colour;
  text: string;
}

const TARGET_COLOURS: Record<TargetState, Colour> = {
  running: 'green',
  failed: 'red',
  stopped: 'black',
  creating: 'lightblue',
  starting: 'lightblue',
  restarting: 'lightblue',
  'setting up': 'lightblue',
  deleting: 'grey',
  stopping: 'grey'
};

/** What this page does to a compute target until the server has answered. */
export type Doing = 'starting' | 'stopping' | 'deleting';

/** What is known of a compute target beside its files. */
export interface Surroundings {
  doing: Doing | null;
  /** What is being prepared or started on it. */
  start: Pick<Start, 'kind' | 'moment'> | null;
  kernels: readonly KernelStatus[];
  /** What its engine answered last. */
  engine: EnvironmentState['engine'];
  /** Whether the last start or preparation on it failed. */
  hasFailed: boolean;
}

type Known = Pick<Target, 'status' | 'type' | 'stopped'>;

/** A target of this machine runs as long as the server does; one with an engine until that or somebody stops it. */
export function targetState({ status, type, stopped }: Known, seen: Surroundings): TargetState {
  if (seen.doing !== null) {
    return seen.doing;
  }
  if (status !== 'ready') {
    return 'failed';
  }
  if (type !== 'local' && seen.kernels.includes('restarting')) {
    return 'restarting'; // a new container takes over
  }
  if (seen.start !== null) {
    return startingState(seen.start);
  }
  if (seen.kernels.length > 0) {
    return 'running';
  }
  if (seen.engine === 'stopped' || seen.engine === 'failed') {
    return seen.engine;
  }
  return stopped ? 'stopped' : seen.hasFailed ? 'failed' : 'running';
}

/** An image that is fetched is a target that comes into being; what is put into it sets it up. */
function startingState({ kind, moment }: Pick<Start, 'kind' | 'moment'>): TargetState {
  if (moment.step === 'image') {
    return 'creating';
  }
  return kind === 'preparation' || moment.step === 'environment' ? 'setting up' : 'starting';
}

export function targetIndicator(state: TargetState, trans: TranslationBundle): Indicator {
  return { about: trans.__('Compute target'), colour: TARGET_COLOURS[state], text: targetWord(state, trans) };
}

/** One kernel of several: the busiest is told, and how many there are. */
export function kernelIndicator(statuses: KernelStatus[], trans: TranslationBundle): Indicator {
  const status = ORDER.find(one => statuses.includes(one));
  const isConnected = status === 'busy' || status === 'idle';
  const word = kernelWord(status, trans);
  return {
    about: trans.__('Kernel'),
    colour: isConnected ? 'green' : 'grey',
    text: statuses.length > 1 ? trans.__('%1 (%2)', word, statuses.length) : word
  };
}

const ORDER: KernelStatus[] = ['busy', 'idle', 'restarting', 'starting', 'unknown', 'dead'];

/** While something is prepared for it that is told instead. */
export function environmentIndicator(
  state: Prepared | 'preparing' | undefined,
  trans: TranslationBundle
): Indicator | null {
  const about = trans.__('Environment');
  switch (state) {
    case 'prepared':
      return { about, colour: 'green', text: trans.__('prepared') };
    case 'stale':
      return { about, colour: 'red', text: trans.__('changed') };
    case 'missing':
      return { about, colour: 'black', text: trans.__('not prepared') };
    case 'preparing':
      return { about, colour: 'lightblue', text: trans.__('being prepared') };
    case 'unneeded':
      return { about, colour: 'green', text: trans.__('nothing to prepare') };
    case 'unknown':
      return { about, colour: 'grey', text: trans.__('unknown') };
    default:
      return null;
  }
}

/** The kind of a compute target, in words of users. */
export function kindOf(type: string | null, trans: TranslationBundle): string {
  switch (type) {
    case 'local':
      return trans.__('this machine');
    case 'docker':
      return trans.__('Docker');
    case 'remotedocker':
      return trans.__('Docker on another machine');
    case 'cluster':
      return trans.__('Spark cluster');
    case 'remote':
      return trans.__('another machine');
    default:
      return type ?? trans.__('unknown kind');
  }
}

/** JupyterLab has more words for the states of a kernel than anybody wants to read. */
export function kernelStatus(told: string | undefined): KernelStatus {
  switch (told) {
    case 'idle':
    case 'busy':
    case 'starting':
    case 'restarting':
    case 'dead':
      return told;
    case 'autorestarting':
      return 'restarting';
    case 'terminating':
      return 'dead';
    default:
      return 'unknown';
  }
}

/** Why a run configuration is not ready, shortly. */
export function statusWord({ status }: Pick<RunConfiguration, 'status'>, trans: TranslationBundle): string | null {
  switch (status) {
    case 'problem':
      return trans.__('has problems');
    case 'unsupported':
      return trans.__('not supported yet');
    default:
      return null;
  }
}

function targetWord(state: TargetState, trans: TranslationBundle): string {
  switch (state) {
    case 'running':
      return trans.__('running');
    case 'failed':
      return trans.__('failed');
    case 'stopped':
      return trans.__('stopped');
    case 'creating':
      return trans.__('creating');
    case 'starting':
      return trans.__('starting');
    case 'restarting':
      return trans.__('restarting');
    case 'setting up':
      return trans.__('setting up');
    case 'deleting':
      return trans.__('deleting');
    case 'stopping':
      return trans.__('stopping');
  }
}

function kernelWord(status: KernelStatus | undefined, trans: TranslationBundle): string {
  switch (status) {
    case 'idle':
      return trans.__('connected, idle');
    case 'busy':
      return trans.__('connected, busy');
    case 'starting':
      return trans.__('starting');
    case 'restarting':
      return trans.__('restarting');
    case 'dead':
      return trans.__('dead');
    case 'unknown':
      return trans.__('connecting');
    default:
      return trans.__('not connected');
  }
}
