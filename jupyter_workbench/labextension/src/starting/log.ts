/** The log of a start: its steps and what programs said at them, as text, growing while it is under way. */

import { Widget } from '@lumino/widgets';

import type { TranslationBundle } from '../text';
import type { LogLines } from './log_lines';
import { logText, nameOf } from './words';

/** Who is so close to the end, in pixels, reads what comes. */
const CLOSE_TO_THE_END = 30;

export class StartLog extends Widget {
  readonly startId: string;
  private readonly text = document.createElement('pre');

  constructor(
    private readonly log: LogLines,
    private readonly trans: TranslationBundle
  ) {
    super();
    const { start } = log;
    this.addClass('jp-Workbench-log');
    this.id = `jp-workbench-log-${start.id}`;
    this.startId = start.id;
    this.title.label = trans.__('Start of %1', nameOf(start));
    this.title.closable = true;
    this.text.tabIndex = 0;
    this.text.setAttribute('role', 'log'); // the panel around makes the node of the widget a tab panel
    this.text.setAttribute('aria-label', this.title.label);
    this.node.append(this.text);
    this.display();
    log.changed.connect(this.display, this);
  }

  override dispose(): void {
    this.log.dispose();
    super.dispose();
  }

  private display(): void {
    const { node } = this;
    const isAtTheEnd = node.scrollHeight - node.scrollTop - node.clientHeight < CLOSE_TO_THE_END;
    const shown = logText(this.log, this.trans);
    if (shown !== this.text.textContent) {
      this.text.textContent = shown;
      if (isAtTheEnd) {
        node.scrollTop = node.scrollHeight;
      }
    }
  }
}
