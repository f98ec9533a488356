/** The panel in the left bar: projects, compute targets, run configurations and their kernels. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { IWorkbenchServer } from '../server';
import { IStarts } from '../starting/starts';
import { translations } from '../text';
import { Announcements } from './announcing';
import { LOOK, PanelCommands, SHOW } from './commands';
import { Deeds } from './deeds';
import { hearKernels, hearNotebooks, refreshKernels } from './hearing';
import { workbenchIcon } from './icon';
import type { Item } from './items';
import { lookWhenBack, measureWhileShown, tickWhileShown } from './measuring';
import { PanelRoutes } from './routes';
import { PanelState } from './state';
import { TargetDeeds } from './target_deeds';
import { PanelWidget } from './view';

export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_workbench:panel',
  description: 'Shows the projects, their compute targets and their kernels in the left bar.',
  autoStart: true,
  requires: [IWorkbenchServer, IStarts, IDocumentManager],
  optional: [INotebookTracker, ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    { rest, events }: IWorkbenchServer,
    starts: IStarts,
    documents: IDocumentManager,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = translations(translator);
    const routes = new PanelRoutes(rest);
    const state = new PanelState(routes, starts);
    const deeds = new Deeds(app, routes, state, documents, text => widget.say(text), trans);
    const targets = new TargetDeeds(app.serviceManager, routes, state, text => widget.say(text), trans);
    const commands = new PanelCommands(deeds, targets, state, trans);
    const act = (item: Item) => {
      const [first] = commands.of(item);
      if (first !== undefined) {
        void app.commands.execute(first);
      }
    };
    const menu = (item: Item, x: number, y: number) => showMenu(app, commands.of(item), x, y);
    const widget = new PanelWidget(state, events, { act, menu }, trans);
    widget.id = 'jp-workbench-panel';
    widget.title.icon = workbenchIcon;
    widget.title.caption = trans.__('Workbench');
    widget.node.setAttribute('role', 'region');
    widget.node.setAttribute('aria-label', trans.__('Workbench'));
    app.shell.add(widget, 'left', { rank: 250 });
    restorer?.add(widget, widget.id);

    commands.addTo(app.commands, () => widget.current);
    app.commands.addCommand(SHOW, {
      label: trans.__('Show Workbench'),
      execute: () => app.shell.activateById(widget.id)
    });
    app.commands.addCommand(LOOK, {
      label: trans.__('Look at the compute targets again'),
      execute: async () => {
        refreshKernels(app.serviceManager);
        await state.load();
      }
    });
    const category = trans.__('Workbench');
    [SHOW, LOOK, ...commands.ids].forEach(command => palette?.addItem({ command, category }));

    hearKernels(app.serviceManager, state);
    if (notebooks !== null) {
      hearNotebooks(notebooks, state);
    }
    const announcements = new Announcements(starts, widget, trans);
    lookWhenBack(widget, state);
    measureWhileShown(widget, state, events);
    tickWhileShown(widget, state);
    events.targetsChanged.connect((_, { project_dir }) => void state.lookAtTargets(project_dir));
    events.kernelsChanged.connect(async () => {
      await state.reload();
      announcements.forgetUnless(
        ({ projectDir, runConfiguration }) => state.moment.failure(projectDir, runConfiguration) !== null
      );
    });
    events.connected.connect(() => {
      void state.reload();
      refreshKernels(app.serviceManager);
    });
    void state.load();
  }
};

/** The menu forgets itself when it is closed. */
function showMenu(app: JupyterFrontEnd, ids: string[], x: number, y: number): void {
  if (ids.length === 0) {
    return;
  }
  const focused = document.activeElement as HTMLElement | null;
  const menu = new Menu({ commands: app.commands });
  ids.forEach(command => menu.addItem({ command }));
  menu.aboutToClose.connect(() => {
    focused?.focus();
    setTimeout(() => menu.dispose());
  });
  menu.open(x, y);
  menu.activeIndex = 0;
}
