/** The only module that speaks HTTP. Every error is a `RestError` with the server's own message. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { TranslationBundle } from './text';
import type { Kernel, Preparation, Project, StartLines } from './tokens';

const API = 'workbench/api';
/** Of Jupyter itself: it needs a login, and nothing beyond it. */
const WHO_AM_I = 'api/me';
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const RANGE_OF_NOTHING = 416;

/** What the server, or the way to it, answered. `status` is 0 when nothing came back. */
export class RestError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly reason: string | null
  ) {
    super(message);
    this.name = 'RestError';
  }
}

/** The routes below `workbench/api/`, one method each. */
export class Rest {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly trans: TranslationBundle
  ) {}

  projects(): Promise<Project[]> {
    return this.ask('GET', ['projects']);
  }

  kernels(): Promise<Kernel[]> {
    return this.ask('GET', ['kernels']);
  }

  /** Those that run, and those that ended lately. */
  preparations(): Promise<Preparation[]> {
    return this.ask('GET', ['preparations']);
  }

  cancelStart(kernelId: string): Promise<void> {
    return this.ask('POST', ['kernels', kernelId, 'cancel']);
  }

  cancelPreparation(id: string): Promise<void> {
    return this.ask('DELETE', ['preparations', id]);
  }

  /** Kept until the same is started again. */
  startLog(kind: 'kernel' | 'preparation', id: string): Promise<StartLines> {
    return this.ask('GET', [`${kind}s`, id, 'log']);
  }

  /**
   * Send one request. `path` has the parts between the slashes, as they are: they are encoded here; `query` leaves
   * out what is undefined.
   */
  async ask<T>(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string[],
    { query, body }: { query?: Query; body?: unknown } = {}
  ): Promise<T> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    const response = await this.send(this.url(path, query), init);
    const text = await response.text();
    if (!response.ok) {
      throw errorOf(response, text, this.trans);
    }
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** The first bytes of a content that is text, as UTF-8; an empty content has none. */
  async readText(path: string[], query: Query, bytes: number): Promise<string> {
    const init = { method: 'GET', headers: { Range: `bytes=0-${bytes - 1}` } };
    const response = await this.send(this.url(path, query), init);
    const text = await response.text();
    if (response.status === RANGE_OF_NOTHING) {
      return '';
    }
    if (!response.ok) {
      throw errorOf(response, text, this.trans);
    }
    return text;
  }

  /** Whether the server answers, but not to this user any more. */
  async isLoggedOut(): Promise<boolean> {
    try {
      const { status } = await this.send(URLExt.join(this.settings.baseUrl, WHO_AM_I), { method: 'GET' });
      return status === UNAUTHORIZED || status === FORBIDDEN;
    } catch {
      return false; // it does not answer at all
    }
  }

  /** The address of a route, for links and images. */
  url(path: string[], query: Query = {}): string {
    const address = URLExt.join(this.settings.baseUrl, API, ...path.map(encodeURIComponent));
    const pairs = Object.entries(query).flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value])
        .filter(one => one !== undefined)
        .map(one => `${encodeURIComponent(key)}=${encodeURIComponent(String(one))}`)
    );
    return pairs.length ? `${address}?${pairs.join('&')}` : address;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      throw new RestError(this.trans.__('The server did not answer: %1', (error as Error).message), 0, null);
    }
  }
}

export type Query = Record<string, Value | Value[]>;
type Value = string | number | boolean | undefined;

/** Others may answer instead: a proxy on the way, or a server that does not know our routes. */
function errorOf({ status, statusText }: Response, text: string, trans: TranslationBundle): RestError {
  const told = toldBy(text);
  if (told !== null) {
    return new RestError(told.message, status, told.reason ?? null);
  }
  const message =
    status === NOT_FOUND
      ? trans.__('This server does not run jupyter_workbench: `workbench doctor` says why.')
      : `${status} ${statusText}`;
  return new RestError(message, status, null);
}

/** What our JSON tells; null for anything else. */
function toldBy(text: string): { message: string; reason?: string | null } | null {
  try {
    const told = JSON.parse(text) as { message?: string; reason?: string | null } | null;
    return told?.message ? { message: told.message, reason: told.reason } : null;
  } catch {
    return null;
  }
}
