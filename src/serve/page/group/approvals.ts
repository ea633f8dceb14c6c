import { PLAN_TOOL, QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { counted } from '../../../sdk/format.ts';
import { questionsIn } from '../../../sdk/session/reports/questions.ts';
import { PLAN_WORDS } from '../../../words/wait-words.ts';
import type { ApprovalView } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el, text, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { KeyedList, type Row } from '../dom/keyed-list.ts';
import { laterForm } from '../later/answer-form.ts';
import type { GroupModel } from '../model/group-model.ts';
import { shown, toolInputFields } from '../texts/tool-input.ts';
import type { GroupContext, Part } from './part.ts';
import { sendAnswer } from './send-answer.ts';

/** So many are shown at first. */
const SHOWN = 4;

/** What agents wait for: permissions, answers, and plans to approve; hidden while there are none. */
export function approvalsInbox(context: GroupContext): Part {
  const { model, hashOf } = context;
  const title = el('h2');
  const items = el('ul');
  let most = SHOWN;
  const more = button({
    label: '',
    act() {
      most = Number.POSITIVE_INFINITY;
      draw();
      items.children[SHOWN]?.querySelector('a')?.focus();
    },
  });
  const open = answerable(model, items);
  const node = el('section', { class: 'card inbox', 'aria-label': 'Approvals' }, title, open.node, more.node);
  const list = new KeyedList<ApprovalView>(
    items,
    ({ requestId, sessionId }) => `${sessionId} ${requestId}`,
    approval => {
      const session = el('a', { href: hashOf(approval.sessionId) }, approval.sessionId);
      const item = el('li', {}, icon('question').node, session, ...question(context, approval));
      return { node: item, update: () => {} } satisfies Row<ApprovalView>;
    },
  );
  const draw = () => {
    const waiting = [...model.approvals.values()];
    text(title, waitingWords(waiting));
    visible(node, waiting.length > 0);
    open.draw();
    list.show(waiting.slice(0, most));
    more.label(`Show ${waiting.length - most} more`);
    visible(more.node, waiting.length > most);
  };
  draw();
  return {
    node,
    update(changes) {
      if (changes.approvals) draw();
    },
  };
}

/** What answers requests. While the group is suspended, nothing would take an answer: then it says so, and has no buttons. */
export function answerable(model: GroupModel, ...parts: readonly Element[]) {
  const words = 'The process of the group is suspended: nothing is answered until it goes on.';
  const why = el('p', { class: 'small' }, words);
  const node = el('fieldset', { class: 'answerable' }, why, ...parts);
  return {
    node,
    draw(): void {
      node.disabled = model.shown === 'suspended';
      visible(why, node.disabled);
    },
  };
}

/** `2 questions, 1 request for permission`. */
function waitingWords(waiting: readonly ApprovalView[]): string {
  const of = (wanted: string) => waiting.filter(({ tool }) => tool === wanted).length;
  const questions = of(QUESTION_TOOL);
  const plans = of(PLAN_TOOL);
  const others = waiting.length - questions - plans;
  return [
    ...(questions > 0 ? [counted(questions, 'question')] : []),
    ...(plans > 0 ? [`${counted(plans, 'plan')} to approve`] : []),
    ...(others > 0 ? [`${counted(others, 'request')} for permission`] : []),
  ].join(', ');
}

/** What an agent asks for, and what answers it. */
export function question(context: GroupContext, approval: ApprovalView): Element[] {
  const { sessionId, tool, input } = approval;
  const form = laterForm(context, approval);
  if (form !== undefined) {
    const asks = tool === QUESTION_TOOL;
    const isRead = !asks || questionsIn(tool, input).length > 0;
    const words = el('span', { class: 'tool' }, asks ? 'asks' : PLAN_WORDS);
    return [words, ...(isRead ? [] : askedNodes(input)), form];
  }
  const allow = button({
    label: 'Allow',
    icon: 'check',
    kind: 'primary',
    act: () => sendAnswer(context, approval, 'allow', `${tool} allowed`),
  });
  const deny = button({
    label: 'Deny',
    icon: 'cross',
    kind: 'danger',
    act: () => sendAnswer(context, approval, 'deny', `${tool} denied`),
  });
  for (const [{ node }, word] of [[allow, 'Allow'] as const, [deny, 'Deny'] as const]) {
    node.setAttribute('aria-label', `${word} ${tool} for ${sessionId}`);
  }
  return [
    el('span', { class: 'tool' }, 'wants to use ', el('strong', {}, shown(tool))),
    ...askedNodes(input),
    el('div', { class: 'buttons' }, allow.node, deny.node),
  ];
}

function askedNodes(input: ApprovalView['input']): Element[] {
  if (Object.keys(input).length === 0) return [];
  const parts = toolInputFields(input).flatMap(({ name, words }) => [
    ...(name === undefined ? [] : [el('b', {}, name)]),
    el('pre', {}, words),
  ]);
  return [
    el('div', { class: 'asked', tabindex: 0, role: 'group', 'aria-label': 'Requested action' }, ...parts),
  ];
}
