import { visible } from '../dom/el.ts';
import { isSettled } from '../model/session-words.ts';
import { isLive } from '../model/verbs.ts';
import { button } from './button.ts';
import type { GroupContext } from './part.ts';

/** Holds this session alone, or lets it go on. */
export function holdButton({ model, request }: GroupContext, id: string, below: string) {
  const held = () => {
    const why = model.sessions.get(id)?.why;
    return why?.kind === 'paused' && why.reason === 'held';
  };
  const press = button({
    label: 'Pause session',
    icon: 'bars',
    async act() {
      await request(`${below}/${held() ? 'resume' : 'pause'}`);
    },
  });
  return {
    node: press.node,
    draw() {
      const session = model.sessions.get(id);
      const over = session === undefined || isSettled(session) || !(isLive(model.totals.status) || held());
      visible(press.node, !over);
      press.label(held() ? 'Resume session' : 'Pause session');
      press.refuse(session?.status === 'pending' && !held() ? 'It is not in play yet' : undefined);
    },
  };
}
