/** What the tree of the panel is made of. */

import type { Start } from '../starting/starts';
import type { Problem, Project, RunConfiguration, Target } from '../tokens';
import type { Indicator, TargetState } from './indicators';
import type { RunningKernel } from './state';

/** What an item stands for, and so what can be done with it. */
export type Subject =
  | { kind: 'project'; project: Project }
  | { kind: 'target'; project: Project; target: Target; state: TargetState }
  | { kind: 'configuration'; project: Project; row: RunConfiguration; start: Start | null; failure: Start | null }
  | { kind: 'failure'; project: Project; failure: Start }
  | { kind: 'kernel'; project: Project; row: RunConfiguration; kernel: RunningKernel }
  | { kind: 'problems'; project: Project }
  | { kind: 'problem'; project: Project; problem: Problem };

/** One line of the tree. */
export interface Item {
  /** The same for the same thing, however the tree changes. */
  id: string;
  subject: Subject;
  label: string;
  /** Plain words after the label. */
  details: string[];
  indicators: Indicator[];
  children: Item[];
}
