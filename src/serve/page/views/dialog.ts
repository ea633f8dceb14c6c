import { el } from '../dom/el.ts';

/**
 * A question on top of the page. The browser keeps the focus in it and gives it back; Escape answers no.
 * `read` gives the answer, or undefined when what was written cannot be one: the dialog then stays.
 */
export function ask<T>(options: {
  readonly title: string;
  readonly body: readonly Node[];
  readonly yes: string;
  readonly kind: 'primary' | 'danger';
  read(): T | undefined;
}): Promise<T | undefined> {
  return new Promise(resolve => {
    let answer: T | undefined;
    const title = el('h2', { id: 'dialog-title' }, options.title);
    const no = el('button', { type: 'button', class: 'plain', click: () => dialog.close() }, 'Cancel');
    const yes = el('button', { type: 'submit', class: options.kind }, options.yes);
    const submit = (event: Event) => {
      event.preventDefault();
      answer = options.read();
      if (answer !== undefined) dialog.close();
    };
    const form = el(
      'form',
      { submit, novalidate: true },
      title,
      ...options.body,
      el('div', { class: 'buttons' }, no, yes),
    );
    const dialog = el('dialog', { 'aria-labelledby': 'dialog-title' }, form);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Whether to go ahead. */
export async function confirmed(title: string, words: string, yes: string): Promise<boolean> {
  const body = [el('p', {}, words)];
  return (await ask({ title, body, yes, kind: 'danger', read: () => true })) === true;
}
