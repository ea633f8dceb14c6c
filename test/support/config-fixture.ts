import { configSource } from '../../src/sdk/group/attempt/session-configs.ts';
import { type ResolvedSession, resolveSession } from '../../src/sdk/group/config/resolve-session.ts';
import { ConfigGenerator } from '../../src/sdk/group/config-generator.ts';
import type { GroupFiles } from '../../src/sdk/group/document/group-files.ts';
import type { UpstreamResult } from '../../src/sdk/group/prompts/prompt-scope.ts';
import { SessionGroupDefinition, type SessionGroupInput } from '../../src/sdk/group/types.ts';

export interface ConfigFixture {
  readonly generator: ConfigGenerator;
  /** The session with this id. Default: `a`. */
  session(id?: string): ResolvedSession;
}

type Session = Partial<SessionGroupInput['sessions'][number]>;

/** A generator for one session `a`, with results chosen by the test. */
export function configFixture(
  session: Session,
  options: {
    readonly config?: SessionGroupInput['config'];
    readonly sharedConfig?: GroupFiles['sharedConfig'];
    readonly templates?: GroupFiles['templates'];
    readonly results?: Readonly<Record<string, UpstreamResult>>;
  } = {},
): ConfigFixture {
  const { config, sharedConfig = {}, templates = {}, results = {} } = options;
  const definition = SessionGroupDefinition.parse({
    version: 1,
    name: 'the group',
    ...(config ? { config } : {}),
    sessions: [{ id: 'a', projectPath: '/project', prompt: 'go', ...session }],
  });
  const files = { sharedConfig, templates };
  const context = {
    group: { id: 'the-id', name: definition.name },
    files,
    resultOf: (id: string) => results[id],
  };
  return {
    generator: new ConfigGenerator(configSource({ definition, files }, () => context)),
    session(id = 'a') {
      const found = definition.sessions.find(candidate => candidate.id === id);
      if (!found) throw new Error(`there is no session ${id}`);
      return resolveSession(found, definition.config);
    },
  };
}
