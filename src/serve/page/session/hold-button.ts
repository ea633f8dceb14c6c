import { isSettled } from '../../../../machines/vocabulary.ts';
import { isPossible } from '../../../words/possible.ts';
import { VERBS } from '../../../words/verbs.ts';
import { isHeld } from '../../../words/wait-words.ts';
import { button } from '../controls/button.ts';
import { visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { pathOf } from '../model/verbs.ts';

/** Holds or resumes one session. */
export function holdButton({ model, request }: GroupContext, id: string) {
  const held = () => isHeld({ why: model.sessions.get(id)?.why });
  const verb = () => (held() ? 'session_resume' : 'session_pause');
  const { label, icon } = VERBS.session_pause.button;
  const press = button({
    label,
    icon,
    async act() {
      await request(pathOf(verb(), id));
    },
  });
  return {
    node: press.node,
    draw() {
      const session = model.sessions.get(id);
      const over = session === undefined || isSettled(session.status);
      visible(press.node, !over && isPossible(verb(), model.totals.status));
      press.label(VERBS[verb()].button.label);
    },
  };
}
