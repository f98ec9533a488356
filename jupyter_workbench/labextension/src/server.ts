/** Gives the other plugins the way to the server: its routes and its events. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { EventConnection } from './connection';
import { WorkbenchEvents } from './events';
import { Rest } from './rest';
import { translations } from './text';

/** The server, as the plugins need it. */
export interface IWorkbenchServer {
  readonly rest: Rest;
  readonly events: WorkbenchEvents;
}

export const IWorkbenchServer = new Token<IWorkbenchServer>(
  'jupyter_workbench:IWorkbenchServer',
  'The routes and the events of jupyter_workbench.'
);

export const server: JupyterFrontEndPlugin<IWorkbenchServer> = {
  id: 'jupyter_workbench:server',
  description: 'The routes and the events of jupyter_workbench.',
  autoStart: true,
  optional: [ITranslator],
  provides: IWorkbenchServer,
  activate: ({ serviceManager }: JupyterFrontEnd, translator: ITranslator | null) => {
    const rest = new Rest(serviceManager.serverSettings, translations(translator));
    const connection = new EventConnection(serviceManager.serverSettings);
    return { rest, events: new WorkbenchEvents(connection, () => rest.isLoggedOut()) };
  }
};
