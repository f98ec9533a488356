import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { expect, test, vi } from 'vitest';

import { Rest } from '../src/rest';

vi.mock('@jupyterlab/services', () => ({
  ServerConnection: {
    makeRequest: async () => {
      throw new TypeError('Failed to fetch');
    }
  }
}));

test('a server that does not answer is told in the language of the screen', async () => {
  const french = (text: string, said: string) =>
    text === 'The server did not answer: %1' ? `Le serveur n’a pas répondu : ${said}` : text;
  const settings = { baseUrl: 'http://localhost/' } as ServerConnection.ISettings;
  const rest = new Rest(settings, { __: french } as unknown as TranslationBundle);
  await expect(rest.projects()).rejects.toMatchObject({
    message: 'Le serveur n’a pas répondu : Failed to fetch',
    status: 0
  });
});
