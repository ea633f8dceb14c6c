import { PLAN_TOOL, QUESTION_TOOL } from '../../../../machines/vocabulary.ts';
import type { ApprovalView } from '../../api-types.ts';
import type { GroupContext } from '../group/part.ts';
import { later, stylesheet } from './later.ts';

type Form = (context: GroupContext, approval: ApprovalView) => HTMLElement;

/** What answers an agent's questions or decides about its plan, loaded when one is shown; undefined for a permission. */
export function laterForm(context: GroupContext, approval: ApprovalView): HTMLElement | undefined {
  const { tool } = approval;
  const form = tool === QUESTION_TOOL ? questionForm : tool === PLAN_TOOL ? planForm : undefined;
  if (form === undefined) return undefined;
  const loading = later(
    async () => ({ node: (await form())(context, approval) }),
    () => {},
  );
  loading.ask();
  return loading.node;
}

const questionForm = async (): Promise<Form> => (await import('../answers/question-form.ts')).questionForm;

async function planForm(): Promise<Form> {
  const [code] = await Promise.all([import('../answers/plan-form.ts'), stylesheet('session.css')]);
  return code.planForm;
}
