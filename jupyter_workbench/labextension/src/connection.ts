/**
 * The websocket on which the server tells its events. JupyterLab has one of its own, but keeps to itself when it was
 * lost and is back: what was told meanwhile would be missing on the screen for ever.
 */

import { URLExt } from '@jupyterlab/coreutils';
import type { Event, ServerConnection } from '@jupyterlab/services';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

const ROUTE = 'api/events/subscribe';
const NO_BACKOFF = { backoff: false, max: 30_000 }; // with one a poll waits for half a minute in the end
const SOON = { interval: 1_000, ...NO_BACKOFF };
/** A server that did not answer so often may be gone for good, or does not take this page any more. */
const TRIED_SOON = 60;
const LATER = { interval: 10_000, ...NO_BACKOFF };

/** What is needed of the settings of JupyterLab. */
export type Settings = Pick<ServerConnection.ISettings, 'WebSocket' | 'wsUrl' | 'appendToken' | 'token'>;

/** Keeps one websocket open, and opens another one when it is lost. */
export class EventConnection {
  private readonly _stream = new Signal<this, Event.Emission>(this);
  private readonly _opened = new Signal<this, boolean>(this);
  private readonly poll: Poll;
  private failures = 0;

  constructor(private readonly settings: Settings) {
    this.poll = new Poll({
      name: 'jupyter_workbench:events',
      auto: true,
      standby: 'when-hidden',
      frequency: SOON,
      factory: () => this.listen()
    });
  }

  /** Every event, as the server tells it. */
  get stream(): ISignal<this, Event.Emission> {
    return this._stream;
  }

  /** True when the websocket is open, false when it is lost or cannot be opened. */
  get opened(): ISignal<this, boolean> {
    return this._opened;
  }

  dispose(): void {
    this.poll.dispose();
    Signal.clearData(this);
  }

  /** Listen until the websocket is closed. One that was never open is an error. */
  private listen(): Promise<void> {
    const { WebSocket, wsUrl, appendToken, token } = this.settings;
    const query = appendToken && token !== '' ? `?token=${encodeURIComponent(token)}` : '';
    const socket = new WebSocket(URLExt.join(wsUrl, ROUTE) + query);
    let wasOpen = false;
    return new Promise((resolve, reject) => {
      socket.onopen = () => {
        wasOpen = true;
        this.failures = 0;
        this.poll.frequency = SOON;
        this._opened.emit(true);
      };
      socket.onmessage = ({ data }) => this._stream.emit(JSON.parse(data as string) as Event.Emission);
      socket.onclose = () => {
        if (!wasOpen && ++this.failures === TRIED_SOON) {
          this.poll.frequency = LATER;
        }
        this._opened.emit(false);
        wasOpen ? resolve() : reject(new Error('The server does not answer.'));
      };
    });
  }
}
