/** What can be done with the items of the panel. Whatever goes wrong is told to who asked for it. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { KernelAPI } from '@jupyterlab/services';

import { confirm } from '../confirming';
import { CommandIDs } from '../history/commands';
import { openPlace } from '../opening';
import { StartCommands } from '../starting/commands';
import type { Start } from '../starting/starts';
import { telling } from '../telling';
import type { TranslationBundle } from '../text';
import type { Environment, Project, RunConfiguration, Target } from '../tokens';
import { textOfPruned } from './pruned';
import type { PanelRoutes } from './routes';
import type { PanelState, RunningKernel } from './state';
import { factsOfChecks, factsOfTarget, tell } from './told';

/** Says what came of something, without a dialog. */
export type Say = (text: string) => void;

export class Deeds {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly routes: PanelRoutes,
    private readonly state: PanelState,
    private readonly documents: IDocumentManager,
    private readonly say: Say,
    private readonly trans: TranslationBundle
  ) {}

  /** In the folder of the project, or in the root folder where that is above. */
  async startNotebook(project: Project, { name }: RunConfiguration): Promise<void> {
    await this.app.commands.execute('notebook:create-new', { cwd: project.path ?? '', kernelName: name });
  }

  /** False where the plugin of the run history is turned off. */
  get hasHistory(): boolean {
    return this.app.commands.hasCommand(CommandIDs.open);
  }

  async openHistory({ project_dir }: Project): Promise<void> {
    await this.app.commands.execute(CommandIDs.open, { project: project_dir });
  }

  async prepare({ project_dir, run_configuration }: RunConfiguration): Promise<void> {
    await this.routes.prepare(project_dir, run_configuration);
  }

  async cancel({ id }: Start): Promise<void> {
    await this.app.commands.execute(StartCommands.cancel, { id });
  }

  async showLog({ id }: Start): Promise<void> {
    await this.app.commands.execute(StartCommands.showLog, { id });
  }

  async showReason({ id }: Start): Promise<void> {
    await this.app.commands.execute(StartCommands.showReason, { id });
  }

  async test({ project_dir }: Project, { name }: Target): Promise<void> {
    this.say(this.trans.__('Testing %1…', name));
    const checks = await this.routes.test(project_dir, name).catch((error: unknown) => {
      this.say('');
      throw error;
    });
    const isWell = checks.every(check => check.ok);
    this.say(isWell ? this.trans.__('%1 can run kernels.', name) : this.trans.__('%1 cannot run kernels now.', name));
    await tell(this.trans.__('Test of %1', name), factsOfChecks(checks, this.trans), this.trans);
  }

  /** An engine need not answer: the settings are shown all the same. */
  async show(project: Project, target: Target): Promise<void> {
    const details = await this.routes.details(project.project_dir, target.name);
    const hasEnvironments = target.type === 'docker' && details.problem === null;
    const environments = hasEnvironments ? await this.environmentsOf(project, target) : [];
    const facts = factsOfTarget(target, details, environments, this.trans);
    await tell(this.trans.__('Compute target %1', target.name), facts, this.trans);
  }

  async open(project: Project, file: string, line: number): Promise<void> {
    await openPlace(this.documents, project, { file, line }, this.trans);
  }

  openNotebook({ path }: RunningKernel): void {
    if (path !== null) {
      this.documents.openOrReveal(path);
    }
  }

  async interrupt({ id }: RunningKernel): Promise<void> {
    await KernelAPI.interruptKernel(id, this.app.serviceManager.serverSettings);
  }

  async restart({ id, path }: RunningKernel): Promise<void> {
    if (await confirm(this.trans.__('Restart the kernel?'), this.lost(path), this.trans.__('Restart'), this.trans)) {
      // A notebook that is open waits for its cells for ever when others restart its kernel.
      const kernel = this.inNotebook(id)?.session?.kernel;
      await (kernel ? kernel.restart() : KernelAPI.restartKernel(id, this.app.serviceManager.serverSettings));
    }
  }

  async shutDown({ id, path }: RunningKernel): Promise<void> {
    if (await confirm(this.trans.__('Shut the kernel down?'), this.lost(path), this.trans.__('Shut Down'), this.trans)) {
      await this.app.serviceManager.kernels.shutdown(id);
      await this.app.serviceManager.sessions.refreshRunning();
    }
  }

  /** Remove the environments that nobody needs. */
  async clean(): Promise<void> {
    const trans = this.trans;
    const body = trans.__(
      'All environments on the Docker engine are removed that no run configuration of the projects shown here needs ' +
        'and no kernel runs in. Whoever needs one again waits until it is built anew.'
    );
    if (!(await confirm(trans.__('Remove unused environments?'), body, trans.__('Remove'), trans))) {
      return;
    }
    this.say(textOfPruned(await this.routes.prune(), trans));
    await this.state.lookAtEnvironments();
  }

  /** Do something that may fail. */
  async telling(deed: () => Promise<void> | void): Promise<void> {
    await telling(deed);
  }

  private async environmentsOf({ project, project_dir }: Project, target: Target): Promise<Environment[]> {
    const users = target.run_configurations.map(name => `${project} ${name}`);
    const all = await this.routes.environments(project_dir);
    return all.filter(one => one.run_configurations.some(name => users.includes(name)));
  }

  /** The session of the notebook of a kernel, where that is open on this page. */
  private inNotebook(kernelId: string): ISessionContext | undefined {
    const path = this.state.moment.kernels.find(kernel => kernel.id === kernelId)?.path ?? null;
    const context = path === null ? undefined : this.documents.findWidget(path)?.context.sessionContext;
    return context?.session?.kernel?.id === kernelId ? context : undefined;
  }

  private lost(path: string | null): string {
    return path === null
      ? this.trans.__('All its variables will be lost.')
      : this.trans.__('All variables of %1 will be lost.', path);
  }
}
