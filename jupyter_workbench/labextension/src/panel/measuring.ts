/** While somebody looks: asks what no event tells, and lets the clocks of starts go on. */

import type { Widget } from '@lumino/widgets';
import { Poll } from '@lumino/polling';

import type { Reach } from '../trouble';
import type { PanelState } from './state';

const EVERY_MS = 5_000;
const TICK_MS = 1_000;

export function measureWhileShown(widget: Widget, state: PanelState, reach: Reach): void {
  const isNeeded = () => widget.isVisible && !reach.isAway && state.moment.kernels.some(kernel => kernel.isOurs);
  const poll = new Poll({
    auto: true,
    name: 'jupyter_workbench:usage',
    standby: 'when-hidden',
    frequency: { interval: EVERY_MS, backoff: true, max: 60_000 },
    factory: async () => {
      if (isNeeded()) {
        await state.measure();
      }
    }
  });
  widget.disposed.connect(() => poll.dispose());
}

/** Look at engines again when the user comes back to the page: a terminal may have stopped one. */
export function lookWhenBack(
  widget: Pick<Widget, 'isVisible' | 'disposed'>,
  state: Pick<PanelState, 'show'>,
  page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'> = document
): void {
  const look = () => {
    if (page.visibilityState === 'visible' && widget.isVisible) {
      void state.show(true);
    }
  };
  page.addEventListener('visibilitychange', look);
  widget.disposed.connect(() => page.removeEventListener('visibilitychange', look));
}

export function tickWhileShown(widget: Widget, state: PanelState): void {
  let ticking: ReturnType<typeof setTimeout> | undefined;
  const tick = () => {
    ticking = undefined;
    if (widget.isVisible && !widget.isDisposed && state.moment.underWay.length) {
      widget.update();
      wind();
    }
  };
  const wind = () => (ticking ??= setTimeout(tick, TICK_MS));
  state.changed.connect(wind);
}
