import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { formatElapsed, formatTokens, formatUsd } from '../../../sdk/format.ts';
import { type ShownAs, standsStill } from '../../../words/marks.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { COUNTS, countMark } from '../model/marks.ts';
import { type CountKey, countsOf } from '../model/session-filter.ts';
import type { GroupContext, Part } from './part.ts';

/** The group's cost and progress: budget bar, totals, and counts, each of which filters the sessions. */
export interface Meters extends Part {
  update(): void;
}

export function meters({ model, filter }: GroupContext): Meters {
  const rehearsal = model.detail.rehearsal === true;
  const budget = budgetBar(model.detail.budget.warningThreshold, rehearsal);
  const tokens = figure('Tokens');
  const elapsed = figure('Elapsed');
  const left = figure('Remaining');
  const sessions = countsBar(filter);
  const node = el(
    'section',
    { class: 'card meters', 'aria-label': 'Totals' },
    budget.node,
    el('dl', { class: 'figures' }, ...[tokens, elapsed, left].map(({ node }) => node)),
    sessions.node,
  );
  const draw = () => {
    const { totals } = model;
    const age = model.age();
    budget.set(totals.totalCostUsd, totals.limitUsd);
    tokens.set(formatTokens(totals.totalTokens));
    elapsed.set(formatElapsed(totals.elapsedMs + age));
    const remainingMs = (totals.estimatedRemainingMs ?? 0) - age;
    left.set(remainingMs <= 0 || !isLiveGroup(totals.status) ? '–' : formatElapsed(remainingMs));
    // Of a group that stands still, what has not settled is nothing but that.
    const counts = standsStill(model.shown) ? countsOf(model.sessions.values()) : totals;
    sessions.set(counts, totals.totalSessions, model.shown);
  };
  draw();
  return { node, update: draw };
}

function figure(label: string): { readonly node: Element; set(words: string): void } {
  const value = el('dd');
  return { node: el('div', {}, el('dt', {}, label), value), set: words => text(value, words) };
}

/** The spent part of the limit, with a line at the warning threshold. */
function budgetBar(warningThreshold: number, rehearsal: boolean) {
  const spent = el('strong');
  const limit = el('span', { class: 'of' });
  const state = el('span', { class: 'state' });
  const fill = el('div', { class: 'fill' });
  const warning = el('div', {
    class: 'warning',
    title: `Warning at ${Math.round(warningThreshold * 100)}%`,
  });
  warning.style.setProperty('left', `${warningThreshold * 100}%`);
  const bar = el(
    'div',
    {
      class: 'bar',
      role: 'meter',
      'aria-label': 'Budget used, in percent',
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    fill,
    warning,
  );
  const node = el('div', { class: 'budget' }, el('p', {}, spent, ' ', limit, state), bar);
  return {
    node,
    set(usageUsd: number, limitUsd: number | undefined) {
      if (rehearsal) {
        text(spent, 'Rehearsal');
        text(limit, 'nothing is spent');
        visible(bar, false);
        return;
      }
      const ratio = limitUsd === undefined ? 0 : limitUsd === 0 ? 1 : usageUsd / limitUsd;
      const level = limitUsd === undefined || ratio < warningThreshold ? 'ok' : ratio < 1 ? 'wait' : 'bad';
      text(spent, formatUsd(usageUsd));
      text(limit, limitUsd === undefined ? 'no limit' : `of ${formatUsd(limitUsd)}`);
      text(state, level === 'ok' ? '' : level === 'wait' ? 'near the limit' : 'limit reached');
      attr(node, 'data-tone', level);
      visible(bar, limitUsd !== undefined);
      attr(bar, 'aria-valuenow', Math.min(100, Math.round(ratio * 100)));
      attr(
        bar,
        'aria-valuetext',
        `${formatUsd(usageUsd)} of ${limitUsd === undefined ? 'no limit' : formatUsd(limitUsd)}`,
      );
      fill.style.setProperty('width', `${Math.min(1, ratio) * 100}%`);
    },
  };
}

type Counts = Readonly<Record<CountKey, number>>;

/** The number of sessions in each state, as a bar and as text. */
function countsBar(filter: GroupContext['filter']) {
  const parts = COUNTS.map(({ key, tone, icon: name }) => {
    const piece = el('div', { 'data-tone': tone, class: key });
    const number = el('strong');
    const press = () => {
      const { counts } = filter.value;
      const others = counts.filter(other => other !== key);
      filter.set({ ...filter.value, counts: others.length < counts.length ? others : [...counts, key] });
    };
    const props = { type: 'button', class: 'count', 'data-tone': tone, click: press };
    const label = el('span', {}, key);
    const sign = icon(name);
    const word = el('button', props, sign.node, number, ' ', label);
    return { key, piece, number, label, word, sign };
  });
  const bar = el('div', { class: 'bar stacked', 'aria-hidden': 'true' }, ...parts.map(({ piece }) => piece));
  const words = el('p', { class: 'counts' }, ...parts.map(({ word }) => word));
  return {
    node: el('div', { class: 'progress' }, words, bar),
    set(counts: Counts, total: number, group: ShownAs) {
      for (const { key, piece, number, label, word, sign } of parts) {
        const mark = countMark(key, group);
        text(label, mark.word);
        sign.set(mark.icon);
        for (const one of [piece, word]) attr(one, 'data-tone', mark.tone);
        const count = counts[key];
        text(number, String(count));
        const chosen = filter.value.counts.includes(key);
        visible(word, count > 0 || chosen);
        attr(word, 'aria-pressed', String(chosen));
        piece.style.setProperty('width', `${(100 * count) / Math.max(1, total)}%`);
      }
    },
  };
}
