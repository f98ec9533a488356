import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { beforeEach, expect, test, vi } from 'vitest';

import { Rest } from '../src/rest';

vi.mock('@jupyterlab/services', () => ({ ServerConnection: { makeRequest: vi.fn() } }));

const request = vi.mocked(ServerConnection.makeRequest);
const settings = { baseUrl: 'http://localhost/' } as ServerConnection.ISettings;

function makeRest(trans: TranslationBundle = nullTranslator.load('')): Rest {
  return new Rest(settings, trans);
}

function answers(status: number, body: string, statusText = ''): void {
  request.mockResolvedValue({ status, statusText, ok: status < 400, text: async () => body } as Response);
}

beforeEach(() => void request.mockReset().mockRejectedValue(new TypeError('Failed to fetch')));

test('a server that does not answer is told in the language of the screen', async () => {
  const french = (text: string, said: string) =>
    text === 'The server did not answer: %1' ? `Le serveur n’a pas répondu : ${said}` : text;
  await expect(makeRest({ __: french } as unknown as TranslationBundle).projects()).rejects.toMatchObject({
    message: 'Le serveur n’a pas répondu : Failed to fetch',
    status: 0
  });
});

test('an error is the message of our server', async () => {
  answers(404, '{"message": "expected the id of a run, got 7", "reason": "NoSuchRun"}');
  await expect(makeRest().projects()).rejects.toMatchObject({
    message: 'expected the id of a run, got 7',
    status: 404,
    reason: 'NoSuchRun'
  });
});

test.each([
  ['a page', '<html>Not Found</html>'],
  ['the JSON of a kernel gateway', '{"reason": "Not Found", "message": ""}'],
  ['JSON of somebody else', 'null']
])('a server without our routes that answers with %s is told so', async (_, body) => {
  answers(404, body, 'Not Found');
  await expect(makeRest().projects()).rejects.toMatchObject({
    message: 'This server does not run jupyter_workbench: `workbench doctor` says why.',
    status: 404,
    reason: null
  });
});

test('the page of a proxy is told by its status', async () => {
  answers(502, '<html>no</html>', 'Bad Gateway');
  await expect(makeRest().projects()).rejects.toMatchObject({ message: '502 Bad Gateway', status: 502 });
});

test.each([401, 403])('whoever is answered with %s is logged out', async status => {
  answers(status, '');
  expect(await makeRest().isLoggedOut()).toBe(true);
  expect(request.mock.calls[0][0]).toBe('http://localhost/api/me');
});

test('nobody is logged out of a server that answers well, badly or not at all', async () => {
  expect(await makeRest().isLoggedOut()).toBe(false);
  answers(200, '{}');
  expect(await makeRest().isLoggedOut()).toBe(false);
  answers(503, '');
  expect(await makeRest().isLoggedOut()).toBe(false);
});
