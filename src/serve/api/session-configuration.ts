import { isAbsolute, join } from 'node:path';
import { resolveReferences } from '../../sdk/group/config/environment.ts';
import { resolveSession } from '../../sdk/group/config/resolve-session.ts';
import { sessionLogs } from '../../sdk/group/delivery/session-log.ts';
import { readText } from '../../sdk/group/document/read-text.ts';
import { previewPrompt } from '../../sdk/group/prompts/preview-prompt.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { type Redact, redactor } from '../../sdk/session/reports/redaction.ts';
import type { SessionConfiguration } from '../configuration-types.ts';
import { sessionOf } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** What a session is told and allowed, without secrets: its prompt, its permissions, and the files made for its agent. */
export async function sessionConfiguration(
  id: string,
  sessionId: string,
  { access, env: host }: ApiWorld,
): Promise<SessionConfiguration> {
  const stored = await access.read(id);
  const session = sessionOf(sessionId, stored);
  const { definition, files } = stored.group;
  const {
    agent,
    model,
    permissions,
    settingSources,
    mcpServers = {},
    env,
  } = resolveSession(session, definition.config);
  const values = Object.entries(env).map(([name, text]) => [name, resolveReferences(text, host).value]);
  const redact = redactor(Object.fromEntries(values));
  const redacted = (all: readonly string[]) => all.map(redact);
  return {
    prompt: redact(previewPrompt(session, definition, files)),
    agent: agent.kind,
    ...(model === undefined ? {} : { model }),
    permissions: {
      ...permissions,
      allow: redacted(permissions.allow),
      deny: redacted(permissions.deny),
    },
    settingSources,
    mcpServers: Object.keys(mcpServers),
    files: await generatedFiles(stored, sessionId, redact),
  };
}

/** The files that were generated last, as they are now. */
async function generatedFiles(
  { records, dir }: StoredGroup,
  id: string,
  redact: Redact,
): Promise<SessionConfiguration['files']> {
  const last = records.findLast(record => record.type === 'config_generated' && record.sessionId === id);
  const folder = sessionLogs(dir)(id, 'config');
  if (last?.type !== 'config_generated' || folder === undefined) return [];
  const found: SessionConfiguration['files'][number][] = [];
  for (const path of last.files) {
    const read = isBelow(path) ? await readText(join(folder, path), { follow: false }) : undefined;
    if (read?.ok !== true) continue;
    const text = redact(read.text);
    found.push({ path, text: text.slice(0, LONGEST), cut: text.length > LONGEST });
  }
  return found;
}

const LONGEST = 65_536;

const isBelow = (path: string): boolean => !isAbsolute(path) && !path.split('/').includes('..');
