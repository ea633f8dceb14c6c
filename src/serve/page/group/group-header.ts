import { hasReason } from '../../../../machines/vocabulary.ts';
import { sentence } from '../../../sdk/format.ts';
import { TAKE_OVER_RISK, UNCHECKED, unreadableWords } from '../../../sdk/take-over-words.ts';
import { GROUP_MARKS } from '../../../words/marks.ts';
import { isPossible } from '../../../words/possible.ts';
import { VERBS } from '../../../words/verbs.ts';
import { pauseWords, waitWords } from '../../../words/wait-words.ts';
import { badge } from '../controls/badge.ts';
import { type Button, button } from '../controls/button.ts';
import { confirmed } from '../controls/dialog.ts';
import { menu } from '../controls/menu.ts';
import { prose } from '../controls/prose.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { exportButtons } from '../later/exports.ts';
import type { GroupModel } from '../model/group-model.ts';
import {
  exhausted,
  GROUP_VERBS,
  type GroupVerb,
  pathOf,
  refusal,
  suspendedNow,
  takeOverVerb,
} from '../model/verbs.ts';
import { askBudget } from './budget-form.ts';
import type { GroupContext, Part } from './part.ts';

/** The group's name, status, wait reason and actions. */
export function groupHeader(context: GroupContext): Part {
  const { model } = context;
  const { id, name, description } = model.detail;
  const status = badge(GROUP_MARKS[model.shown]);
  const why = el('span', { class: 'why' });
  const owner = el('span', { class: 'owner' });
  const offer = prose({ class: 'offer' });
  const buttons = GROUP_VERBS.map(verb => [verb, verbButton(verb, context)] as const);
  buttons.forEach(([, { node: press }], index) => {
    attr(press, 'data-order', index);
  });
  const takeOver = takeOverButton(context);
  const offered = el('span', { class: 'offered' });
  const more = menu('More');
  const rest = el('span', { class: 'menu-rest' });
  more.items.append(rest, ...exportButtons(context));
  const node = el(
    'header',
    { class: 'group-header' },
    el(
      'div',
      { class: 'naming' },
      el('h1', { tabindex: -1 }, name),
      el('p', { class: 'standing' }, status.node, why),
      ...(description === undefined ? [] : [el('p', { class: 'description' }, description)]),
      el('p', { class: 'small' }, el('code', {}, id), owner),
    ),
    el('div', { class: 'verbs', role: 'group', 'aria-label': 'Group' }, offered, takeOver.node, more.node),
    offer.node,
  );
  const draw = () => {
    status.set(GROUP_MARKS[model.shown]);
    text(why, reasonWords(model));
    text(owner, ownerWords(model));
    const words = offerWords(model);
    offer.set(words);
    visible(offer.node, words !== '');
    visible(takeOver.node, takeOverVerb(model) !== undefined);
    for (const [verb, { node, refuse }] of buttons) {
      const reason = refusal(verb, model);
      refuse(reason);
      attr(node, 'data-primary', isNext(verb, model) ? 'true' : undefined);
      place(node, reason === undefined ? offered : rest);
    }
  };
  draw();
  return { node, update: draw };
}

/** Moves an action among those that apply now, or to the rest. The order of the verbs stays, and the focus too. */
function place(node: HTMLElement, holder: HTMLElement): void {
  if (node.parentElement === holder) return;
  const hadFocus = document.activeElement === node;
  const order = (one: Element) => Number(one.getAttribute('data-order'));
  const next = [...holder.children].find(other => order(other) > order(node));
  holder.insertBefore(node, next ?? null);
  if (!hadFocus) return;
  const menuHead = holder.closest('details')?.querySelector('summary');
  (menuHead ?? node).focus({ preventScroll: true });
}

/** Why it is waiting, or why it ended. */
function reasonWords({ totals: { status, why }, reason, shown }: GroupModel): string {
  if (shown === 'suspended') return '';
  if (why !== undefined && why.kind !== 'not_started') {
    const words = waitWords(why, Date.now());
    return words.startsWith(status) ? words.slice(status.length).replace(/^: /, '') : words;
  }
  if (reason === undefined || !hasReason(status)) return '';
  return pauseWords(reason);
}

function ownerWords({ totals: { owner, status }, shown, archived }: GroupModel): string {
  const archivedWords = archived ? ', archived' : '';
  if (owner === undefined) return archivedWords;
  if (!owner.alive)
    return status === 'interrupted' ? `, last run by process ${owner.pid}${archivedWords}` : archivedWords;
  const process = owner.here ? 'this server' : `process ${owner.pid}`;
  return `, ${shown === 'suspended' ? '' : 'running '}in ${process}${owner.unchecked ? ` on ${owner.host}` : ''}${archivedWords}`;
}

function offerWords(model: GroupModel): string {
  const { owner, ownerUnreadable } = model.totals;
  if (ownerUnreadable !== undefined) return sentence(unreadableWords(ownerUnreadable));
  if (owner?.unchecked) return UNCHECKED;
  const suspended = suspendedNow(model);
  if (suspended) return suspended;
  if (model.totals.status === 'interrupted') {
    return 'The process that ran this group has died. Resume picks up where it left off: settled sessions stay as they are, the others continue in the same conversations.';
  }
  return exhausted(model) ? 'The budget is used up. Raise it to continue in the same conversations.' : '';
}

/** Whether the verb is the next step and its button the primary one. */
function isNext(verb: GroupVerb, model: GroupModel): boolean {
  const next = exhausted(model)
    ? 'set_max_budget'
    : NEXT_STEPS.find(name => isPossible(name, model.totals.status));
  return verb === next;
}

const NEXT_STEPS = ['run', 'resume', 'retry'] as const;

function takeOverButton({ model, request }: GroupContext): Button {
  return button({
    label: 'Take over',
    kind: 'danger',
    async act() {
      const words = `Only if you are sure that its process has ended: ${TAKE_OVER_RISK}.`;
      const verb = takeOverVerb(model);
      if (verb === undefined || !(await confirmed('Take the group over?', words, 'Take over'))) return;
      await request(pathOf(verb), { takeOver: true });
    },
  });
}

function verbButton(verb: GroupVerb, { model, request, tell }: GroupContext): Button {
  const asks: Partial<Record<GroupVerb, () => Promise<unknown>>> = {
    async stop() {
      const words = 'Live sessions are stopped and waiting ones are skipped. Retry can run them again later.';
      if (await confirmed('Stop the group?', words, 'Stop group')) await request(pathOf('stop'));
    },
    async set_max_budget() {
      const wanted = await askBudget(model);
      if (wanted === undefined) return;
      const { maxBudgetUsd, resume } = wanted;
      if ((await request(pathOf('set_max_budget'), { maxBudgetUsd })) && resume)
        await request(pathOf('resume'));
    },
  };
  const act = asks[verb] ?? (() => request(pathOf(verb)));
  const { label, icon } = VERBS[verb].button;
  return button({
    label,
    icon,
    act: async () => {
      await act();
    },
    refused: tell,
  });
}
