/** A compute target that is being filled in, and what the server says of each field. No screen here. */

import { type ISignal, Signal } from '@lumino/signaling';

import type { Draft, Mistakes } from '../tokens';

export type TargetType = 'docker' | 'local';
export type Value = string | boolean;

/** The settings of each type, by keys of its file. */
export const FIELDS: Record<TargetType, readonly string[]> = {
  docker: ['baseDockerImage', 'memory', 'cpus', 'network', 'sharedVolumes', 'nvidiaDocker', 'mounts'],
  local: ['pythonLocation']
};

/** How long nothing must be typed before the server is asked. */
export const PAUSE_MS = 250;

export class AttachForm {
  private readonly _changed = new Signal<this, void>(this);
  private readonly values = new Map<string, Value>();
  private readonly touched = new Set<string>();
  private mistakes: Mistakes = {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private _type: TargetType = 'docker';
  private _failure: string | null = null;

  constructor(private readonly ask: (draft: Draft) => Promise<Mistakes>) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get type(): TargetType {
    return this._type;
  }

  /** Why it could not be attached, or why nobody could be asked about the fields. */
  get failure(): string | null {
    return this._failure;
  }

  get draft(): Draft {
    return {
      name: this.text('name').trim(),
      type: this._type,
      settings: Object.fromEntries(FIELDS[this._type].map(key => [key, this.setting(key)]))
    };
  }

  /** Whether it may be sent: it has a name, and no mistake that is known. */
  get isComplete(): boolean {
    return this.draft.name !== '' && Object.keys(this.mistakes).length === 0;
  }

  value(key: string): Value | undefined {
    return this.values.get(key);
  }

  /** What is wrong with a field; nothing before somebody has filled it in. */
  mistake(key: string): string | null {
    return this.touched.has(key) ? (this.mistakes[key] ?? null) : null;
  }

  choose(type: TargetType): void {
    this._type = type;
    this.look();
  }

  fill(key: string, value: Value): void {
    this.values.set(key, value);
    this.touched.add(key);
    this.look();
  }

  /** Take why the server did not attach it: every field is told about then. */
  refuse(reason: string): void {
    this._failure = reason;
    ['name', ...FIELDS[this._type]].forEach(key => this.touched.add(key));
    this._changed.emit();
  }

  /** Ask the server after a pause; the last answer counts. */
  private look(): void {
    const turn = ++this.asked;
    this._failure = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.take(turn), PAUSE_MS);
    this._changed.emit();
  }

  private async take(turn: number): Promise<void> {
    let mistakes: Mistakes = {};
    let failure: string | null = null;
    try {
      mistakes = await this.ask(this.draft);
    } catch (error) {
      failure = (error as Error).message;
    }
    if (turn === this.asked) {
      this.mistakes = mistakes;
      this._failure = failure;
      this._changed.emit();
    }
  }

  private text(key: string): string {
    return String(this.values.get(key) ?? '');
  }

  private setting(key: string): string | string[] | boolean | null {
    const text = this.text(key).trim();
    switch (key) {
      case 'mounts':
        return text.split('\n').map(line => line.trim()).filter(line => line !== '');
      case 'nvidiaDocker':
        return this.values.get(key) === true;
      case 'sharedVolumes':
        return text === '' ? null : text === 'true';
      default:
        return text;
    }
  }
}
