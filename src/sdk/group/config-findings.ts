import type { HostEnvironment } from './config/environment.ts';
import type { Finding } from './document/finding.ts';
import type { SessionView } from './document/session-view.ts';
import { commandFindings } from './findings/command-findings.ts';
import { sessionServerFindings } from './findings/mcp-findings.ts';
import { sessionSettingsFindings } from './findings/settings-findings.ts';
import type { NamedTemplates } from './prompts/template-uses.ts';

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
