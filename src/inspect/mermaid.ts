import type { AnyStateMachine } from 'xstate';
import {
  type ChartBranch,
  type ChartState,
  type ChartTransition,
  describeChart,
  lastName,
} from './describe-chart.ts';

/**
 * The machine as a Mermaid state diagram. Arrows are transitions to a state, `event [guard] / actions`; transitions
 * without a target are listed in the state's box. Deterministic: the same machine gives the same text.
 *
 * @param options.brief an overview: one arrow per pair of states, labelled with its events. Default: false.
 * @example
 * console.log(toMermaid(groupMachine));
 */
export function toMermaid(machine: AnyStateMachine, { brief = false }: { brief?: boolean } = {}): string {
  const { id, root } = describeChart(machine);
  const lines = draw(root, brief ? BRIEF : FULL);
  return `${['stateDiagram-v2', `%% ${oneLine(id)}`, ...lines.map(line => `  ${line}`)].join('\n')}\n`;
}

interface Style {
  readonly boxLines: (state: ChartState) => string[];
  readonly arrows: (transitions: readonly ChartTransition[]) => Arrow[];
}

interface Arrow {
  readonly target: string;
  readonly label: string;
}

const FULL: Style = { boxLines, arrows };
const BRIEF: Style = { boxLines: () => [], arrows: briefArrows };

function draw(root: ChartState, style: Style): string[] {
  const outward: string[] = [];
  return [...children(root, style, outward), ...outward, ...anywhere(root, style)];
}

/**
 * @param outward gets the arrows that leave a state with children: Mermaid puts a state where it is named first, so these
 * stand after all boxes.
 */
function children(state: ChartState, style: Style, outward: string[]): string[] {
  const first = state.children.find(({ path }) => lastName(path) === state.initial);
  return [
    ...(first ? [`[*] --> ${idOf(first.path)}`] : []),
    // Mermaid separates parallel regions by a line of hyphens.
    ...state.children.flatMap((child, at) => [
      ...(state.parallel && at > 0 ? ['--'] : []),
      ...box(child, style, outward),
    ]),
  ];
}

function box(state: ChartState, style: Style, outward: string[]): string[] {
  const id = idOf(state.path);
  const name = lastName(state.path);
  const inner = children(state, style, outward);
  const heading = id === name && inner.length === 0 ? [] : [`state "${escapeLabel(name)}" as ${id}`];
  const near: string[] = [];
  for (const arrow of style.arrows(state.transitions)) {
    const isNear = parentOf(arrow.target) === parentOf(state.path);
    (isNear ? near : outward).push(lineOf(id, arrow));
  }
  return [
    ...heading,
    ...(inner.length === 0 ? [] : [`state ${id} {`, ...inner.map(line => `  ${line}`), '}']),
    ...(inner.length === 0 ? linesIn : linesBeside)(id, style.boxLines(state).map(escapeLabel)),
    ...near,
  ];
}

const parentOf = (path: string): string => path.split('.').slice(0, -1).join('.');

const lineOf = (from: string, { target, label }: Arrow): string =>
  `${from} --> ${idOf(target)} : ${escapeLabel(label)}`;

const linesIn = (id: string, lines: readonly string[]): string[] => lines.map(line => `${id} : ${line}`);

/** A state with children has no lines of its own in this language. */
const linesBeside = (id: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`note right of ${id}`, ...lines.map(line => `  ${line}`), 'end note'];

function boxLines(state: ChartState): string[] {
  return [
    ...(state.description === undefined ? [] : [state.description]),
    ...(state.tags.length > 0 ? [`(${state.tags.join(', ')})`] : []),
    ...(state.entry.length > 0 ? [`entry / ${state.entry.join(', ')}`] : []),
    ...(state.exit.length > 0 ? [`exit / ${state.exit.join(', ')}`] : []),
    ...state.invokes.map(name => `invokes ${name}`),
    ...state.transitions.flatMap(({ trigger, branches }) =>
      branches.filter(branch => branch.targets.length === 0).map(branch => label(trigger, branch)),
    ),
  ];
}

function arrows(transitions: readonly ChartTransition[]): Arrow[] {
  return transitions.flatMap(({ trigger, branches }) =>
    branches.flatMap(branch => branch.targets.map(target => ({ target, label: label(trigger, branch) }))),
  );
}

/** One arrow per target for all events that may lead there; a self-loop only for re-entry. */
function briefArrows(transitions: readonly ChartTransition[]): Arrow[] {
  const triggers = new Map<string, Set<string>>();
  for (const { trigger, branches } of transitions) {
    for (const target of branches.flatMap(branch => branch.targets)) {
      triggers.set(target, (triggers.get(target) ?? new Set()).add(trigger));
    }
  }
  return [...triggers].map(([target, names]) => ({ target, label: [...names].join(', ') }));
}

/** A separate box for the transitions of the root, which apply in any state. */
function anywhere(root: ChartState, style: Style): string[] {
  const lines = style.boxLines(root).map(line => `${ANYWHERE} : ${escapeLabel(line)}`);
  const out = style.arrows(root.transitions).map(arrow => lineOf(ANYWHERE, arrow));
  return lines.length + out.length === 0 ? [] : [`state "in any state" as ${ANYWHERE}`, ...lines, ...out];
}

const ANYWHERE = 'in_any_state';

function label(trigger: string, { guard, actions }: ChartBranch): string {
  const when = guard === undefined ? '' : ` [${guard}]`;
  return `${trigger}${when}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}`;
}

/** Mermaid's keywords, which cannot be ids. */
const RESERVED: ReadonlySet<string> = new Set([
  'state',
  'note',
  'end',
  'as',
  'direction',
  'class',
  'click',
  'style',
]);

function idOf(path: string): string {
  const plain = path.replaceAll('.', '_');
  if (/^[A-Za-z]\w*$/.test(plain) && !RESERVED.has(plain.toLowerCase()) && !/__|_$/.test(plain)) return plain;
  return `s_${[...path].map(char => (/[A-Za-z0-9]/.test(char) ? char : `_${char.codePointAt(0)}_`)).join('')}`;
}

/** Escapes characters that are special in Mermaid, or would end the label, as `#NUMBER;`. */
function escapeLabel(text: string): string {
  return oneLine(text).replace(/[#:;"%<>{}\\`]/g, char => `#${char.codePointAt(0)};`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
