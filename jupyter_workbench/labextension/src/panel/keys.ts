/** What the keys do in a tree, as the WAI-ARIA Authoring Practices have it. No screen here. */

import type { Line } from './tree';

export type Deed =
  | { do: 'focus'; id: string }
  | { do: 'open' | 'close' | 'act' | 'menu'; id: string };

/** What a key does at the item that has the focus; null when it is none of the tree's. */
export function deedOf(key: string, isShift: boolean, lines: readonly Line[], focused: string): Deed | null {
  const at = lines.findIndex(line => line.item.id === focused);
  if (at < 0) {
    return null;
  }
  const line = lines[at];
  const id = line.item.id;
  switch (key) {
    case 'ArrowDown':
      return focus(lines[at + 1]);
    case 'ArrowUp':
      return focus(lines[at - 1]);
    case 'Home':
      return focus(lines[0]);
    case 'End':
      return focus(lines[lines.length - 1]);
    case 'ArrowRight':
      return line.isOpen === false ? { do: 'open', id } : line.isOpen ? focus(lines[at + 1]) : null;
    case 'ArrowLeft':
      return line.isOpen ? { do: 'close', id } : line.parent && { do: 'focus', id: line.parent.id };
    case ' ':
      return opened(line) ?? { do: 'act', id };
    case 'Enter':
      return isFolder(line) ? opened(line) : { do: 'act', id };
    case 'ContextMenu':
      return { do: 'menu', id };
    case 'F10':
      return isShift ? { do: 'menu', id } : null;
    default:
      return key.length === 1 ? focus(next(key, lines, at)) : null;
  }
}

/** What has nothing to do of its own: nobody wants its first command by Enter. */
function isFolder({ item }: Line): boolean {
  return item.subject.kind === 'project' || item.subject.kind === 'problems';
}

function opened({ item, isOpen }: Line): Deed | null {
  return isOpen === null ? null : { do: isOpen ? 'close' : 'open', id: item.id };
}

/** The next line that begins with a letter, around the end. */
function next(letter: string, lines: readonly Line[], at: number): Line | undefined {
  const after = [...lines.slice(at + 1), ...lines.slice(0, at)];
  return after.find(line => line.item.label.toLowerCase().startsWith(letter.toLowerCase()));
}

function focus(line: Line | undefined): Deed | null {
  return line === undefined ? null : { do: 'focus', id: line.item.id };
}
