/** The tree on the screen. */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { TranslationBundle } from '../text';
import { type Reach, Trouble } from '../trouble';
import type { Indicator } from './indicators';
import type { Item } from './items';
import { deedOf } from './keys';
import type { PanelState } from './state';
import { type Line, linesOf, nameOf, treeOf } from './tree';

/** What the user does to an item. */
export interface Doings {
  act(item: Item): void;
  /** Show what can be done, at a place of the window. */
  menu(item: Item, x: number, y: number): void;
}

export class PanelWidget extends ReactWidget {
  private closed = new Set<string>();
  private chosen: string | null = null;
  private lines: Line[] = [];
  /** The item that gets the focus once it is on the screen. */
  private wanted: string | null = null;
  private said = '';

  constructor(
    private readonly state: PanelState,
    private readonly reach: Reach,
    private readonly doings: Doings,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Workbench-panel');
    state.changed.connect(() => this.update());
  }

  /** What the commands of the palette act on. */
  get current(): Item | null {
    return this.lines.find(line => line.item.id === this.focused)?.item ?? null;
  }

  /** Say in the panel, and to screen readers, what came of something. */
  say(text: string): void {
    this.said = text;
    this.update();
  }

  /** Take it back, unless something else was said since. */
  unsay(text: string): void {
    if (this.said === text) {
      this.say('');
    }
  }

  protected override onActivateRequest(): void {
    this.focus(this.focused);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.state.show(this.isVisible);
  }

  protected override onAfterShow(): void {
    void this.state.show(true);
  }

  protected override onAfterHide(): void {
    void this.state.show(false);
  }

  protected override render(): React.ReactElement {
    const moment = this.state.moment;
    this.look();
    return (
      <>
        <Trouble reach={this.reach} error={moment.error} again={() => this.state.load()} trans={this.trans} />
        {this.lines.length === 0 ? this.nothing(moment.isLoaded) : this.tree()}
        <p className="jp-Workbench-panel-said" role="status">
          {this.said}
        </p>
      </>
    );
  }

  private nothing(isLoaded: boolean): React.ReactElement {
    return (
      <p className="jp-Workbench-panel-nothing">
        {isLoaded
          ? this.trans.__('There is no project here. A project is a folder that has a folder aml_config.')
          : this.trans.__('Looking for projects…')}
      </p>
    );
  }

  private tree(): React.ReactElement {
    return (
      <div
        role="tree"
        aria-label={this.trans.__('Projects of the workbench')}
        className="jp-Workbench-tree"
        onKeyDown={event => this.press(event)}
      >
        {this.lines.map(line => (
          <LineView
            key={line.item.id}
            line={line}
            isFocused={line.item.id === this.focused}
            isWanted={line.item.id === this.wanted}
            trans={this.trans}
            onFocus={() => this.choose(line.item.id)}
            onToggle={() => this.toggle(line.item.id)}
            onAct={() => this.act(line.item)}
            onMenu={(x, y) => this.menu(line.item, x, y)}
          />
        ))}
      </div>
    );
  }

  /** Take the lines as they are now. Where the item that had the focus went away, its neighbour has it. */
  private look(): void {
    const before = this.lines.findIndex(line => line.item.id === this.chosen);
    this.lines = linesOf(treeOf(this.state.moment, this.trans), this.closed);
    if (before >= 0 && !this.lines.some(line => line.item.id === this.chosen)) {
      this.chosen = this.lines[Math.min(before, this.lines.length - 1)]?.item.id ?? null;
      this.wanted = this.node.contains(document.activeElement) ? this.chosen : this.wanted;
    }
  }

  /** One item has the tab stop always. */
  private get focused(): string {
    return this.chosen ?? this.lines[0]?.item.id ?? '';
  }

  private choose(id: string): void {
    this.wanted = null;
    if (id !== this.chosen) {
      this.chosen = id;
      this.update();
    }
  }

  private focus(id: string): void {
    this.chosen = this.wanted = id;
    this.update();
  }

  private act(item: Item): void {
    this.chosen = item.id;
    this.doings.act(item);
  }

  private menu(item: Item, x: number, y: number): void {
    this.chosen = item.id; // not every browser gives the focus to a button that is clicked
    this.doings.menu(item, x, y);
  }

  private toggle(id: string): void {
    if (!this.closed.delete(id)) {
      this.closed.add(id);
    }
    this.update();
  }

  private press(event: React.KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    this.look(); // keys come faster than the screen is drawn
    const deed = deedOf(event.key, event.shiftKey, this.lines, this.focused);
    if (deed === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const item = this.lines.find(line => line.item.id === deed.id)!.item;
    switch (deed.do) {
      case 'focus':
        return this.focus(deed.id);
      case 'open':
      case 'close':
        return this.toggle(deed.id);
      case 'act':
        return this.act(item);
      case 'menu': {
        const place = (this.elementOf(deed.id) ?? this.node).getBoundingClientRect();
        return this.menu(item, place.left + 24, place.bottom);
      }
    }
  }

  private elementOf(id: string): HTMLElement | undefined {
    const items = this.node.querySelectorAll<HTMLElement>('[role="treeitem"]');
    return [...items].find(item => item.dataset.id === id);
  }
}

interface LineProps {
  line: Line;
  isFocused: boolean;
  isWanted: boolean;
  trans: TranslationBundle;
  onFocus: () => void;
  onToggle: () => void;
  onAct: () => void;
  onMenu: (x: number, y: number) => void;
}

function LineView({ line, isFocused, isWanted, trans, ...on }: LineProps): React.ReactElement {
  const { onFocus, onToggle, onAct, onMenu } = on;
  const node = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (isWanted) {
      node.current?.focus();
      onFocus(); // it may have had the focus
    }
  });
  const { item, level, position, siblings, isOpen } = line;
  return (
    <div
      ref={node}
      role="treeitem"
      className={`jp-Workbench-line jp-mod-${item.subject.kind}`}
      data-id={item.id}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={isOpen ?? undefined}
      aria-selected={isFocused}
      aria-label={nameOf(item, trans)}
      tabIndex={isFocused ? 0 : -1}
      style={{ paddingLeft: `${(level - 1) * 14 + 4}px` }}
      onFocus={onFocus}
      onClick={isOpen === null ? undefined : onToggle}
      onDoubleClick={isOpen === null ? onAct : undefined}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.focus();
        onMenu(event.clientX, event.clientY);
      }}
    >
      <span className="jp-Workbench-caret" aria-hidden="true">
        {isOpen === null ? '' : isOpen ? '▾' : '▸'}
      </span>
      <span className="jp-Workbench-words" title={item.details.join('\n')}>
        <Label item={item} onAct={onAct} />
        {item.details.length > 0 && <span className="jp-Workbench-details">{item.details.join(' · ')}</span>}
        {item.indicators.length > 0 && (
          <span className="jp-Workbench-indicators">
            {item.indicators.map(indicator => (
              <IndicatorView key={indicator.about} indicator={indicator} trans={trans} />
            ))}
          </span>
        )}
      </span>
      {item.subject.kind !== 'problem' && item.subject.kind !== 'problems' && (
        <button
          type="button"
          className="jp-Workbench-more"
          tabIndex={-1}
          title={trans.__('What can be done with %1', item.label)}
          aria-label={trans.__('What can be done with %1', item.label)}
          onClick={event => {
            event.stopPropagation();
            const place = event.currentTarget.getBoundingClientRect();
            onMenu(place.left, place.bottom);
          }}
        >
          ⋯
        </button>
      )}
    </div>
  );
}

/** A problem is opened by a click. */
function Label({ item, onAct }: { item: Item; onAct: () => void }): React.ReactElement {
  if (item.subject.kind !== 'problem') {
    return <span className="jp-Workbench-label">{item.label}</span>;
  }
  return (
    <button type="button" className="jp-Workbench-place" tabIndex={-1} onClick={onAct}>
      {item.label}
    </button>
  );
}

function IndicatorView({ indicator, trans }: { indicator: Indicator; trans: TranslationBundle }): React.ReactElement {
  const { about, colour, text } = indicator;
  return (
    <span className="jp-Workbench-indicator" data-colour={colour}>
      <span className="jp-Workbench-dot" aria-hidden="true" />
      {trans.__('%1: %2', about, text)}
    </span>
  );
}
