/** What the views draw with. */

import type { IThemeManager } from '@jupyterlab/apputils';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import type { TranslationBundle } from '../text';
import type { Reach } from '../trouble';
import type { HistoryHealth } from './health';

export interface Means {
  rendermime: IRenderMimeRegistry;
  editors: IEditorServices;
  trans: TranslationBundle;
  reach: Reach;
  health: HistoryHealth;
  /** Null where the application has one theme. */
  themes: Pick<IThemeManager, 'themeChanged'> | null;
}
