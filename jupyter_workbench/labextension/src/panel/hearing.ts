/** Tells the panel what JupyterLab knows of kernels: its lists, and sooner than these what open notebooks hear. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ServiceManager } from '@jupyterlab/services';

import type { PanelState } from './state';

export function hearKernels({ kernels, sessions }: ServiceManager.IManager, state: PanelState): void {
  const takeKernels = () => state.takeKernels(kernels.running());
  const takePaths = () =>
    state.takePaths(
      new Map([...sessions.running()].flatMap(({ kernel, path }) => (kernel ? [[kernel.id, path] as const] : [])))
    );
  kernels.runningChanged.connect(takeKernels);
  sessions.runningChanged.connect(takePaths);
  takeKernels();
  takePaths();
}

/** Sooner than JupyterLab does by itself. */
export function refreshKernels({ kernels, sessions }: ServiceManager.IManager): void {
  Promise.all([kernels.refreshRunning(), sessions.refreshRunning()]).catch((error: unknown) => {
    console.warn('jupyter_workbench: the running kernels were not refreshed', error);
  });
}

export function hearNotebooks(notebooks: INotebookTracker, state: PanelState): void {
  const hear = (context: ISessionContext) => {
    const kernel = context.session?.kernel;
    if (kernel) {
      state.takeStatus(kernel.id, kernel.status);
    }
  };
  const follow = (context: ISessionContext) => {
    context.statusChanged.connect(() => hear(context));
    context.kernelChanged.connect((_, { oldValue }) => {
      if (oldValue) {
        state.takeStatus(oldValue.id, null);
      }
      hear(context);
    });
    hear(context);
  };
  notebooks.forEach(panel => follow(panel.sessionContext));
  notebooks.widgetAdded.connect((_, panel) => {
    follow(panel.sessionContext);
    panel.disposed.connect(() => {
      const kernel = panel.sessionContext.session?.kernel;
      if (kernel) {
        state.takeStatus(kernel.id, null);
      }
    });
  });
}
