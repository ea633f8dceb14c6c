import { el } from '../dom/el.ts';
import { keepToken } from '../net/token.ts';

/** Shown without a token, or after the server rejected it. */
export function signIn(wrong: boolean): Element {
  const token = el('input', { id: 'token', type: 'password', autocomplete: 'off', required: true });
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.value.trim() === '') return;
    keepToken(token.value.trim());
    location.reload();
  };
  return el(
    'div',
    { class: 'sign-in card' },
    el('h1', { tabindex: -1 }, wrong ? 'This link is no longer valid' : 'Sign in'),
    el(
      'p',
      {},
      'Open the address that ',
      el('code', {}, 'session-groups serve'),
      ' printed. It contains the token.',
    ),
    el(
      'form',
      { submit },
      el('label', { for: 'token' }, 'Or paste the token here'),
      token,
      el('button', { type: 'submit', class: 'primary' }, 'Open'),
    ),
  );
}
