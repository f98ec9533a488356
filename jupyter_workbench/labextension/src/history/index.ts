/** The run history in the main area: tables, pages of runs and comparisons, reached by commands and by addresses. */

import {
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, InputDialog, IThemeManager, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { projectOf } from '../places';
import { IWorkbenchServer } from '../server';
import { telling } from '../telling';
import { translations, type TranslationBundle } from '../text';
import type { Project } from '../tokens';
import { addressOf, keyOf, PATTERN, type View, searchOf, viewOf, withoutView } from './address';
import { CommandIDs } from './commands';
import { HistoryHealth } from './health';
import { tellOfHealth } from './health_toasts';
import { HistoryView, HistoryViews } from './views';

export { badges } from './badges';

export const history: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_workbench:history',
  description: 'Shows the run history of a project, its runs, and comparisons of runs.',
  autoStart: true,
  requires: [IWorkbenchServer, IRenderMimeRegistry, IEditorServices],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, IRouter, IStateDB, IThemeManager],
  activate: (
    app: JupyterFrontEnd,
    server: IWorkbenchServer,
    rendermime: IRenderMimeRegistry,
    editors: IEditorServices,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    router: IRouter | null,
    state: IStateDB | null,
    themes: IThemeManager | null
  ) => {
    const trans = translations(translator);
    const tracker = new WidgetTracker<HistoryView>({ namespace: 'workbench-history' });
    const health = new HistoryHealth(server.events, server.rest);
    const means = { rendermime, editors, trans, reach: server.events, health, themes };
    const views = new HistoryViews(tracker, server, state, means);
    const show = (view: View): void => {
      const widget = views.get(view, show);
      if (widget.parent === null) {
        app.shell.add(widget, 'main');
      }
      if (widget.parent === null) {
        widget.dispose(); // a window of Notebook has room for its notebook only
        window.open(addressOf(view), '_blank');
        return;
      }
      app.shell.activateById(widget.id);
    };
    tellOfHealth(health, project => show({ project, runs: [] }), trans);
    void health.ask();
    app.commands.addCommand(CommandIDs.open, {
      label: trans.__('Run history'),
      caption: trans.__('The runs of a project, with what they logged'),
      execute: args =>
        telling(async () => {
          const view = viewIn(args) ?? (await askForTable(app, await server.rest.projects(), trans));
          if (view !== null) {
            show(view);
          }
        })
    });
    palette?.addItem({ command: CommandIDs.open, category: trans.__('Workbench') });
    void restorer?.restore(tracker, {
      command: CommandIDs.open,
      args: ({ view }) => ({ search: searchOf(view) }),
      name: ({ view }) => keyOf(view)
    });
    if (router !== null) {
      follow(app, router, show);
    }
  }
};

/**
 * Addresses open their view once JupyterLab is as it was left; then they are JupyterLab's own again. With `reset` the
 * page is loaded a second time, and the address is left to that.
 */
function follow(app: JupyterFrontEnd, router: IRouter, show: (view: View) => void): void {
  app.commands.addCommand(CommandIDs.route, {
    execute: args => {
      const search = (args as IRouter.ILocation).search ?? '';
      const view = viewOf(search);
      if (view !== null && !new URLSearchParams(search).has('reset')) {
        void app.restored.then(() => {
          show(view);
          const now = router.current;
          router.navigate(`${now.path}${withoutView(now.search ?? '')}${now.hash}`, { skipRouting: true });
        });
      }
    }
  });
  router.register({ command: CommandIDs.route, pattern: PATTERN });
}

/** A view as a command is asked for it, by whoever opens one or by JupyterLab for what was open. */
function viewIn({ project, runs, search }: ReadonlyPartialJSONObject): View | null {
  if (typeof search === 'string') {
    return viewOf(search);
  }
  return typeof project === 'string' ? { project, runs: Array.isArray(runs) ? runs.map(String) : [] } : null;
}

/** The table of the only project, of the one that the file on the screen belongs to, or of the one that is chosen. */
async function askForTable(app: JupyterFrontEnd, projects: Project[], trans: TranslationBundle): Promise<View | null> {
  if (projects.length === 0) {
    throw new Error(
      trans.__('There is no project in the folder of this server: make one with `workbench project create NAME`.')
    );
  }
  const path = pathOnScreen(app);
  const nearest = projects.length === 1 ? projects[0] : path === null ? null : projectOf(path, projects);
  const project = nearest ?? (await choose(projects, trans));
  return project && { project: project.project_dir, runs: [] };
}

function pathOnScreen({ shell }: JupyterFrontEnd): string | null {
  const { context } = (shell.currentWidget ?? {}) as { context?: { path?: string } };
  return context?.path ?? null;
}

async function choose(projects: Project[], trans: TranslationBundle): Promise<Project | null> {
  const answer = await InputDialog.getItem({
    title: trans.__('Run history'),
    label: trans.__('Project'),
    items: projects.map(project => project.project_dir)
  });
  return (answer.button.accept && projects.find(project => project.project_dir === answer.value)) || null;
}
