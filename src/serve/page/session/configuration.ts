import { formatDuration } from '../../../sdk/format.ts';
import { visible as seen } from '../../../words/visible.ts';
import type { SessionConfiguration } from '../../configuration-types.ts';
import { copyButton } from '../controls/copy-button.ts';
import { el } from '../dom/el.ts';
import { factList } from './session-facts.ts';

/** The prompt that a session is started with. */
export function promptParts({ prompt }: SessionConfiguration): readonly Element[] {
  const later = prompt.includes('<result of ')
    ? [el('p', { class: 'small' }, 'Where <result of …> stands, it gets the result of that session.')]
    : [];
  const words = el('pre', { class: 'output prompt', tabindex: 0, 'aria-label': 'Prompt' }, seen(prompt));
  return [...later, words, copyButton('Copy', () => prompt).node];
}

/** What a session is allowed, and the files that were generated for its agent. */
export function configurationParts(detail: SessionConfiguration): readonly Element[] {
  const { agent, model, permissions, settingSources, mcpServers, files } = detail;
  const { mode, allow, deny, onRequest, timeout } = permissions;
  const facts = factList();
  const listed = (all: readonly string[]) => all.map(seen).join('\n');
  facts.show(
    [
      ['Agent', agent] as const,
      ['Model', model ?? 'the default of the agent'] as const,
      ['Mode', mode] as const,
      ['Allowed', listed(allow)] as const,
      ['Denied', listed(deny)] as const,
      [
        'Requests',
        onRequest === 'ask' ? `a person is asked, for at most ${formatDuration(timeout)}` : onRequest,
      ] as const,
      ['Settings of', settingSources.join(', ')] as const,
      ['MCP servers', listed(mcpServers)] as const,
    ].filter(([, words]) => words !== ''),
  );
  const parts = files.map(({ path, text, cut }) => {
    const words = el('pre', { class: 'output', tabindex: 0, 'aria-label': path }, seen(text));
    const note = cut ? [el('p', { class: 'small' }, 'Only its beginning is shown.')] : [];
    const copy = copyButton('Copy', () => text).node;
    return el('details', { class: 'file' }, el('summary', {}, seen(path)), ...note, words, copy);
  });
  const none = el('p', { class: 'small' }, 'No file has been generated for it.');
  return [facts.node, el('h3', {}, 'Generated files'), ...(parts.length > 0 ? parts : [none])];
}
