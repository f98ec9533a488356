/** Makes the views, each once, and keeps them up to date. */

import { MainAreaWidget, type WidgetTracker } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { IWorkbenchServer } from '../server';
import { telling } from '../telling';
import type { RunsChanged } from '../tokens';
import { keyOf, type View } from './address';
import { RunComparison } from './comparison';
import { ComparisonWidget } from './comparison_widget';
import { RunDeeds } from './deeds';
import type { Means } from './means';
import { RunPage } from './run_page';
import { RunWidget } from './run_widget';
import type { Question } from './question';
import { Runs } from './runs';
import { type Keeper, RunTable } from './table';
import { TableWidget } from './table_widget';
import { nameOf } from './words';

const COMPONENT = 'jupyter_workbench:history';

/** What a view shows, and whom it asks when runs have changed. */
interface Made {
  content: Widget;
  label: string;
  begin: () => Promise<unknown>;
  take: (changed: RunsChanged) => void;
  /** Ask for all of it anew. */
  refresh: () => Promise<unknown>;
  /** Told when there is a better label. */
  renamed?: (rename: (label: string) => void) => void;
  /** Ask a table for something else. */
  ask?: (question: Question) => void;
  /** Told what a table is asked for now. */
  asked?: (told: (question: Question) => void) => void;
}

export class HistoryView extends MainAreaWidget {
  constructor(
    /** What is shown now. */
    public view: View,
    content: Widget,
    private readonly ask: (question: Question) => void = () => undefined
  ) {
    super({ content });
  }

  /** Show what an address asks for, in a view that is open. */
  turnTo({ question }: View): void {
    if (question) {
      this.ask(question);
    }
  }
}

export class HistoryViews {
  constructor(
    private readonly tracker: WidgetTracker<HistoryView>,
    private readonly server: IWorkbenchServer,
    private readonly state: IStateDB | null,
    private readonly means: Means
  ) {}

  /** The view, which may be open already: then it is that one. */
  get(view: View, open: (view: View) => void): HistoryView {
    const id = keyOf(view);
    const there = this.tracker.find(widget => widget.id === id);
    there?.turnTo(view);
    return there ?? this.make(view, id, open);
  }

  private make(view: View, id: string, open: (view: View) => void): HistoryView {
    const { server } = this;
    const made = this.content(view, open);
    const widget = new HistoryView(view, made.content, made.ask);
    widget.id = id;
    widget.title.label = made.label;
    widget.title.caption = view.project;
    const take = (_: unknown, changed: RunsChanged) => made.take(changed);
    server.events.runsChanged.connect(take);
    const refresh = () => void made.refresh();
    server.events.connected.connect(refresh);
    widget.disposed.connect(() => {
      server.events.runsChanged.disconnect(take);
      server.events.connected.disconnect(refresh);
    });
    made.renamed?.(label => (widget.title.label = label));
    made.asked?.(question => {
      widget.view = { ...view, question };
      void this.tracker.save(widget);
    });
    void this.tracker.add(widget);
    void made.begin();
    return widget;
  }

  private content({ project, runs: ids, question }: View, open: (view: View) => void): Made {
    const runs = new Runs(this.server.rest, project);
    const deeds = new RunDeeds(runs, open, this.means.trans);
    switch (ids.length) {
      case 0:
        return this.table(runs, deeds, question);
      case 1:
        return this.page(ids[0], runs, deeds);
      default:
        return this.comparison(ids, runs, deeds);
    }
  }

  private table(runs: Runs, deeds: RunDeeds, question?: Question): Made {
    const { means } = this;
    const project = runs.projectDir;
    const table = new RunTable(runs, this.keeper(project));
    return {
      content: new TableWidget({ table, project, deeds, means }),
      label: means.trans.__('Runs of %1', nameOf(project)),
      begin: () => table.open(question),
      take: changed => table.take(changed),
      refresh: () => table.refresh(),
      ask: asked => void table.ask(asked),
      asked: told => table.asked.connect(() => told(table.question))
    };
  }

  private page(id: string, runs: Runs, deeds: RunDeeds): Made {
    const page = new RunPage(runs, id, telling);
    return {
      content: new RunWidget({ page, runs, deeds, means: this.means }),
      label: this.means.trans.__('Run %1', id),
      begin: () => page.refresh(),
      take: changed => page.take(changed),
      refresh: () => page.refresh(),
      renamed: rename =>
        page.changed.connect(() => page.run && rename(this.means.trans.__('Run %1', page.run.run_number)))
    };
  }

  private comparison(ids: string[], runs: Runs, deeds: RunDeeds): Made {
    const { trans } = this.means;
    const comparison = new RunComparison(runs, ids);
    return {
      content: new ComparisonWidget({ comparison, runs, deeds, means: this.means }),
      label: trans._n('Comparison of %1 run', 'Comparison of %1 runs', ids.length),
      begin: () => comparison.refresh(),
      take: changed => comparison.take(changed),
      refresh: () => comparison.refresh()
    };
  }

  private keeper(project: string): Keeper | null {
    const { state } = this;
    const id = `${COMPONENT}:${project}`;
    return (
      state && {
        fetch: () => state.fetch(id),
        save: kept => state.save(id, kept as unknown as ReadonlyPartialJSONValue)
      }
    );
  }
}
