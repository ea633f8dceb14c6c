import { isSettled } from '../../../../machines/vocabulary.ts';
import { isPossible } from '../../../words/possible.ts';
import { VERBS } from '../../../words/verbs.ts';
import type { SessionDetail } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el, visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { pathOf } from '../model/verbs.ts';

/** Sends a message to the session's agent; there only while it may take one. What could not be sent stays in the field. */
export function sendForm({ model, request, say }: GroupContext, id: string) {
  const field = el('textarea', { id: 'message', rows: 2, 'aria-describedby': 'message-when' });
  const { label, icon } = VERBS.session_send.button;
  const send = button({
    label,
    icon,
    async act() {
      const text = field.value;
      if (text.trim() === '') return field.focus();
      if (!(await request(pathOf('session_send', id), { text }))) return;
      if (field.value === text) field.value = '';
      say('Message sent');
    },
  });
  field.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send.node.click();
    // Escape closes the panel, and would take what has been written with it.
    else if (event.key === 'Escape' && field.value !== '') event.stopPropagation();
  });
  const when = el(
    'p',
    { id: 'message-when', class: 'small' },
    'Ctrl+Enter sends it: now if its agent works, else when it goes on.',
  );
  const node = el(
    'div',
    { class: 'message' },
    el('label', { for: 'message' }, 'Message to its agent'),
    field,
    el('div', { class: 'buttons' }, send.node, when),
  );
  visible(node, false);
  return {
    node,
    draw(detail: SessionDetail | undefined) {
      const session = model.sessions.get(id);
      const takes = detail?.messages === true && session !== undefined && !isSettled(session.status);
      const { status, owner } = model.totals;
      visible(node, takes && !owner?.suspended && isPossible('session_send', status));
    },
  };
}
