/** Places in the files of a project, as messages name them: `aml_config/local.runconfig:1: Target: ...`. */

import type { Project } from './tokens';

/** A line of a file; `file` is as the message has it, `line` counts from 1. */
export interface Place {
  file: string;
  line: number;
}

/** A piece of a message, with the place that it names. */
export interface Piece {
  text: string;
  place: Place | null;
}

const PLACE = /^(\s*)([^\s:][^:\n]*):(\d+)(?=: )/;

/** Cut a message of several lines into pieces; put together again they are the message. */
export function piecesOf(message: string): Piece[] {
  return message.split('\n').flatMap((line, index) => {
    const start = index === 0 ? '' : '\n';
    const found = PLACE.exec(line);
    if (found === null) {
      return [{ text: start + line, place: null }];
    }
    const [all, blanks, file, number] = found;
    const place = { file, line: Number(number) };
    return [
      { text: start + blanks, place: null },
      { text: textOf(place), place },
      { text: line.slice(all.length), place: null }
    ];
  });
}

/** The places that a message names, each once. */
export function placesIn(message: string): Place[] {
  const places = piecesOf(message).flatMap(piece => piece.place ?? []);
  return places.filter((place, index) => index === places.findIndex(other => isSame(place, other)));
}

/** A place as messages name it. */
export function textOf({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** Where the server's file browser has a file of a project, or null when that is outside of its root. */
export function pathOf(project: Project, file: string): string | null {
  if (project.path === null) {
    return null;
  }
  const inside = file.startsWith(`${project.project_dir}/`) ? file.slice(project.project_dir.length + 1) : file;
  if (inside.startsWith('/') || inside.split('/').includes('..')) {
    return null;
  }
  return project.path ? `${project.path}/${inside}` : inside;
}

/** The project that a file of the file browser belongs to: the nearest one at or above it. */
export function projectOf(path: string, projects: Project[]): Project | null {
  const above = projects.filter(project => !project.path || path.startsWith(`${project.path}/`));
  return above.sort((one, other) => depth(other) - depth(one))[0] ?? null;
}

function depth(project: Project): number {
  return project.path === null ? -1 : project.path.length;
}

function isSame(one: Place, other: Place): boolean {
  return one.file === other.file && one.line === other.line;
}
