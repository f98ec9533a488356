/** Keeps the kernel list as fresh as `aml_config/`: JupyterLab alone asks once a minute. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { IWorkbenchServer } from '../server';

export const refresh: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_workbench:kernels-refresh',
  description: 'Shows new and changed run configurations in the kernel list within two seconds.',
  autoStart: true,
  requires: [IWorkbenchServer],
  activate: ({ serviceManager }: JupyterFrontEnd, { events }: IWorkbenchServer) => {
    const refresh = () => {
      // A server that is gone for a moment is asked again by JupyterLab itself, and by us when it is back.
      serviceManager.kernelspecs.refreshSpecs().catch((error: unknown) => {
        console.warn('jupyter_workbench: the kernel list was not refreshed', error);
      });
    };
    events.kernelsChanged.connect(refresh);
    events.connected.connect(refresh);
  }
};
