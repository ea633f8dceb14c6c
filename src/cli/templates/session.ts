import { sentence } from '../../sdk/format.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import type { PreviewedGroup } from '../../sdk/group/prompts/preview-prompt.ts';
import { namedSessions, type PromptSession } from '../../sdk/group/prompts/prompt-scope.ts';
import type { Tag } from '../../sdk/group/prompts/template-scope.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import { UsageError } from '../exit-codes.ts';

/** The session and group that a template is rendered for. */
interface RenderTarget {
  readonly session: PromptSession;
  readonly group: PreviewedGroup;
}

/** The session with this id, or the only one. @throws UsageError. */
export function sessionFor(group: SessionGroupDefinition, id: string | undefined): RenderTarget {
  const ids = group.sessions.map(session => session.id);
  const [only, ...others] = group.sessions;
  if (id === undefined && others.length > 0) {
    throw new UsageError(
      'the definition has several sessions',
      `Choose one with --session: ${ids.join(', ')}`,
    );
  }
  const session = id === undefined ? only : group.sessions.find(candidate => candidate.id === id);
  if (session !== undefined) return { session, group };
  throw new UsageError(
    `the definition has no session "${id}"`,
    sentence(didYouMean(id ?? '', ids) ?? `it has ${ids.join(', ')}`),
    'unknown_session',
  );
}

/** Without a definition: placeholders for the group and the session. */
export function placeholderTarget(tags: readonly Tag[]): RenderTarget {
  const session = {
    id: '<session id>',
    projectPath: '<project path>',
    description: '<session description>',
    model: '<model>',
    priority: 0,
    variables: {},
  };
  const sessions = namedSessions(tags).map(id => ({ id }));
  return { session, group: { name: '<group name>', description: '<group description>', sessions } };
}
