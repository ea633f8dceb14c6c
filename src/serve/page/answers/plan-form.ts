import { planIn } from '../../../sdk/session/reports/questions.ts';
import type { ApprovalView } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el, visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { sendAnswer } from '../group/send-answer.ts';
import { markdownView } from '../session/markdown-view.ts';

/** The plan of an agent. It can be rejected with words for the agent; approving it has none. */
export function planForm(context: GroupContext, approval: ApprovalView): HTMLElement {
  const { sessionId, tool, input } = approval;
  const plan = planIn(tool, input) ?? '';
  const words = el('textarea', { rows: 2 });
  const problem = el(
    'p',
    { class: 'problem', role: 'alert' },
    'These words reach the agent only with Reject: empty the field to approve.',
  );
  visible(problem, false);
  const approve = button({
    label: 'Approve',
    icon: 'check',
    kind: 'primary',
    act() {
      const isWritten = words.value.trim() !== '';
      visible(problem, isWritten);
      return isWritten ? words.focus() : sendAnswer(context, approval, 'allow', 'plan approved');
    },
  });
  const reject = button({
    label: 'Reject',
    icon: 'cross',
    kind: 'danger',
    act: () => sendAnswer(context, approval, 'deny', 'plan rejected', words.value.trim()),
  });
  approve.node.setAttribute('aria-label', `Approve the plan of ${sessionId}`);
  reject.node.setAttribute('aria-label', `Reject the plan of ${sessionId}`);
  return el(
    'form',
    { submit: event => event.preventDefault() },
    plan.trim() === '' ? el('p', { class: 'small' }, 'It has written no plan.') : markdownView(plan),
    el('label', { class: 'own' }, 'What is to change, if you reject it', words),
    problem,
    el('div', { class: 'buttons' }, approve.node, reject.node),
  );
}
