import { formatDay, formatTime } from '../../../sdk/format.ts';
import type { Transcript, TranscriptLine } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { copyButton } from '../controls/copy-button.ts';
import { reveal } from '../controls/reveal.ts';
import { saveFile } from '../controls/save-file.ts';
import { el, text, visible } from '../dom/el.ts';
import { KeyedList, type Row } from '../dom/keyed-list.ts';
import type { GroupContext } from '../group/part.ts';
import { joinedLines, lineKey, transcriptText } from '../texts/transcript-lines.ts';
import { type OutputFollower, outputFollower } from './follow-outputs.ts';
import { markdownView } from './markdown-view.ts';
import { outputPages, outputParts } from './tool-output.ts';

/** Lines of one request. */
const PAGE = 200;

export interface TranscriptView {
  readonly node: Element;
  /** Reads what is new. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Marks the message that is the session's result. */
  result(words: string | undefined): void;
}

/**
 * A session's transcript, newest last, in pages; keeps following the end while it is scrolled there.
 * @param ask asks for a refresh.
 */
export function transcriptView(
  { api, path, tell }: GroupContext,
  id: string,
  ask: () => void,
): TranscriptView {
  const below = `${path}/sessions/${encodeURIComponent(id)}`;
  const read = (query: string, signal?: AbortSignal) =>
    api.get<Transcript>(`${below}/transcript?${query}`, signal);
  let all: Transcript = { lines: [], truncated: false };
  let result: string | undefined;

  const lines = el('ol', { class: 'lines' });
  const earlier = button({
    label: 'Show earlier lines',
    kind: 'quiet',
    async act() {
      const [first] = all.lines;
      if (first === undefined) return;
      const before = await read(`tail=${PAGE}&before=${first.seq}`).catch(() => undefined);
      if (before === undefined) return tell('The earlier lines cannot be read.');
      const height = scroll.scrollHeight;
      all = { lines: [...before.lines, ...all.lines], truncated: before.truncated };
      draw();
      scroll.scrollTop += scroll.scrollHeight - height;
    },
  });
  const empty = el('p', { class: 'empty' }, 'No output yet.');
  const scroll = el(
    'div',
    { class: 'transcript', tabindex: 0, role: 'log', 'aria-label': 'Transcript' },
    earlier.node,
    empty,
    lines,
  );
  const copy = copyButton('Copy', () => transcriptText(all.lines));
  const save = button({
    label: 'Download',
    icon: 'down',
    kind: 'quiet',
    act: async () => {
      const whole = await read('tail=10000').catch(() => all);
      saveFile(`${id}.txt`, [transcriptText(whole.lines)]);
    },
  });
  const outputs = outputFollower(ask);
  const node = el('div', {}, scroll, el('div', { class: 'buttons' }, copy.node, save.node, outputs.node));
  const list = new KeyedList<TranscriptLine>(lines, lineKey, first =>
    lineRow(first, { below, api, outputs, isResult: said => result !== undefined && said === result.trim() }),
  );
  const draw = () => {
    visible(earlier.node, all.truncated);
    visible(empty, all.lines.length === 0);
    list.show(all.lines);
  };
  draw();
  return {
    node,
    async refresh(signal) {
      const latest = await read(`tail=${PAGE}${outputs.query()}`, signal);
      outputs.put(latest);
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 24;
      all = joinedLines(all, latest);
      draw();
      if (atEnd) scroll.scrollTop = scroll.scrollHeight;
    },
    result(words) {
      if (words === result) return;
      result = words;
      draw();
    },
  };
}

interface LineContext extends Pick<GroupContext, 'api'> {
  readonly below: string;
  readonly outputs: OutputFollower;
  isResult(said: string): boolean;
}

/** Its text never changes: a call that ends becomes another line. */
function lineRow(
  { kind, text: words, time, toolUseId, running }: TranscriptLine,
  { api, below, outputs, isResult }: LineContext,
): Row<TranscriptLine> {
  const at = Date.parse(time);
  const when = el('time', { datetime: time, title: `${formatDay(at)} ${formatTime(at)}` }, formatTime(at));
  const said = el('div', { class: 'said' });
  const node = el('li', { class: `said-by-${kind}` }, when, said);
  const [notice = '', answer] = kind === 'notice' ? completion(words) : [];
  const message = kind === 'assistant' ? words : answer;
  if (answer !== undefined) said.append(el('p', {}, notice));
  if (message === undefined) text(said, shortened(words));
  else said.append(markdownView(shortened(message)));
  // What a call returns comes with its end.
  const call = running ? undefined : toolUseId;
  const output = call === undefined ? undefined : reveal('Output', () => outputParts(api, below, call));
  if (output !== undefined) {
    output.node.classList.add('tool-output');
    said.append(output.node);
  }
  let marked = false;
  return {
    node,
    update() {
      const came = call === undefined ? undefined : outputs.take(call);
      if (call !== undefined && came !== undefined) output?.show(outputPages(api, below, call, came));
      const now = answer !== undefined || (message !== undefined && isResult(message.trim()));
      if (now === marked) return;
      marked = now;
      node.classList.toggle('result', now);
      if (!now) return;
      const copy = copyButton('Copy result', () => message ?? '');
      said.prepend(el('div', { class: 'result-head' }, el('strong', {}, 'Result'), copy.node));
    },
  };
}

/** `completed in 3s for $0.10`, and the result below it if no message has told it. */
function completion(words: string): readonly [notice: string, answer?: string] {
  const end = words.startsWith('completed in ') ? words.indexOf('\n') : -1;
  return end === -1 ? [words] : [words.slice(0, end), words.slice(end + 1)];
}

const LONGEST = 20_000;

/** Truncates a long message. */
const shortened = (words: string): string =>
  words.length <= LONGEST
    ? words
    : `${words.slice(0, LONGEST)} …\n(truncated; session-groups session logs shows all of it)`;
