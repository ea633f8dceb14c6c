import { formatTokens, formatUsd } from '../../../sdk/format.ts';
import { openedWords } from '../../../words/session-words.ts';
import { currentToolWords } from '../../../words/transcript.ts';
import { placeWords } from '../../../words/wait-words.ts';
import type { SessionDetail } from '../../api-types.ts';
import { el, text } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import type { GroupModel } from '../model/group-model.ts';
import { costWords, startWords, timeWords } from '../model/session-words.ts';
import type { ShownSession } from '../model/shown-session.ts';

type Fact = readonly [name: string, words: string];
type Detail = SessionDetail['session'];

/** A list of names and values. */
export function factList(): { readonly node: Element; show(facts: readonly Fact[]): void } {
  const node = el('dl', { class: 'facts' });
  const rows = new KeyedList<Fact>(
    node,
    ([name]) => name,
    ([name]) => {
      const value = el('dd');
      return { node: el('div', {}, el('dt', {}, name), value), update: ([, words]) => text(value, words) };
    },
  );
  return { node, show: facts => rows.show(facts) };
}

/** The facts about a session; `detail` once it is loaded. */
export function factRows(
  session: ShownSession,
  detail: Detail | undefined,
  model: GroupModel,
): readonly Fact[] {
  const isReal = model.detail.rehearsal !== true;
  const all: readonly Fact[] = [
    [
      'Cost',
      isReal ? [costWords(session) || '$0.00', capWords(detail)].filter(Boolean).join(' ') : 'rehearsal',
    ],
    ['Tokens', tokenWords(session)],
    ['Tool', currentToolWords(session)],
    ['Time', [timeWords(session, model.age()), startWords(session)].filter(Boolean).join(', ')],
    ['Attempts', session.attempts === 0 ? '' : String(session.attempts)],
    ['Works on', session.worksOn === undefined ? '' : placeWords(session.worksOn)],
    ['By hand', session.openedByHand === undefined ? '' : openedWords(session.openedByHand)],
    ['Agent', [detail?.agent, detail?.model].filter(Boolean).join(', ')],
    ['Depends on', (detail?.dependsOn ?? []).map(edgeWords).join(detail?.trigger === 'any' ? ' or ' : ', ')],
    ['Project', session.projectPath],
  ];
  return all.filter(([, words]) => words !== '');
}

function tokenWords({ tokens }: ShownSession): string {
  const all = formatTokens(tokens);
  return all === '0'
    ? ''
    : `${all} (${tokens.input} in, ${tokens.output} out, ${tokens.cacheRead} read from cache)`;
}

const capWords = (detail: Detail | undefined): string =>
  detail?.maxBudgetUsd === undefined ? '' : `of at most ${formatUsd(detail.maxBudgetUsd)}`;

const edgeWords = ({ session, when }: Detail['dependsOn'][number]): string =>
  when === 'completed' ? session : `${session} (if ${when})`;
