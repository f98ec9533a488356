/** The outputs of a run: to look at and to download. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { Output } from './answers';
import type { Deeds } from './deeds';
import type { Runs } from './runs';
import { bytes } from './words';

const IMAGES = /\.(png|jpe?g|gif|webp)$/i;
const PREVIEW_BYTES = 64 * 1024;
const NO_TEXT = /[\u0000\ufffd]/;

interface Props {
  id: string;
  outputs: Output[];
  runs: Pick<Runs, 'outputUrl' | 'outputText'>;
  deeds: Pick<Deeds, 'promote'>;
  trans: TranslationBundle;
}

export function Outputs({ id, outputs, runs, deeds, trans }: Props): JSX.Element | null {
  if (outputs.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Outputs')}</h2>
      <table aria-label={trans.__('Outputs')}>
        <tbody>
          {outputs.map(output => (
            <Row key={output.path} id={id} output={output} runs={runs} deeds={deeds} trans={trans} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ id, output, runs, deeds, trans }: Omit<Props, 'outputs'> & { output: Output }): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const { path, size, state, problem } = output;
  const name = path.split('/').pop()!;
  return (
    <>
      <tr>
        <th scope="row">{path}</th>
        <td>{bytes(size)}</td>
        <td className="jp-mod-whole">
          {state === 'kept' ? (
            <>
              <button className="jp-Workbench-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                {trans.__('Preview')}
              </button>{' '}
              <a className="jp-Workbench-button" href={runs.outputUrl(id, path)} download={name}>
                {trans.__('Download')}
              </a>{' '}
              <button className="jp-Workbench-button" onClick={() => void deeds.promote(id, path)}>
                {trans.__('Promote…')}
              </button>
            </>
          ) : (
            problem ?? (state === 'waiting' ? trans.__('On its way') : trans.__('Lost'))
          )}
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3} className="jp-mod-whole">
            {IMAGES.test(path) ? (
              <img src={runs.outputUrl(id, path)} alt={path} />
            ) : (
              <TextPreview id={id} output={output} runs={runs} trans={trans} />
            )}
          </td>
        </tr>
      )}
    </>
  );
}

function TextPreview({ id, output, runs, trans }: Omit<Props, 'outputs' | 'deeds'> & { output: Output }): JSX.Element {
  const [text, setText] = React.useState<string | null>(null);
  const [failure, setFailure] = React.useState<string | null>(null);
  React.useEffect(() => {
    let isShown = true;
    runs.outputText(id, output.path, PREVIEW_BYTES).then(
      read => isShown && setText(read),
      (error: Error) => isShown && setFailure(error.message)
    );
    return () => void (isShown = false);
  }, [id, output.sha256]);
  if (failure !== null) {
    return <p role="alert">{failure}</p>;
  }
  if (text === null) {
    return <p>{trans.__('Loading…')}</p>;
  }
  // A character that was cut in two at the end of the piece is no sign of another format.
  if (NO_TEXT.test(text.slice(0, -1))) {
    return <p>{trans.__('This is no text and no image: download it to look at it.')}</p>;
  }
  return (
    <>
      <pre tabIndex={0} role="region" aria-label={output.path}>
        {text}
      </pre>
      {output.size > PREVIEW_BYTES && <p>{trans.__('The first %1 of %2', bytes(PREVIEW_BYTES), bytes(output.size))}</p>}
    </>
  );
}
