/** Tags as people type them. */

/** `KEY=VALUE`, `KEY`, or `KEY=` to take the tag away (null); null for what is no tag. */
export function tagChange(typed: string): Record<string, string | null> | null {
  const text = typed.trim();
  const at = text.indexOf('=');
  const key = (at < 0 ? text : text.slice(0, at)).trim();
  if (key === '') {
    return null;
  }
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  return { [key]: at >= 0 && value === '' ? null : value };
}
