import { el } from '../dom/el.ts';

/**
 * A modal dialog. The browser traps the focus in it and restores it; Escape cancels. `read` returns the answer, or
 * undefined if the input is invalid: then the dialog stays open.
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

/** Asks for confirmation. @param more shown below the words. Default: nothing. */
export async function confirmed(
  title: string,
  words: string,
  yes: string,
  more: readonly Node[] = [],
): Promise<boolean> {
  const body = [el('p', {}, words), ...more];
  return (await ask({ title, body, yes, kind: 'danger', read: () => true })) === true;
}
