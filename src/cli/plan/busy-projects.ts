import { resolveSession } from '../../sdk/group/config/resolve-session.ts';
import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import { otherHolders } from '../../sdk/group/standing/other-holders.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { ProjectHolder } from '../../sdk/project/project-gate.ts';
import { projectKey } from '../../sdk/project/project-key.ts';
import { otherWords } from '../../words/wait-words.ts';

/** Warns of projects in which as many sessions of other groups work now as may. */
export function busyProjects(
  { config, sessions }: SessionGroupDefinition,
  holdersOf: (project: string) => readonly ProjectHolder[],
  now: number,
): readonly Diagnostic[] {
  const looked = new Set<string>();
  return sessions.flatMap((session, index) => {
    const { projectPath: path } = session;
    if (path === undefined || looked.has(path)) return [];
    looked.add(path);
    if (resolveSession(session, config).workspace.mode !== 'shared') return [];
    const [first, ...more] = otherHolders(holdersOf(projectKey(path)));
    if (first === undefined || more.length + 1 < config.concurrency.maxPerProject) return [];
    const message = `the project is busy: ${otherWords(first, now)}${more.length > 0 ? `, and ${more.length} more` : ''}`;
    return [
      {
        severity: 'warning',
        code: 'project_busy',
        message,
        path: ['sessions', index, 'projectPath'],
      } as const,
    ];
  });
}
