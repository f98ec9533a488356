/** What people do with runs, from the table and from the page of one. Whatever goes wrong is told to who clicked. */

import { Clipboard, Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';

import { telling } from '../telling';
import type { TranslationBundle } from '../text';
import { addressOf, type View } from './address';
import { promoted, suggestedName } from './promoting';
import type { Runs } from './runs';
import { tagChange } from './tags';

const UNDO_MS = 30_000;
const LONG_MS = 10_000;
const SHORT_MS = 3_000;

export interface Deeds {
  open(view: View): void;
  delete(ids: string[]): Promise<void>;
  undelete(ids: string[]): Promise<void>;
  askForTag(ids: string[]): Promise<void>;
  promote(id: string, path: string): Promise<void>;
  copyLink(view: View): void;
}

export class RunDeeds implements Deeds {
  constructor(
    private readonly runs: Runs,
    readonly open: (view: View) => void,
    private readonly trans: TranslationBundle
  ) {}

  /** Runs go to the bin; what went there before an error can be undone too. */
  async delete(ids: string[]): Promise<void> {
    const gone: string[] = [];
    await telling(async () => {
      for (const id of ids) {
        await this.runs.delete(id);
        gone.push(id);
      }
    });
    if (gone.length > 0) {
      this.offerUndo(gone);
    }
  }

  undelete(ids: string[]): Promise<void> {
    return telling(async () => {
      for (const id of ids) {
        await this.runs.undelete(id);
      }
    });
  }

  async askForTag(ids: string[]): Promise<void> {
    const { trans } = this;
    const answer = await InputDialog.getText({
      title: trans._n('Tag %1 run', 'Tag %1 runs', ids.length),
      label: trans.__('KEY or KEY=VALUE; KEY= takes the tag away'),
      okLabel: trans.__('Tag')
    });
    const change = answer.button.accept ? tagChange(answer.value ?? '') : null;
    if (change !== null) {
      await telling(() => this.runs.tag(ids, change));
    }
  }

  async promote(id: string, path: string): Promise<void> {
    const { trans } = this;
    const answer = await InputDialog.getText({
      title: trans.__('Promote %1', path),
      label: trans.__('Its name in the project: assets/NAME.link is written, with the content beside it'),
      text: suggestedName(path),
      okLabel: trans.__('Promote')
    });
    const name = answer.button.accept ? (answer.value ?? '').trim() : '';
    if (name === '') {
      return;
    }
    await telling(async () => {
      const made = await promoted(this.runs, [id, path, name], () => this.mayReplace(name, path));
      if (made !== null) {
        const text = trans.__('%1 is %2 of the run %3 from now on.', made.file, made.path, made.run_id);
        Notification.success(text, { autoClose: LONG_MS });
      }
    });
  }

  copyLink(view: View): void {
    Clipboard.copyToSystem(addressOf(view));
    Notification.info(this.trans.__('The link is copied.'), { autoClose: SHORT_MS });
  }

  private async mayReplace(name: string, path: string): Promise<boolean> {
    const { trans } = this;
    const { button } = await showDialog({
      title: trans.__('Replace %1?', name),
      body: trans.__('assets/%1.link is there already. It can mean %2 from now on.', name, path),
      buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label: trans.__('Replace') })],
      defaultButton: 0
    });
    return button.accept;
  }

  private offerUndo(gone: string[]): void {
    const { trans } = this;
    const text =
      gone.length === 1
        ? trans.__('The run %1 is in the bin for 30 days: the table shows it with the filter “In the bin”.', gone[0])
        : trans.__(
            '%1 runs are in the bin for 30 days: the table shows them with the filter “In the bin”.',
            gone.length
          );
    Notification.info(text, {
      autoClose: UNDO_MS,
      actions: [{ label: trans.__('Undo'), displayType: 'accent', callback: () => void this.undelete(gone) }]
    });
  }
}
