import { questionsIn } from '../../../sdk/session/reports/questions.ts';
import type { ApprovalView } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { sendAnswer } from '../group/send-answer.ts';
import { questionField } from './question-field.ts';

/** What can't be read as questions is answered in any words. */
const UNREADABLE = { question: 'What it asks', options: [], multiSelect: false };

/** The questions of an agent. What was written goes with the refusal to answer them, too. */
export function questionForm(context: GroupContext, approval: ApprovalView): HTMLElement {
  const { sessionId, tool, input } = approval;
  const found = questionsIn(tool, input);
  const fields = (found.length === 0 ? [UNREADABLE] : found).map((question, index) =>
    questionField(question, `question-${index}`),
  );
  const answer = button({
    label: 'Answer',
    icon: 'check',
    kind: 'primary',
    async act() {
      const lines = fields.map(field => field.answer());
      const given = lines.filter(line => line !== undefined);
      if (given.length < lines.length) return fields[lines.indexOf(undefined)]?.focus();
      await sendAnswer(context, approval, 'allow', 'answered', given.join('\n'));
    },
  });
  const decline = button({
    label: 'Decline',
    icon: 'cross',
    kind: 'danger',
    act() {
      const words = fields.map(field => field.words()).filter(one => one !== '');
      return sendAnswer(context, approval, 'deny', 'not answered', words.join('\n'));
    },
  });
  answer.node.setAttribute('aria-label', `Answer ${sessionId}`);
  decline.node.setAttribute('aria-label', `Decline to answer ${sessionId}`);
  // A form of several fields is sent by Enter only if it has a button for that.
  const keydown = (event: Event) => {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Enter') return;
    if (!(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    answer.node.click();
  };
  return el(
    'form',
    { keydown, submit: event => event.preventDefault() },
    ...fields.map(({ node }) => node),
    el('div', { class: 'buttons' }, answer.node, decline.node),
  );
}
