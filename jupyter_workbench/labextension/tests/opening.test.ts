import type { IDocumentManager } from '@jupyterlab/docmanager';
import { nullTranslator } from '@jupyterlab/translation';
import { expect, test, vi } from 'vitest';

import { openPlace } from '../src/opening';
import type { Project } from '../src/tokens';

const trans = nullTranslator.load('');
const place = { file: 'aml_config/docker.compute', line: 7 };
const OUTSIDE =
  'aml_config/docker.compute is outside of the folder that JupyterLab shows: open it with another editor, at line 7.';

function projectAt(path: string | null): Project {
  return { project_dir: '/home/you/myIris', path } as Project;
}

test('a file that the file browser does not reach is named, with what to do', async () => {
  const documents = { openOrReveal: vi.fn() } as unknown as IDocumentManager;
  await expect(openPlace(documents, projectAt(null), place, trans)).rejects.toThrow(OUTSIDE);
  await expect(openPlace(documents, undefined, place, trans)).rejects.toThrow(OUTSIDE);
  expect(documents.openOrReveal).not.toHaveBeenCalled();
});

test('a file is opened at its line, and not beyond its end', async () => {
  const editor = { lineCount: 3, setCursorPosition: vi.fn(), focus: vi.fn() };
  const opened = { revealed: Promise.resolve(), context: { ready: Promise.resolve() }, content: { editor } };
  const documents = { openOrReveal: vi.fn(() => opened) } as unknown as IDocumentManager;
  await openPlace(documents, projectAt('myIris'), place, trans);
  expect(documents.openOrReveal).toHaveBeenCalledWith('myIris/aml_config/docker.compute', 'Editor');
  expect(editor.setCursorPosition).toHaveBeenCalledWith({ line: 2, column: 0 });
});
