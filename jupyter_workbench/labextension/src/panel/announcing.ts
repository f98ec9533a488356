/** Says in the panel what came of starts, for as long as it is true. No screen here. */

import type { IStarts, Start } from '../starting/starts';
import type { TranslationBundle } from '../text';
import { outcomeOf } from './outcome';

/** Where it is said. */
export interface Panel {
  say(text: string): void;
  /** Take it back, unless something else was said since. */
  unsay(text: string): void;
}

export class Announcements {
  private last: { start: Start; text: string } | null = null;

  constructor(
    starts: Pick<IStarts, 'changed'>,
    private readonly panel: Panel,
    private readonly trans: TranslationBundle
  ) {
    starts.changed.connect((_, start) => this.take(start));
  }

  /** Take back that something failed, unless the tree still shows the reason that the sentence leads to. */
  forgetUnless(isShown: (failed: Start) => boolean): void {
    if (this.last?.start.outcome === 'failed' && !isShown(this.last.start)) {
      this.takeBack();
    }
  }

  private take(start: Start): void {
    const text = outcomeOf(start, this.trans);
    if (text !== null) {
      this.last = { start, text };
      this.panel.say(text);
    } else if (this.last !== null && isOfTheSame(this.last.start, start)) {
      this.takeBack();
    }
  }

  private takeBack(): void {
    if (this.last !== null) {
      this.panel.unsay(this.last.text);
      this.last = null;
    }
  }
}

function isOfTheSame(one: Start, other: Start): boolean {
  return one.projectDir === other.projectDir && one.runConfiguration === other.runConfiguration;
}
