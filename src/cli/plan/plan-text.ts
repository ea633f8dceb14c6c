import { counted, formatElapsed, formatUsd } from '../../sdk/format.ts';
import { given } from '../../sdk/given.ts';
import type { GroupPlan, PlannedSession } from '../../sdk/group/api/plan.ts';
import type { SessionPreview } from '../../sdk/group/api/preview.ts';
import { DEFAULT_ESTIMATE_MS } from '../../sdk/group/dependency-graph.ts';
import { isBuiltIn } from '../../sdk/session/agent-config.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import { foldedRows } from '../../words/fan-outs.ts';
import { listOf } from '../../words/wait-words.ts';
import { type Look, type Paint, painter } from '../terminal.ts';
import { cleanBlock, cleanLine } from '../text.ts';
import { commonLines, commonRules, postureLines, type Rules } from './posture-text.ts';
import { deliveryLines, type PlannedDisk, workLines } from './work-text.ts';

export interface PlanLook extends Look {
  /** Prompts and files to show under their sessions. Default: none. */
  readonly previews?: readonly SessionPreview[];
  /** What trees take. Default: not shown. */
  readonly disk?: PlannedDisk | undefined;
}

/** The plan as text: limits, order, then each session with its permissions. */
export function renderPlan(plan: GroupPlan, look: PlanLook): string {
  const paint = painter(look.color);
  const previews = new Map((look.previews ?? []).map(preview => [preview.id, preview]));
  const arrow = look.unicode ? ' → ' : ' -> ';
  const namesOf = fanOutNames(plan);
  const length = plan.criticalPathMs === undefined ? '' : ` (about ${formatElapsed(plan.criticalPathMs)})`;
  const common = commonRules(plan.sessions);
  const lines = [
    paint('bold', cleanLine(plan.name)),
    ...(plan.description === undefined ? [] : [cleanLine(plan.description)]),
    '',
    ...limitLines(plan),
    ...variableLines(plan, paint),
    '',
    paint('bold', 'Order'),
    ...plan.layers.map((layer, index) => `  ${index + 1}. ${namesOf(layer).join(', ')}`),
    `  critical path: ${plan.criticalPath.join(arrow)}${length}`,
    ...(plan.unestimated === undefined
      ? []
      : [
          `  without an estimate, counted as ${DEFAULT_ESTIMATE_MS / 60_000} minutes: ${listOf(namesOf(plan.unestimated))}`,
        ]),
    '',
    ...deliveryLines(plan, look.disk),
    ...(common === undefined ? [] : [paint('bold', COMMON), ...commonLines(common), '']),
    paint('bold', totalWords(plan.sessions)),
  ];
  for (const session of plan.sessions) {
    lines.push(...sessionLines(session, common, namesOf, paint, look.unicode));
    const preview = previews.get(session.id);
    if (preview !== undefined) lines.push(...previewLines(preview, look.unicode));
  }
  return `${lines.join('\n')}\n`;
}

const COMMON = 'Permissions, where a session says nothing else';

/** `5 sessions in 3 projects: 4 claude, 1 command`. */
function totalWords(sessions: readonly PlannedSession[]): string {
  const kinds = new Map<string, number>();
  for (const { agent } of sessions) kinds.set(agent, (kinds.get(agent) ?? 0) + 1);
  const agents = [...kinds].map(([kind, count]) => `${count} ${cleanLine(kind)}`).join(', ');
  const projects = new Set(sessions.map(({ projectPath }) => projectPath)).size;
  return `${counted(sessions.length, 'session')} in ${counted(projects, 'project')}: ${agents}`;
}

function limitLines({ limits, sessions }: GroupPlan): readonly string[] {
  const { maxBudgetUsd, onBudgetExceeded, warningThreshold, errorThreshold } = limits;
  const money =
    maxBudgetUsd === 'none'
      ? 'budget: no limit'
      : `budget: ${formatUsd(maxBudgetUsd)}${sessions.every(standsIn) ? ' by the script, nothing is spent' : ''}, warns at ${Math.round(warningThreshold * 100)}%, then ${onBudgetExceeded}`;
  const failures = `after ${counted(errorThreshold, 'failure')}: ${limits.pauseOnError ? 'pause' : 'stop'}`;
  const edges = limits.respectDependencies ? [] : ['dependencies are ignored (respectDependencies: false)'];
  return [
    money,
    `concurrency: ${counted(limits.maxConcurrent, 'session')}, ${limits.maxPerProject} per project`,
    failures,
    ...edges,
  ];
}

function variableLines({ variables = {} }: GroupPlan, paint: Paint): readonly string[] {
  const lines = Object.entries(variables).map(([name, { value, given: isGiven, description }]) => {
    const text = value === undefined ? 'no value' : typeof value === 'string' ? value : JSON.stringify(value);
    const about = description === undefined ? '' : `  ${paint('dim', cleanLine(description))}`;
    const origin = value === undefined || isGiven ? '' : ' (default)';
    return `  ${name}: ${cleanLine(text)}${origin}${about}`;
  });
  return lines.length === 0 ? [] : ['', paint('bold', 'Variables'), ...lines];
}

type NamesOf = (ids: readonly string[]) => readonly string[];

/** Ids, with a fan-out's name and number where all of its sessions are among them. */
function fanOutNames({ sessions }: GroupPlan): NamesOf {
  const fanOuts = new Map(
    foldedRows(
      sessions.map(({ id, forEach }) => ({ id, status: 'pending' as const, ...given({ forEach }) })),
    ).flatMap(row => (row.kind === 'fan-out' ? row.sessions.map(({ id }) => [id, row] as const) : [])),
  );
  return ids => {
    const named = new Set(ids);
    const rows = new Set(fanOuts.values());
    const whole = new Set([...rows].filter(row => row.sessions.every(({ id }) => named.has(id))));
    return ids.flatMap(id => {
      const row = fanOuts.get(id);
      if (row === undefined || !whole.has(row)) return [id];
      return row.sessions[0]?.id === id ? [`${row.name} (${row.sessions.length})`] : [];
    });
  };
}

function sessionLines(
  session: PlannedSession,
  common: Rules | undefined,
  namesOf: NamesOf,
  paint: Paint,
  unicode: boolean,
): readonly string[] {
  const lines = [`  ${paint('bold', session.id)}`];
  const add = (name: string, text: string) => lines.push(`    ${name}: ${text}`);
  if (session.description !== undefined) lines.push(`    ${cleanLine(session.description)}`);
  if (session.forEach !== undefined)
    add('for', cleanLine(`${session.forEach.value} (of ${session.forEach.of})`));
  add('project', cleanLine(session.projectPath));
  add('agent', agentWords(session));
  if (session.template !== undefined) add('template', cleanLine(session.template));
  if (session.dependsOn.length > 0) {
    const joint = session.trigger === 'any' ? ' or ' : ' and ';
    add('after', dependencyNames(session, namesOf).join(joint));
  }
  const notes = [
    session.priority === 0 ? undefined : `priority ${session.priority}`,
    session.maxBudgetUsd === undefined ? undefined : `at most ${formatUsd(session.maxBudgetUsd)}`,
    session.allowFailure ? 'may fail without failing the group' : undefined,
  ].filter(note => note !== undefined);
  if (notes.length > 0) lines.push(`    ${notes.join(', ')}`);
  const warn = (text: string) => paint('yellow', `${unicode ? '⚠' : '!'} ${cleanLine(text)}`);
  return [...lines, ...workLines(session, warn), ...postureLines(session, common, warn)];
}

const standsIn = ({ agent }: PlannedSession): boolean => capabilitiesOf()(agent).standsIn;

function agentWords(session: PlannedSession): string {
  const command = session.command === undefined ? '' : ` (${cleanLine(session.command.join(' '))})`;
  const { spends, standsIn } = capabilitiesOf()(session.agent);
  const model = session.model === undefined ? 'default model' : `model ${cleanLine(session.model)}`;
  // An own agent may know no models.
  const hasModel = isBuiltIn(session.agent) ? spends && !standsIn : session.model !== undefined;
  return cleanLine(session.agent) + command + (hasModel ? `, ${model}` : '');
}

const WHEN = { completed: '', failed: ' has failed', settled: ' has settled' } as const;

function dependencyNames({ dependsOn }: PlannedSession, namesOf: NamesOf): readonly string[] {
  const conditions = [...new Set(dependsOn.map(({ when }) => when))];
  return conditions.flatMap(condition => {
    const ids = dependsOn.filter(({ when }) => when === condition).map(({ session }) => session);
    return namesOf(ids).map(name => name + WHEN[condition]);
  });
}

function previewLines({ prompt, files, hash }: SessionPreview, unicode: boolean): readonly string[] {
  return [
    '    prompt:',
    ...textLines(prompt, unicode),
    ...Object.entries(files).flatMap(([path, text]) => [
      `    ${cleanLine(path)}:`,
      ...textLines(text, unicode),
    ]),
    ...(hash === undefined ? [] : [`    configuration ${hash.slice(0, 12)}`]),
  ];
}

function textLines(text: string, unicode: boolean): readonly string[] {
  const edge = unicode ? '│' : '|';
  return cleanBlock(text)
    .replace(/\n+$/, '')
    .split('\n')
    .map(line => `      ${edge} ${line}`.trimEnd());
}
