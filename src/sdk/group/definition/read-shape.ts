import { z } from 'zod';
import type { Finding } from '../document/finding.ts';
import { isMap } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { SessionDefinition, SessionGroupDefinition } from '../types.ts';

/** A definition with its defaults, or what is wrong with its shape. */
export type ReadShape =
  | { readonly ok: true; readonly definition: SessionGroupDefinition }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Checks the shape of a definition. Invariant: the outcome is that of the schema; but sessions are checked one by one,
 * so that no more than one session's issues are held, which are much larger than findings.
 */
export function readShape(value: unknown): ReadShape {
  const sessions = isMap(value) ? value.sessions : undefined;
  if (!isMap(value) || !Array.isArray(sessions) || sessions.length === 0) {
    const parsed = SessionGroupDefinition.safeParse(value);
    if (parsed.success) return { ok: true, definition: parsed.data };
    return { ok: false, findings: shapeFindings(value, parsed.error.issues, SessionGroupDefinition) };
  }
  const head = Head.safeParse({ ...value, sessions: [] });
  const findings = head.success ? [] : shapeFindings(value, head.error.issues, SessionGroupDefinition);
  const read: SessionDefinition[] = [];
  for (let index = 0; index < sessions.length; index += 1) {
    const parsed = SessionDefinition.safeParse(sessions[index]);
    if (parsed.success) read.push(parsed.data);
    else {
      const { issues } = parsed.error;
      findings.push(...shapeFindings(value, issues, SessionGroupDefinition, ['sessions', index]));
    }
  }
  if (!head.success || findings.length > 0) return { ok: false, findings };
  return { ok: true, definition: { ...head.data, sessions: read } };
}

const Head = SessionGroupDefinition.extend({ sessions: z.array(z.never()) });
