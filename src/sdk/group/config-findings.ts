import { commandFindings } from './command-findings.ts';
import type { HostEnvironment } from './config/environment.ts';
import type { Finding } from './document/finding.ts';
import type { SessionView } from './document/session-view.ts';
import { sessionServerFindings } from './mcp-findings.ts';
import type { NamedTemplates } from './prompts/template-uses.ts';
import { sessionSettingsFindings } from './settings-findings.ts';

/** What is wrong with the configuration that sessions bring, each part for itself. */
export function configFindings(
  sessions: readonly SessionView[],
  templates: NamedTemplates,
  host: HostEnvironment,
): Finding[] {
  return [
    ...sessionServerFindings(sessions, host),
    ...sessionSettingsFindings(sessions),
    ...commandFindings(sessions, templates),
  ];
}
