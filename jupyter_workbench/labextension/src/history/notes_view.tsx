/** What people say of a run: its tags and its note. */

import * as React from 'react';

import type { TranslationBundle } from '../text';
import type { RunPage } from './run_page';
import { tagChange } from './tags';

interface Props {
  page: RunPage;
  trans: TranslationBundle;
}

export function Tags({ page, trans }: Props): JSX.Element {
  const [typed, setTyped] = React.useState('');
  const add = async (event: React.FormEvent) => {
    event.preventDefault();
    const change = tagChange(typed);
    if (change !== null && (await page.change({ tags: change }))) {
      setTyped('');
    }
  };
  return (
    <form className="jp-Workbench-bar" aria-label={trans.__('Tags')} onSubmit={event => void add(event)}>
      {Object.entries(page.run?.tags ?? {}).map(([key, value]) => (
        <span key={key} className="jp-Workbench-tag">
          {value ? `${key}=${value}` : key}
          <button
            type="button"
            className="jp-Workbench-link"
            aria-label={trans.__('Remove the tag %1', key)}
            disabled={page.isChanging}
            onClick={() => void page.change({ tags: { [key]: null } })}
          >
            ×
          </button>
        </span>
      ))}
      <input
        type="text"
        aria-label={trans.__('New tag')}
        placeholder={trans.__('KEY=VALUE')}
        value={typed}
        onChange={event => setTyped(event.target.value)}
      />
      <button className="jp-Workbench-button" disabled={tagChange(typed) === null || page.isChanging}>
        {trans.__('Add tag')}
      </button>
    </form>
  );
}

/** What is typed stays when the run changes meanwhile. */
export function Note({ page, trans }: Props): JSX.Element {
  const kept = page.run?.note ?? '';
  const [typed, setTyped] = React.useState<string | null>(null);
  const box = React.useRef<HTMLTextAreaElement>(null);
  const save = async () => {
    box.current?.focus(); // the buttons go away
    if (await page.change({ note: typed ?? '' })) {
      setTyped(null);
    }
  };
  const discard = () => {
    box.current?.focus();
    setTyped(null);
  };
  return (
    <div>
      <textarea
        ref={box}
        className="jp-Workbench-note"
        rows={2}
        aria-label={trans.__('Note')}
        placeholder={trans.__('Note')}
        value={typed ?? kept}
        onChange={event => setTyped(event.target.value)}
      />
      {typed !== null && typed !== kept && (
        <div className="jp-Workbench-bar">
          <button className="jp-Workbench-button" disabled={page.isChanging} onClick={() => void save()}>
            {trans.__('Save note')}
          </button>
          <button className="jp-Workbench-button" disabled={page.isChanging} onClick={discard}>
            {trans.__('Discard')}
          </button>
        </div>
      )}
    </div>
  );
}
