import { expect, test } from 'vitest';

import { pathOf, piecesOf, placesIn, projectOf } from '../src/places';
import type { Project } from '../src/tokens';

const REASON = [
  'myIris local cannot start:',
  'aml_config/local.runconfig:1: Target: expected the name of a compute target, got `nowhere` - create it',
  'aml_config/local.runconfig:2: TrackedRun: expected true or false, got `maybe` - write one of them',
  'aml_config/local.runconfig:2: TrackedRun: once more'
].join('\n');

function project(path: string | null): Project {
  return { project: 'p', project_dir: '/root/p', path, problems: [], run_configurations: [] };
}

test('the places of a reason are told once each', () => {
  expect(placesIn(REASON)).toEqual([
    { file: 'aml_config/local.runconfig', line: 1 },
    { file: 'aml_config/local.runconfig', line: 2 }
  ]);
});

test('the pieces of a reason are the reason, to the letter', () => {
  const odd = `${REASON}\n\n  file with blank.yml:3: <b>&amp;\nhttp://a:80/x: y\n`;
  expect(piecesOf(odd).map(piece => piece.text).join('')).toBe(odd);
});

test.each(['http://localhost:80/: refused', 'Traceback: x', 'a:b: c', ':1: x', 'file.yml:1'])('%s is no place', text => {
  expect(placesIn(text)).toEqual([]);
});

test('a file is found below its project, wherever that is', () => {
  expect(pathOf(project('folder/p'), 'aml_config/a.compute')).toBe('folder/p/aml_config/a.compute');
  expect(pathOf(project(''), 'aml_config/a.compute')).toBe('aml_config/a.compute');
  expect(pathOf(project('p'), '/root/p/aml_config/a.compute')).toBe('p/aml_config/a.compute');
});

test('no file is found that is outside of the project or of the root folder', () => {
  expect(pathOf(project(null), 'aml_config/a.compute')).toBeNull();
  expect(pathOf(project('p'), '/etc/passwd')).toBeNull();
  expect(pathOf(project('p'), '../other/a.compute')).toBeNull();
});

test('a notebook belongs to the nearest project above it', () => {
  const [above, root, outer, inner] = [null, '', 'a', 'a/b'].map(project);
  const all = [above, root, outer, inner];
  expect(projectOf('a/b/c/n.ipynb', all)).toBe(inner);
  expect(projectOf('a/n.ipynb', all)).toBe(outer);
  expect(projectOf('ab/n.ipynb', all)).toBe(root);
  expect(projectOf('n.ipynb', [above])).toBe(above);
  expect(projectOf('n.ipynb', [inner])).toBeNull();
});
