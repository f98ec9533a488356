/** A notification for each start that takes longer than a moment, and for each one that fails. */

import { Notification } from '@jupyterlab/apputils';

import { type Place, placesIn, textOf } from '../places';
import type { TranslationBundle } from '../text';
import type { Start, Starts } from './starts';
import { failureText, progressText, reasonText } from './words';

/** Most starts on this machine are quicker: nobody wants to read of them. */
export const SHOWN_AFTER_SECONDS = 1;
const TICK_MS = 1000;

/** The part of JupyterLab's notifications that is needed. */
export type Notifications = Pick<typeof Notification, 'emit' | 'update' | 'dismiss'>;

/** What the buttons do. */
export interface Actions {
  cancel(start: Start): void;
  showLog(start: Start): void;
  showReason(start: Start): void;
  open(start: Start, place: Place): void;
}

/** What is shown of one start. */
interface Toast {
  id: string;
  text: string;
  failed: boolean;
  /** Of whom it tells. */
  start: Start;
}

export class StartToasts {
  private readonly toasts = new Map<string, Toast>();
  private ticking: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly starts: Starts,
    private readonly actions: Actions,
    private readonly trans: TranslationBundle,
    private readonly notifications: Notifications = Notification
  ) {
    starts.changed.connect((_, start) => this.take(start));
  }

  private take(start: Start): void {
    switch (start.outcome) {
      case 'under way':
        this.forgetFailures(start);
        this.progress(start);
        this.tick();
        break;
      case 'failed':
        this.end(start.id);
        this.failure(start);
        break;
      default:
        this.end(start.id);
    }
  }

  private progress(start: Start): void {
    const elapsed = this.starts.elapsed(start);
    if (elapsed < SHOWN_AFTER_SECONDS) {
      return;
    }
    const text = progressText(start, elapsed, this.trans);
    const shown = this.toasts.get(start.id);
    if (shown === undefined) {
      const id = this.notifications.emit(text, 'in-progress', { autoClose: false, actions: this.progressActions(start) });
      this.toasts.set(start.id, { id, text, start, failed: false });
    } else if (shown.text !== text) {
      shown.text = text;
      // One that the user closed is not updated, and does not come back.
      this.notifications.update({ id: shown.id, message: text, type: 'in-progress', autoClose: false, actions: this.progressActions(start) });
    }
  }

  private failure(start: Start): void {
    const actions: Notification.IAction[] = placesIn(reasonText(start, this.trans))
      .slice(0, 1)
      .map(place => ({
        label: this.trans.__('Open %1', textOf({ ...place, file: baseName(place.file) })),
        caption: this.trans.__('Open %1', textOf(place)),
        callback: staying(() => this.actions.open(start, place)),
        displayType: 'link'
      }));
    actions.push({
      label: this.trans.__('Show reason'),
      callback: staying(() => this.actions.showReason(start)),
      displayType: 'accent'
    });
    const text = failureText(start, this.trans);
    const id = this.notifications.emit(text, 'error', { autoClose: false, actions });
    this.toasts.set(start.id, { id, text, start, failed: true });
  }

  private progressActions(start: Start): Notification.IAction[] {
    return [
      { label: this.trans.__('Show log'), callback: staying(() => this.actions.showLog(start)) },
      { label: this.trans.__('Cancel'), callback: staying(() => this.actions.cancel(start)), displayType: 'warn' }
    ];
  }

  /** Whoever starts something again has read why it failed. */
  private forgetFailures({ projectDir, runConfiguration }: Start): void {
    for (const { failed, start } of [...this.toasts.values()]) {
      if (failed && start.projectDir === projectDir && start.runConfiguration === runConfiguration) {
        this.end(start.id);
      }
    }
  }

  private end(id: string): void {
    const toast = this.toasts.get(id);
    if (toast !== undefined) {
      this.toasts.delete(id);
      this.notifications.dismiss(toast.id);
    }
  }

  /** The clock goes on between two events. */
  private tick(): void {
    this.ticking ??= setTimeout(() => {
      this.ticking = undefined;
      const underWay = this.starts.underWay;
      underWay.forEach(start => this.progress(start));
      if (underWay.length) {
        this.tick();
      }
    }, TICK_MS);
  }
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** A button of a notification that does not close it. */
function staying(act: () => void): (event: MouseEvent) => void {
  return event => {
    event.preventDefault();
    act();
  };
}
