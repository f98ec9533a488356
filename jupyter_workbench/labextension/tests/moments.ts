/** Moments of starts, as the server tells them. */

import type { KernelProgress } from '../src/tokens';

export function moment(told: Partial<KernelProgress>): KernelProgress {
  return {
    kernel_id: 'k',
    preparation_id: null,
    project: 'myIris',
    project_dir: '/home/you/myIris',
    run_configuration: 'docker',
    state: 'preparing',
    step: null,
    message: null,
    done: null,
    total: null,
    unit: null,
    elapsed: 0,
    reason: null,
    ...told
  };
}
