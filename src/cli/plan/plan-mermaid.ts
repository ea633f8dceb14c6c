import type { GroupPlan, PlannedSession } from '../../sdk/group/api/plan.ts';
import type { SessionDependency } from '../../sdk/group/types.ts';

/**
 * The sessions as a Mermaid flowchart. Nodes are numbered because words such as `end` cannot be node ids; the session
 * id is the label. Dotted edges are alternatives (`trigger: any`).
 */
export function renderMermaid(plan: GroupPlan): string {
  const nodes = new Map(plan.sessions.map((session, index) => [session.id, `s${index + 1}`]));
  const critical = new Set(plan.criticalPath);
  const lines = ['flowchart TD'];
  for (const session of plan.sessions) lines.push(`  ${nodes.get(session.id)}["${escaped(session.id)}"]`);
  for (const session of plan.sessions) {
    for (const edge of session.dependsOn) {
      lines.push(`  ${nodes.get(edge.session)} ${arrow(session, edge)} ${nodes.get(session.id)}`);
    }
  }
  const marked = plan.sessions.filter(session => critical.has(session.id)).map(({ id }) => nodes.get(id));
  if (marked.length > 1) {
    lines.push('  classDef critical stroke-width:3px', `  class ${marked.join(',')} critical`);
  }
  return `${lines.join('\n')}\n`;
}

function arrow({ trigger, dependsOn }: PlannedSession, { when }: SessionDependency): string {
  const line = trigger === 'any' && dependsOn.length > 1 ? '-.->' : '-->';
  return when === 'completed' ? line : `${line}|${when}|`;
}

/** In Mermaid, `#` starts an entity and a quotation mark ends the label. */
function escaped(label: string): string {
  return label.replace(/[#"<>&]/g, char => `#${char.charCodeAt(0)};`);
}
