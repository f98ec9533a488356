/** Opens a text file at a line. */

import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type { Widget } from '@lumino/widgets';

/** Open a file in the editor, at the beginning of a line that counts from 1. */
export async function openAt(documents: IDocumentManager, path: string, line: number): Promise<void> {
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
