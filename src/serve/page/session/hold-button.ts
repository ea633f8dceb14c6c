import { isSettled } from '../../../../machines/vocabulary.ts';
import { GROUP_MARKS } from '../../../words/marks.ts';
import { isPossible } from '../../../words/possible.ts';
import { VERBS } from '../../../words/verbs.ts';
import { isHeld } from '../../../words/wait-words.ts';
import { button } from '../controls/button.ts';
import { confirmed } from '../controls/dialog.ts';
import { visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { pathOf, refusal } from '../model/verbs.ts';

/** Holds or resumes one session. */
export function holdButton({ model, request, tell }: GroupContext, id: string) {
  const held = () => isHeld({ why: model.sessions.get(id)?.why });
  const verb = () => (held() ? 'session_resume' : 'session_pause');
  const { label, icon } = VERBS.session_pause.button;
  /** It goes on only once its group does. */
  const goOn = async () => {
    const { status } = model.totals;
    const next = status === 'created' ? 'run' : 'resume';
    if (!isPossible(next, status)) return;
    const { word } = GROUP_MARKS[status];
    const words = `${id} is no longer held. Its group is ${word}: it goes on once that ${next === 'run' ? 'is started' : 'is resumed'}.`;
    const label = VERBS[next].button.label;
    if (refusal(next, model) !== undefined) return tell(words);
    if (await confirmed(`${label} the group as well?`, words, `${label} group`)) await request(pathOf(next));
  };
  const press = button({
    label,
    icon,
    async act() {
      const done = verb();
      if ((await request(pathOf(done, id))) && done === 'session_resume') await goOn();
    },
  });
  return {
    node: press.node,
    draw() {
      const session = model.sessions.get(id);
      const { owner } = model.totals;
      const over = session === undefined || isSettled(session.status) || owner?.suspended;
      visible(press.node, !over && isPossible(verb(), model.totals.status));
      const { label } = VERBS[verb()].button;
      press.label(held() ? label : (HOLDS[session?.status ?? ''] ?? label));
    },
  };
}

/** What to hold one means that is not at work. */
const HOLDS: Readonly<Record<string, string>> = { pending: 'Hold session', paused: 'Keep paused' };
