/** What can be done with compute targets as wholes: start, stop, attach and detach. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { ServiceManager } from '@jupyterlab/services';

import { confirm } from '../confirming';
import type { TranslationBundle } from '../text';
import type { Project, StoppedTarget, Target } from '../tokens';
import { AttachForm } from './attach_form';
import { fillIn } from './attach_view';
import type { PanelRoutes } from './routes';
import type { PanelState } from './state';

export class TargetDeeds {
  constructor(
    private readonly services: ServiceManager.IManager,
    private readonly routes: PanelRoutes,
    private readonly state: PanelState,
    private readonly say: (text: string) => void,
    private readonly trans: TranslationBundle
  ) {}

  /** Its kernels start at once then; the preparations tell themselves what came of them. */
  async start(project: Project, target: Target): Promise<void> {
    const { trans } = this;
    const begun = await this.state.during(project, target, 'starting', () =>
      this.routes.start(project.project_dir, target.name)
    );
    this.say(
      begun.length > 0
        ? trans.__('%1 is being started.', target.name)
        : trans.__('The engine of %1 answers. No run configuration uses it yet.', target.name)
    );
    await this.state.load();
  }

  async stop(project: Project, target: Target): Promise<void> {
    const { trans } = this;
    const kernels = this.kernelsOn(project, target);
    if (kernels > 0) {
      const body = trans._n(
        '%1 kernel is shut down. All its variables will be lost.',
        '%1 kernels are shut down. All their variables will be lost.',
        kernels
      );
      if (!(await confirm(trans.__('Stop %1?', target.name), body, trans.__('Stop'), trans))) {
        return;
      }
    }
    const ended = await this.state.during(project, target, 'stopping', async () => {
      const answer = await this.routes.stop(project.project_dir, target.name);
      await Promise.all([this.services.sessions.refreshRunning(), this.services.kernels.refreshRunning()]);
      return answer;
    });
    this.say(this.stopText(target, ended));
    await this.state.load();
  }

  /** Asks again, with what was filled in, until it is attached or given up. */
  async attach(project: Project): Promise<void> {
    const form = new AttachForm(draft => this.routes.mistakes(project.project_dir, draft));
    while (await fillIn(form, project, this.trans)) {
      try {
        const files = await this.routes.attach(project.project_dir, form.draft);
        this.say(this.trans.__('Written: %1.', files.join(', ')));
        await this.state.load();
        return;
      } catch (error) {
        form.refuse((error as Error).message);
      }
    }
  }

  async detach(project: Project, target: Target): Promise<void> {
    const { trans } = this;
    const { name, file, run_configurations } = target;
    const others = run_configurations.filter(one => one !== name);
    if (others.length > 0) {
      await showDialog({
        title: trans.__('%1 is in use', name),
        body: trans.__(
          'These run configurations use it: %1. Give them another Target, or remove their files, before you detach it.',
          others.join(', ')
        ),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
      return;
    }
    const body = run_configurations.includes(name)
      ? trans.__('%1 and the run configuration of its name are removed from the project.', file)
      : trans.__('%1 is removed from the project.', file);
    const kept = trans.__('What you have changed in them is kept in a file beside. Runs stay in the history.');
    if (await confirm(trans.__('Detach %1?', name), `${body} ${kept}`, trans.__('Detach'), trans)) {
      const detach = () => this.routes.detach(project.project_dir, name);
      this.say((await this.state.during(project, target, 'deleting', detach)).join('\n'));
      await this.state.load();
    }
  }

  private kernelsOn(project: Project, target: Target): number {
    const rows = project.run_configurations.filter(row => row.target === target.name).map(row => row.name);
    return this.state.moment.kernels.filter(kernel => rows.includes(kernel.name)).length;
  }

  private stopText({ name }: Target, { kernels, failed, others, unknown }: StoppedTarget): string {
    const { trans } = this;
    const ended = trans._n('%1 kernel shut down', '%1 kernels shut down', kernels.length);
    const isStopped = failed.length === 0;
    const lines = [isStopped ? trans.__('%1 is stopped: %2.', name, ended) : trans.__('%1 is not stopped: %2.', name, ended)];
    if (others.length > 0) {
      lines.push(trans.__('Other programs go on there: %1.', others.join(', ')));
    }
    return [...lines, ...failed, ...unknown].join('\n');
  }
}
