import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { EventConnection, type Settings } from '../src/connection';

/** What the test does in place of a server. */
class Socket {
  onopen = () => undefined as void;
  onclose = () => undefined as void;
  onmessage = (_: { data: string }) => undefined as void;

  constructor(readonly url: string) {
    made.push(this);
  }
}

let made: Socket[] = [];

async function connected(): Promise<{ connection: EventConnection; said: unknown[] }> {
  const settings = { WebSocket: Socket, wsUrl: 'ws://here/', appendToken: true, token: 'a b' } as unknown as Settings;
  const connection = new EventConnection(settings);
  const said: unknown[] = [];
  connection.opened.connect((_, isOpen) => said.push(isOpen));
  connection.stream.connect((_, event) => said.push(event.schema_id));
  await vi.advanceTimersByTimeAsync(100);
  return { connection, said };
}

beforeEach(() => {
  made = [];
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test('a websocket that is lost is opened again, soon', async () => {
  const { connection, said } = await connected();
  made[0].onopen();
  made[0].onmessage({ data: '{"schema_id": "one"}' });
  made[0].onclose();
  await vi.advanceTimersByTimeAsync(1_500);
  expect(made).toHaveLength(2);
  made[1].onopen();
  expect(said).toEqual([true, 'one', false, true]);
  connection.dispose();
});

test('a server that does not answer is tried again and again, every second', async () => {
  const { connection, said } = await connected();
  for (let tries = 1; tries < 6; tries++) {
    made[made.length - 1].onclose();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(made).toHaveLength(tries + 1);
  }
  expect(said).toEqual([false, false, false, false, false]);
  connection.dispose();
});

test('a server that may be gone for good is tried less often, and soon again once it is lost anew', async () => {
  const { connection } = await connected();
  const fail = async () => {
    made[made.length - 1].onclose();
    await vi.advanceTimersByTimeAsync(10_100);
  };
  for (let tries = 0; tries < 100; tries++) {
    await fail();
  }
  const tries = made.length;
  made[tries - 1].onclose();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(made).toHaveLength(tries);
  await vi.advanceTimersByTimeAsync(5_100);
  made[tries].onopen();
  made[tries].onclose();
  await vi.advanceTimersByTimeAsync(1_100);
  expect(made).toHaveLength(tries + 2);
  connection.dispose();
});

test('the address has the token where JupyterLab needs it there', async () => {
  const { connection } = await connected();
  expect(made[0].url).toBe('ws://here/api/events/subscribe?token=a%20b');
  connection.dispose();
});
