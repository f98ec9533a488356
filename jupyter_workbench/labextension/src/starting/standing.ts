/** What the server says of its starts when it is asked, as moments: those that were told while nobody listened. */

import type { Kernel, KernelProgress, Preparation, Progress } from '../tokens';

const NOTHING_TOLD: Progress = { step: null, message: null, done: null, total: null, unit: null, elapsed: 0 };

export function momentsOf(kernels: Kernel[], preparations: Preparation[]): KernelProgress[] {
  return [...kernels.map(momentOfKernel), ...preparations.map(momentOfPreparation)];
}

function momentOfKernel({ id, state, reason, progress, project, project_dir, run_configuration }: Kernel): KernelProgress {
  return {
    ...(progress ?? NOTHING_TOLD),
    kernel_id: id,
    preparation_id: null,
    project: project ?? '',
    project_dir: project_dir ?? '',
    run_configuration: run_configuration ?? '',
    state,
    reason
  };
}

function momentOfPreparation(told: Preparation): KernelProgress {
  const { id, state, message, progress, project, project_dir, run_configuration } = told;
  return {
    ...progress,
    message: state === 'done' || state === 'cancelled' ? message : progress.message,
    kernel_id: null,
    preparation_id: id,
    project,
    project_dir,
    run_configuration,
    state,
    reason: state === 'failed' ? message : null
  };
}
