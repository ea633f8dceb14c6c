import { attr, el, visible } from '../dom/el.ts';

export interface Tab {
  readonly name: string;
  readonly node: Element;
}

/** Tabs; arrow keys move between them. */
export function tabs(
  all: readonly Tab[],
  opened: (name: string) => void,
  { label = 'Views', prefix = '' } = {},
): { readonly node: Element; current(): string; open(name: string): void } {
  let current = all[0]?.name ?? '';
  const list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': label });
  const pairs = all.map(({ name, node }) => {
    const id = prefix + name.toLowerCase().replaceAll(' ', '-');
    const press = el(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${id}`,
        'aria-controls': `view-${id}`,
        click: () => open(name),
      },
      name,
    );
    const panel = el('div', { role: 'tabpanel', id: `view-${id}`, 'aria-labelledby': `tab-${id}` }, node);
    list.append(press);
    return { name, press, panel };
  });
  const draw = () => {
    for (const { name, press, panel } of pairs) {
      attr(press, 'aria-selected', String(name === current));
      attr(press, 'tabindex', name === current ? 0 : -1);
      visible(panel, name === current);
    }
  };
  const open = (name: string) => {
    current = name;
    draw();
    opened(name);
  };
  list.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const place = pairs.findIndex(({ name }) => name === current);
    const next = pairs[(place + step + pairs.length) % pairs.length];
    if (next === undefined) return;
    event.preventDefault();
    open(next.name);
    next.press.focus();
  });
  draw();
  const node = el(
    'section',
    { class: prefix === '' ? 'card views' : 'inner-views' },
    list,
    ...pairs.map(({ panel }) => panel),
  );
  return { node, current: () => current, open };
}
