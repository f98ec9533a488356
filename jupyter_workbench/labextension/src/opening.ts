/** Opens text files at a line. */

import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type { Widget } from '@lumino/widgets';

import { pathOf, type Place } from './places';
import type { TranslationBundle } from './text';
import type { Project } from './tokens';

/** Open a place in a file of a project. Fails where the file browser does not reach it; `project` may be gone. */
export async function openPlace(
  documents: IDocumentManager,
  project: Project | undefined,
  { file, line }: Place,
  trans: TranslationBundle
): Promise<void> {
  const path = project === undefined ? null : pathOf(project, file);
  if (path === null) {
    throw new Error(
      trans.__(
        '%1 is outside of the folder that JupyterLab shows: open it with another editor, at line %2.',
        file,
        line
      )
    );
  }
  await openAt(documents, path, line);
}

/** Open a file in the editor, at the beginning of a line that counts from 1. */
async function openAt(documents: IDocumentManager, path: string, line: number): Promise<void> {
  const opened = documents.openOrReveal(path, 'Editor');
  if (opened === undefined) {
    return; // the document manager has said why
  }
  await opened.revealed;
  await opened.context.ready;
  const editor = editorOf(opened);
  if (editor !== undefined) {
    editor.setCursorPosition({ line: Math.min(line, editor.lineCount) - 1, column: 0 });
    editor.focus();
  }
}

function editorOf(widget: IDocumentWidget): CodeEditor.IEditor | undefined {
  return (widget.content as Widget & { editor?: CodeEditor.IEditor }).editor;
}
