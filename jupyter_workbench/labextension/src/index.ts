/** The plugins, one concern each. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { badges, history } from './history';
import { offering } from './kernels/offering';
import { refresh } from './kernels/refresh';
import { panel } from './panel';
import { server } from './server';
import { starting } from './starting';

const plugins: JupyterFrontEndPlugin<unknown>[] = [server, refresh, offering, starting, panel, history, badges];

export default plugins;
