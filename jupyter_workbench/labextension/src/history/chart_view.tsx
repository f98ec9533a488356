/** A chart, drawn by the Vega that JupyterLab brings. */

import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { type Ink, type Line, lineChart, sameLines } from './charts';
import type { Means } from './means';

const MIME = 'application/vnd.vegalite.v5+json';

interface Props {
  name: string;
  lines: Line[];
  means: Means;
}

/** Nothing where there is nothing to draw. */
export function Chart({ name, lines, means }: Props): JSX.Element | null {
  const { rendermime, themes, trans } = means;
  const host = React.useRef<HTMLDivElement>(null);
  const [failure, setFailure] = React.useState<string | null>(null);
  const ink = useInk(themes);
  const drawn = React.useRef(lines);
  drawn.current = sameLines(drawn.current, lines);
  const chart = React.useMemo(() => lineChart(drawn.current, ink), [drawn.current, ink]);
  // A widget can be taken off a page that it is on only: `useEffect` would do it when React has removed its node.
  React.useLayoutEffect(() => {
    if (chart === null || host.current === null) {
      return undefined;
    }
    const renderer = rendermime.createRenderer(MIME);
    const metadata = { [MIME]: { embed_options: { actions: false } } };
    Widget.attach(renderer, host.current);
    renderer
      .renderModel(rendermime.createModel({ data: { [MIME]: chart }, metadata, trusted: false }))
      .catch((error: unknown) => setFailure(String(error)));
    return () => renderer.dispose();
  }, [chart]);
  return (
    chart && (
      <figure className="jp-Workbench-chart" aria-label={trans.__('Chart of %1', name)}>
        <figcaption>
          <h3>{name}</h3>
        </figcaption>
        {failure === null ? <div ref={host} /> : <p className="jp-Workbench-error">{failure}</p>}
      </figure>
    )
  );
}

/** The colours of the theme that is shown, also when that is another one. */
function useInk(themes: Means['themes']): Ink {
  const [ink, setInk] = React.useState(() => inkOf(document.body));
  React.useEffect(() => {
    const look = () => setInk(before => sameInk(before, inkOf(document.body)));
    look(); // it may have changed since
    themes?.themeChanged.connect(look);
    return () => void themes?.themeChanged.disconnect(look);
  }, [themes]);
  return ink;
}

function sameInk(before: Ink, now: Ink): Ink {
  return before.text === now.text && before.grid === now.grid ? before : now;
}

function inkOf(node: HTMLElement): Ink {
  const style = getComputedStyle(node);
  return {
    text: style.getPropertyValue('--jp-ui-font-color1').trim() || 'black',
    grid: style.getPropertyValue('--jp-border-color2').trim() || 'gray'
  };
}
