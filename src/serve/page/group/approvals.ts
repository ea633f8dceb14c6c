import { QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import { counted } from '../../../sdk/format.ts';
import { answerTo } from '../../../sdk/session/reports/questions.ts';
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
  const fields = answerFields(approval);
  const answer = (decision: 'allow' | 'deny') => async () => {
    const words = fields.map(({ words }) => words());
    const given = words.some(one => one !== '') ? { answer: words.join('\n') } : {};
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
    ...fields.flatMap(({ nodes }) => nodes),
    el('div', { class: 'buttons' }, allow.node, deny.node),
  ];
}

interface AnswerField {
  readonly nodes: readonly Element[];
  /** What goes to the model, in one line. */
  words(): string;
}

/** One for each question, with its options to choose from; other words are an answer, too. None for a permission. */
function answerFields({ sessionId, requestId, tool, questions = [] }: ApprovalView): AnswerField[] {
  if (tool !== QUESTION_TOOL) return [];
  const label = `Answer for ${sessionId}`;
  if (questions.length === 0) {
    const input = el('input', { 'aria-label': label });
    return [{ nodes: [input], words: () => input.value }];
  }
  return questions.map((question, index) => {
    const list = `options-${sessionId}-${requestId}-${index}`;
    const input = el('input', { 'aria-label': `${label}: ${shown(question.question)}`, list });
    const options = question.options.map(({ label }) => el('option', { value: label }));
    return {
      nodes: [input, el('datalist', { id: list }, ...options)],
      words: () => {
        const words = input.value.replace(/\s+/g, ' ').trim();
        return words === '' || answerTo(question, words) !== undefined ? words : `other: ${words}`;
      },
    };
  });
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
