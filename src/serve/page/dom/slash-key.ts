/** Calls `search` when `/` is pressed outside of fields and dialogs. Returns how to end that. */
export function onSlash(search: () => void): () => void {
  const press = (event: KeyboardEvent) => {
    const { target } = event;
    const types = target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
    if (event.key !== '/' || types || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search();
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}

/** Escape empties the search field and leaves it, so that the next key isn't typed into it. */
export function leaveOnEscape(field: HTMLInputElement): void {
  field.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (field.value !== '') {
      field.value = '';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    field.blur();
  });
}
