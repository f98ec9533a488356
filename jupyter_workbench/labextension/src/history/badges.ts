/** A small button at each cell that made a run: it opens the newest one. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { type Message, MessageLoop } from '@lumino/messaging';

import type { Rest } from '../rest';
import { IWorkbenchServer } from '../server';
import { translations, type TranslationBundle } from '../text';
import type { RunsChanged } from '../tokens';
import type { View } from './address';
import type { RunOfCell } from './answers';
import { CellRuns } from './cell_runs';
import { CommandIDs } from './commands';
import { KnownProjects } from './known_projects';
import { statusText } from './words';

const BADGE = 'jp-Workbench-badge';
const CELL = 'jp-mod-workbenchBadge';

export const badges: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_workbench:cell-badges',
  description: 'Shows at a cell which run it made last.',
  autoStart: true,
  requires: [IWorkbenchServer, INotebookTracker],
  optional: [ISettingRegistry, ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    { rest, events }: IWorkbenchServer,
    notebooks: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = translations(translator);
    const open = (view: View) => void app.commands.execute(CommandIDs.open, { project: view.project, runs: view.runs });
    const all = new Set<CellBadges>();
    const projects = new KnownProjects(rest);
    const forget = () => projects.forget();
    events.kernelsChanged.connect(forget);
    events.connected.connect(forget);
    const settings = await registry?.load(badges.id);
    const areWanted = () => settings?.get('show').composite !== false;
    notebooks.widgetAdded.connect((_, panel) => {
      const made = new CellBadges(panel, rest, projects, open, trans);
      const take = (_: unknown, changed: RunsChanged) => made.take(changed);
      all.add(made);
      const resync = () => made.due();
      events.runsChanged.connect(take);
      events.connected.connect(resync);
      panel.disposed.connect(() => {
        all.delete(made);
        events.runsChanged.disconnect(take);
        events.connected.disconnect(resync);
        made.dispose();
      });
      void panel.context.ready.then(() => made.show(areWanted()));
    });
    settings?.changed.connect(() => all.forEach(made => void made.show(areWanted())));
  }
};

/** Those of one notebook. */
class CellBadges {
  private areShown = false;
  private readonly runs: CellRuns;

  constructor(
    private readonly panel: NotebookPanel,
    rest: Rest,
    projects: KnownProjects,
    private readonly open: (view: View) => void,
    private readonly trans: TranslationBundle
  ) {
    const notebook = { path: () => panel.context.path, isSeen: () => panel.isVisible };
    this.runs = new CellRuns(rest, projects, notebook, () => this.draw());
    MessageLoop.installMessageHook(panel, (_, message) => this.look(message));
  }

  async show(areWanted: boolean): Promise<void> {
    const { model } = this.panel.content;
    if (areWanted === this.areShown || this.panel.isDisposed || model === null) {
      return;
    }
    this.areShown = areWanted;
    model.cells.changed.disconnect(this.redraw, this);
    if (areWanted) {
      model.cells.changed.connect(this.redraw, this); // a cell that is moved gets another node
      await this.runs.refresh();
    } else {
      this.draw();
    }
  }

  take(changed: RunsChanged): void {
    if (this.areShown) {
      this.runs.take(changed);
    }
  }

  /** What is shown is old. */
  due(): void {
    if (this.areShown) {
      this.runs.due();
    }
  }

  dispose(): void {
    this.areShown = false;
    this.runs.dispose();
  }

  /** A message says that the notebook comes into sight before it is there. */
  private look({ type }: Message): boolean {
    if (this.areShown && (type === 'after-show' || type === 'after-attach')) {
      requestAnimationFrame(() => void this.runs.catchUp());
    }
    return true;
  }

  private redraw(): void {
    requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    if (this.panel.isDisposed) {
      return;
    }
    for (const cell of this.panel.content.widgets) {
      const row = this.areShown ? this.runs.of(cell.model.id) : undefined;
      const there = cell.node.querySelector<HTMLButtonElement>(`:scope > .${BADGE}`);
      cell.toggleClass(CELL, row !== undefined);
      if (row === undefined) {
        there?.remove();
      } else {
        this.fill(there ?? cell.node.appendChild(document.createElement('button')), row);
      }
    }
  }

  private fill(button: HTMLButtonElement, { run_id, run_number, status }: RunOfCell): void {
    button.className = `${BADGE} jp-mod-${status}`;
    button.textContent = this.trans.__('Run %1', run_number);
    button.title = this.trans.__('Run %1: %2', run_number, statusText(status, this.trans));
    button.setAttribute('aria-label', button.title);
    button.onclick = () => this.open({ project: this.runs.projectDir!, runs: [run_id] });
  }
}
