/** Shows what is being prepared and started, and why something did not start. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { openPlace } from '../opening';
import type { Place } from '../places';
import type { Rest } from '../rest';
import { IWorkbenchServer } from '../server';
import { telling } from '../telling';
import { translations, type TranslationBundle } from '../text';
import { addStartCommands } from './commands';
import { mendDialogs } from './dialogs';
import { leaveEnterToPlaces } from './enter';
import { StartLog } from './log';
import { LogLines } from './log_lines';
import { ReasonWidget } from './reason';
import { momentsOf } from './standing';
import { IStarts, type Start, Starts } from './starts';
import { type Actions, StartToasts } from './toasts';
import { reasonText, reasonTitle } from './words';

export const starting: JupyterFrontEndPlugin<IStarts> = {
  id: 'jupyter_workbench:starting',
  description: 'Shows how far kernels are that are being prepared, and why one did not start.',
  autoStart: true,
  requires: [IWorkbenchServer, IDocumentManager],
  optional: [INotebookTracker, ITranslator],
  provides: IStarts,
  activate: (
    app: JupyterFrontEnd,
    { rest, events }: IWorkbenchServer,
    documents: IDocumentManager,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = translations(translator);
    const starts = new Starts();
    const actions = new StartActions(app, rest, documents, notebooks, starts, trans);
    new StartToasts(starts, actions, trans);
    leaveEnterToPlaces(document);
    addStartCommands(app.commands, starts, actions);
    mendDialogs(starts, (start, place) => actions.open(start, place), trans);
    const ask = async () => momentsOf(...(await Promise.all([rest.kernels(), rest.preparations()])));
    const resync = () => {
      starts.resync(ask).catch((error: unknown) => {
        console.warn('jupyter_workbench: what is being started could not be listed', error);
      });
    };
    events.kernelProgress.connect((_, moment) => starts.take(moment));
    events.connected.connect(resync);
    resync();
    app.serviceManager.kernels.runningChanged.connect((_, kernels) =>
      starts.keepOnlyKernels(new Set(kernels.map(kernel => kernel.id)))
    );
    return starts;
  }
};

/** What the buttons of notifications and dialogs do. */
class StartActions implements Actions {
  private readonly cancelled = new Set<string>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly rest: Rest,
    private readonly documents: IDocumentManager,
    private readonly notebooks: INotebookTracker | null,
    private readonly starts: Starts,
    private readonly trans: TranslationBundle
  ) {}

  /** Once: the second click on a slow network would be told that there is nothing to cancel. */
  cancel({ kind, id }: Start): void {
    if (!this.cancelled.has(id)) {
      this.cancelled.add(id);
      void telling(() => (kind === 'kernel' ? this.cancelKernel(id) : this.rest.cancelPreparation(id))).then(() =>
        this.cancelled.delete(id)
      );
    }
  }

  /** A notebook shuts its kernel down itself: otherwise it says "Connecting" for ever. */
  private async cancelKernel(id: string): Promise<void> {
    const notebook = this.notebooks?.find(panel => panel.sessionContext.session?.kernel?.id === id);
    await (notebook === undefined ? this.rest.cancelStart(id) : notebook.sessionContext.shutdown());
  }

  /** Below the notebook: the log can be read while it grows. */
  showLog(start: Start): void {
    const { shell } = this.app;
    const open = [...shell.widgets('down')].find(widget => widget instanceof StartLog && widget.startId === start.id);
    const log = open ?? new StartLog(this.lines(start), this.trans);
    if (open === undefined) {
      shell.add(log, 'down');
    }
    shell.activateById(log.id);
  }

  private lines(start: Start): LogLines {
    return new LogLines(this.starts, this.starts.get(start.id) ?? start, ({ kind, id }) => this.rest.startLog(kind, id));
  }

  showReason(start: Start): void {
    const dialog = new Dialog({
      title: reasonTitle(start, this.trans),
      body: new ReasonWidget(
        reasonText(start, this.trans),
        place => {
          dialog.reject();
          this.open(start, place);
        },
        this.trans
      ),
      buttons: [Dialog.okButton({ label: this.trans.__('Close') })]
    });
    void dialog.launch();
  }

  open(start: Start, place: Place): void {
    void telling(() => this.openPlace(start, place));
  }

  private async openPlace(start: Start, place: Place): Promise<void> {
    const project = (await this.rest.projects()).find(one => one.project_dir === start.projectDir);
    await openPlace(this.documents, project, place, this.trans);
  }
}
