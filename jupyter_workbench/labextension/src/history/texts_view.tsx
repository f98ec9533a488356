/** Texts of a run: its source with colours, what changed in it, and what the cell printed. */

import { CodeEditor } from '@jupyterlab/codeeditor';
import * as React from 'react';

import type { Means } from './means';

const MIME = 'text/x-ipython';

/** Source in an editor in which nothing can be changed. */
export function Source({ text, label, means }: { text: string; label: string; means: Means }): JSX.Element {
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const model = new CodeEditor.Model({ mimeType: MIME });
    model.sharedModel.setSource(text);
    const editor = means.editors.factoryService.newDocumentEditor({
      host: host.current!,
      model,
      config: { readOnly: true, lineNumbers: true, lineWrap: true }
    });
    host.current!.querySelector('.cm-content')?.setAttribute('aria-label', label);
    return () => {
      editor.dispose();
      model.dispose();
    };
  }, [text]);
  // Its editor would write the key Tab, read-only or not, instead of letting go of the focus.
  const letGo = (event: React.KeyboardEvent) => event.key === 'Tab' && event.stopPropagation();
  return <div className="jp-Workbench-source" ref={host} onKeyDownCapture={letGo} />;
}

/** A unified diff; what is added and removed is told by its sign, and by colour too. */
export function Diff({ text, label }: { text: string; label: string }): JSX.Element {
  return (
    <pre tabIndex={0} role="region" aria-label={label}>
      {text.split('\n').map((line, index) => (
        <span key={index} className={classOf(line)}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function classOf(line: string): string | undefined {
  if (line.startsWith('+') && !line.startsWith('+++')) {
    return 'jp-Workbench-added';
  }
  return line.startsWith('-') && !line.startsWith('---') ? 'jp-Workbench-removed' : undefined;
}

/** What was printed; `omitted` characters came before it. Nothing where nothing was printed. */
export function Printed(props: {
  title: string;
  text: string | null;
  omitted?: number;
  means: Means;
}): JSX.Element | null {
  const { title, text, omitted = 0, means } = props;
  if (!text) {
    return null;
  }
  return (
    <>
      <h3>{title}</h3>
      {omitted > 0 && <p>{means.trans.__('%1 characters before this are left out.', omitted)}</p>}
      <pre tabIndex={0} role="region" aria-label={title}>
        {text.replace(COLOURS, '')}
      </pre>
    </>
  );
}

/** What terminals take for colours: https://en.wikipedia.org/wiki/ANSI_escape_code#CSI */
const COLOURS = /\u001b\[[0-9;]*[A-Za-z]/g;
