import { QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { counted } from '../../../sdk/format.ts';
import type { ApprovalView } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el, text, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { KeyedList, type Row } from '../dom/keyed-list.ts';
import { shown, toolInputFields } from '../model/tool-input.ts';
import { pathOf } from '../model/verbs.ts';
import type { GroupContext, Part } from './part.ts';

/** The pending permission requests; hidden while there are none. */
export function approvalsInbox(context: GroupContext): Part {
  const { model, hashOf } = context;
  const title = el('h2');
  const items = el('ul');
  const node = el('section', { class: 'card inbox', 'aria-label': 'Approvals' }, title, items);
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
    text(title, `${counted(waiting.length, 'request')} for permission`);
    visible(node, waiting.length > 0);
    list.show(waiting);
  };
  draw();
  return {
    node,
    update(changes) {
      if (changes.approvals) draw();
    },
  };
}

/** The requested tool with its input, and the two answers. */
export function question(context: GroupContext, approval: ApprovalView): Element[] {
  const { sessionId, requestId, tool, input } = approval;
  // A question is answered in words, which go to the model.
  const words = tool === QUESTION_TOOL ? el('input', { 'aria-label': `Answer for ${sessionId}` }) : undefined;
  const answer = (decision: 'allow' | 'deny') => async () => {
    const given = words && words.value !== '' ? { answer: words.value } : {};
    if (await context.request(pathOf('answer', sessionId), { requestId, decision, ...given })) {
      context.say(`${sessionId}: ${tool} ${decision === 'allow' ? 'allowed' : 'denied'}`);
    }
  };
  const allow = button({ label: 'Allow', icon: 'check', kind: 'primary', act: answer('allow') });
  const deny = button({ label: 'Deny', icon: 'cross', kind: 'danger', act: answer('deny') });
  for (const [{ node }, word] of [[allow, 'Allow'] as const, [deny, 'Deny'] as const]) {
    node.setAttribute('aria-label', `${word} ${tool} for ${sessionId}`);
  }
  const wanted = Object.keys(input).length === 0 ? [] : [askedNode(input)];
  return [
    el('span', { class: 'tool' }, 'wants to use ', el('strong', {}, shown(tool))),
    ...wanted,
    ...(words ? [words] : []),
    el('div', { class: 'buttons' }, allow.node, deny.node),
  ];
}

function askedNode(input: ApprovalView['input']): Element {
  const parts = toolInputFields(input).flatMap(({ name, words }) => [
    ...(name === undefined ? [] : [el('b', {}, name)]),
    el('pre', {}, words),
  ]);
  return el(
    'div',
    { class: 'asked', tabindex: 0, role: 'group', 'aria-label': 'Requested action' },
    ...parts,
  );
}
