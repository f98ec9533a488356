/** The commands of the panel: in the palette, in the menu of each item, and behind Enter. */

import type { CommandRegistry } from '@lumino/commands';

import type { Start } from '../starting/starts';
import type { TranslationBundle } from '../text';
import type { Target } from '../tokens';
import type { Deeds } from './deeds';
import type { Item, Subject } from './items';
import type { PanelState } from './state';
import type { TargetDeeds } from './target_deeds';

export const SHOW = 'workbench:show-panel';
export const LOOK = 'workbench:look-again';

/** One command: what it is called, and what it does with an item; null where it does nothing. */
interface Offer {
  id: string;
  label: string;
  doing: (subject: Subject) => (() => Promise<void> | void) | null;
}

export class PanelCommands {
  private readonly offers: Offer[];
  /** What is being done: each command on each item once at a time. */
  private readonly underWay = new Set<string>();

  constructor(
    private readonly deeds: Deeds,
    private readonly targets: TargetDeeds,
    private readonly state: PanelState,
    trans: TranslationBundle
  ) {
    this.offers = this.all(trans);
  }

  /** The ids of the commands, as a palette lists them. */
  get ids(): string[] {
    return this.offers.map(offer => offer.id);
  }

  /** `current` is the item that a command acts on. */
  addTo(commands: CommandRegistry, current: () => Item | null): void {
    for (const { id, label, doing } of this.offers) {
      const doingNow = () => {
        const item = current();
        const key = `${id} ${item?.id}`;
        const deed = item === null || this.underWay.has(key) ? null : doing(item.subject);
        return deed && (() => this.once(key, deed));
      };
      commands.addCommand(id, {
        label,
        isEnabled: () => doingNow() !== null,
        execute: async () => {
          const deed = doingNow();
          if (deed !== null) {
            await this.deeds.telling(deed);
          }
        }
      });
    }
  }

  private async once(key: string, deed: () => Promise<void> | void): Promise<void> {
    this.underWay.add(key);
    try {
      await deed();
    } finally {
      this.underWay.delete(key);
    }
  }

  /** What can be done with an item, the first being what Enter does. */
  of(item: Item): string[] {
    return this.offers.filter(offer => offer.doing(item.subject) !== null).map(offer => offer.id);
  }

  /** In the order of the menu. */
  private all(trans: TranslationBundle): Offer[] {
    const { deeds, targets } = this;
    return [
      {
        id: 'workbench:open-problem',
        label: trans.__('Open at the problem'),
        doing: on =>
          on.kind === 'problem' ? () => deeds.open(on.project, on.problem.file, on.problem.line ?? 1) : null
      },
      {
        id: 'workbench:cancel',
        label: trans.__('Cancel what is being prepared'),
        doing: on => (on.kind === 'configuration' && on.start !== null ? () => deeds.cancel(on.start!) : null)
      },
      {
        id: 'workbench:start-notebook',
        label: trans.__('New notebook with this run configuration'),
        doing: on =>
          on.kind === 'configuration' && on.row.status === 'ready' ? () => deeds.startNotebook(on.project, on.row) : null
      },
      {
        id: 'workbench:prepare',
        label: trans.__('Prepare the environment'),
        doing: on =>
          on.kind === 'configuration' && on.row.status === 'ready' && on.start?.kind !== 'preparation'
            ? () => deeds.prepare(on.row)
            : null
      },
      {
        id: 'workbench:show-reason',
        label: trans.__('Show reason'),
        doing: on => (on.kind === 'failure' ? () => deeds.showReason(on.failure) : null)
      },
      {
        id: 'workbench:show-log',
        label: trans.__('Show log'),
        doing: on => withStart(on, start => deeds.showLog(start))
      },
      {
        id: 'workbench:open-notebook',
        label: trans.__('Open the notebook of this kernel'),
        doing: on => (on.kind === 'kernel' && on.kernel.path !== null ? () => deeds.openNotebook(on.kernel) : null)
      },
      {
        id: 'workbench:interrupt',
        label: trans.__('Interrupt the kernel'),
        doing: on => (on.kind === 'kernel' ? () => deeds.interrupt(on.kernel) : null)
      },
      {
        id: 'workbench:restart',
        label: trans.__('Restart the kernel…'),
        doing: on => (on.kind === 'kernel' ? () => deeds.restart(on.kernel) : null)
      },
      {
        id: 'workbench:shut-down',
        label: trans.__('Shut the kernel down…'),
        doing: on => (on.kind === 'kernel' ? () => deeds.shutDown(on.kernel) : null)
      },
      {
        id: 'workbench:show-target',
        label: trans.__('Details of the compute target'),
        doing: on => this.withTarget(on, target => deeds.show(on.project, target))
      },
      {
        id: 'workbench:test-target',
        label: trans.__('Test the compute target'),
        doing: on => this.withTarget(on, target => deeds.test(on.project, target))
      },
      {
        id: 'workbench:start-target',
        label: trans.__('Start the compute target'),
        doing: on =>
          hasEngine(on) && (on.state === 'stopped' || on.state === 'failed')
            ? () => targets.start(on.project, on.target)
            : null
      },
      {
        id: 'workbench:stop-target',
        label: trans.__('Stop the compute target'),
        doing: on =>
          hasEngine(on) && !['stopped', 'stopping', 'deleting'].includes(on.state)
            ? () => targets.stop(on.project, on.target)
            : null
      },
      {
        id: 'workbench:edit-configuration',
        label: trans.__('Edit the run configuration'),
        doing: on =>
          on.kind === 'configuration'
            ? () => deeds.open(on.project, `aml_config/${on.row.run_configuration}.runconfig`, 1)
            : null
      },
      {
        id: 'workbench:edit-target',
        label: trans.__('Edit the compute target'),
        doing: on => this.withTarget(on, target => deeds.open(on.project, target.file, 1))
      },
      {
        id: 'workbench:open-history',
        label: trans.__('Run history of this project'),
        doing: on => (on.kind === 'project' && deeds.hasHistory ? () => deeds.openHistory(on.project) : null)
      },
      {
        id: 'workbench:attach-target',
        label: trans.__('Attach a compute target…'),
        doing: on => (on.kind === 'project' ? () => targets.attach(on.project) : null)
      },
      {
        id: 'workbench:detach-target',
        label: trans.__('Detach the compute target…'),
        doing: on => (on.kind === 'target' ? () => targets.detach(on.project, on.target) : null)
      },
      {
        id: 'workbench:clean',
        label: trans.__('Remove unused environments…'),
        doing: on => (on.kind === 'project' || on.kind === 'target' ? () => deeds.clean() : null)
      }
    ];
  }

  /** A run configuration offers what its compute target offers. */
  private withTarget(on: Subject, deed: (target: Target) => Promise<void>): (() => Promise<void>) | null {
    const target = on.kind === 'target' ? on.target : on.kind === 'configuration' ? this.targetOf(on) : undefined;
    return target === undefined ? null : () => deed(target);
  }

  private targetOf({ project, row }: Extract<Subject, { kind: 'configuration' }>): Target | undefined {
    return this.state.moment.targets(project.project_dir).find(target => target.name === row.target);
  }
}

/** What goes on for a run configuration, or what failed last. */
function withStart(on: Subject, deed: (start: Start) => Promise<void>): (() => Promise<void>) | null {
  const start = on.kind === 'failure' ? on.failure : on.kind === 'configuration' ? (on.start ?? on.failure) : null;
  return start && (() => deed(start));
}

/** A Python of this machine runs always; files with problems start nothing. */
function hasEngine(on: Subject): on is Extract<Subject, { kind: 'target' }> {
  return on.kind === 'target' && on.target.type === 'docker' && on.target.status === 'ready';
}
