/** Offers the matching kernel of its own project to a notebook that was saved with one of another project. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, type ISessionContext, ISessionContextDialogs, Notification, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { projectOf } from '../places';
import type { Rest } from '../rest';
import { IWorkbenchServer } from '../server';
import { translations, type TranslationBundle } from '../text';
import type { RunConfiguration } from '../tokens';
import { matching, type Saved } from './matching';

export const offering: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_workbench:kernels-matching',
  description: 'Offers a notebook that was saved with a kernel of another project the matching kernel of its own.',
  autoStart: true,
  requires: [IWorkbenchServer, ISessionContextDialogs, INotebookTracker],
  optional: [ITranslator],
  activate: (
    { serviceManager }: JupyterFrontEnd,
    { rest }: IWorkbenchServer,
    dialogs: ISessionContextDialogs,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ) => {
    const offer = new Offer(rest, notebooks, translations(translator));
    // JupyterLab asks which kernel to take where it does not have the saved one: it opens this dialog, and ends there.
    const select = dialogs.selectKernel.bind(dialogs);
    dialogs.selectKernel = async context => {
      const specs = serviceManager.kernelspecs.specs?.kernelspecs ?? {};
      const isMissing = !(context.kernelPreference.name! in specs);
      if (!isMissing || !(await offer.instead(context))) {
        await select(context);
      }
    };
    // Where it has a kernel of the other project, it starts that one.
    notebooks.widgetAdded.connect((_, panel) => {
      void panel.sessionContext.ready.then(() => offer.beside(panel));
    });
  }
};

class Offer {
  private readonly asked = new WeakSet<ISessionContext>();

  constructor(
    private readonly rest: Rest,
    private readonly notebooks: INotebookTracker,
    private readonly trans: TranslationBundle
  ) {}

  /** Ask in place of JupyterLab, once for each notebook; true when the user took the kernel. */
  async instead(context: ISessionContext): Promise<boolean> {
    if (context.type !== 'notebook' || context.session?.kernel || this.asked.has(context)) {
      return false;
    }
    this.asked.add(context);
    const saved = this.savedWith(context);
    const match = await this.match(context, saved);
    if (match === null || context.isDisposed) {
      return false;
    }
    const trans = this.trans;
    const answer = await showDialog({
      title: trans.__('Kernel of another project'),
      body: trans.__(
        'This notebook was saved with the kernel “%1”, which is not here. “%2” is the matching one of its project.',
        saved.display_name ?? saved.name,
        match.display_name
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Choose another kernel') }),
        Dialog.okButton({ label: trans.__('Use %1', match.display_name) })
      ]
    });
    if (answer.button.accept) {
      await changeKernel(context, match);
    }
    return answer.button.accept;
  }

  /** Tell of the better kernel, while that of the other project is there and may be meant. */
  async beside({ sessionContext: context }: NotebookPanel): Promise<void> {
    const name = context.session?.kernel?.name;
    if (name === undefined || context.isDisposed || this.asked.has(context)) {
      return;
    }
    const match = await this.match(context, { name }, true);
    if (match === null || context.isDisposed || this.asked.has(context)) {
      return;
    }
    this.asked.add(context);
    const trans = this.trans;
    const id = Notification.warning(
      trans.__('%1 runs on a kernel of another project: %2.', context.name, context.kernelDisplayName),
      {
        autoClose: false,
        actions: [
          {
            label: trans.__('Switch to %1', match.display_name),
            callback: () => void changeKernel(context, match),
            displayType: 'accent'
          }
        ]
      }
    );
    context.disposed.connect(() => Notification.dismiss(id));
    context.kernelChanged.connect(() => Notification.dismiss(id));
  }

  /**
   * With `isHere` the saved kernel has to be one of another project of this server. Nothing is offered when the server
   * cannot be asked: JupyterLab's own dialog is there then.
   */
  private async match(context: ISessionContext, saved: Saved, isHere = false): Promise<RunConfiguration | null> {
    try {
      const projects = await this.rest.projects();
      const project = projectOf(context.path, projects);
      const others = projects.filter(other => other !== project).flatMap(other => other.run_configurations);
      if (project === null || (isHere && !others.some(row => row.name === saved.name))) {
        return null;
      }
      return matching(saved, project, others);
    } catch (error) {
      console.warn('jupyter_workbench: the projects of the server could not be listed', error);
      return null;
    }
  }

  private savedWith(context: ISessionContext): Saved {
    const panel = this.notebooks.find(one => one.sessionContext === context);
    const metadata = panel?.model?.getMetadata('kernelspec') as Saved | undefined;
    const name = context.kernelPreference.name ?? '';
    return metadata?.name === name ? metadata : { name };
  }
}

/** JupyterLab shows a dialog with the reason when the kernel does not start. */
async function changeKernel(context: ISessionContext, { name }: RunConfiguration): Promise<void> {
  try {
    await context.changeKernel({ name });
  } catch (error) {
    console.warn(`jupyter_workbench: the kernel ${name} did not start`, error);
  }
}
