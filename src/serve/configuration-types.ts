/** A response of the HTTP API, as in `api-types.ts`. */

/** `GET /groups/:id/sessions/:sid/configuration`: what its agent is told and allowed. Known secrets are replaced. */
export interface SessionConfiguration {
  /** With `<result of ID>` where the result of another session goes. */
  readonly prompt: string;
  /** As in `SessionDefinitionView`. */
  readonly agent: string;
  /** Absent: the agent's own default. */
  readonly model?: string;
  readonly permissions: {
    readonly mode: string;
    readonly allow: readonly string[];
    readonly deny: readonly string[];
    /** What happens to other requests. */
    readonly onRequest: 'ask' | 'deny' | 'fail';
    /** How long a request waits for a person, in milliseconds. */
    readonly timeout: number;
  };
  /** Which of the agent's own settings apply. */
  readonly settingSources: readonly string[];
  /** Names of its MCP servers. */
  readonly mcpServers: readonly string[];
  /** Files generated for its agent, the first 65,536 characters of each; empty before it starts. */
  readonly files: readonly { readonly path: string; readonly text: string; readonly cut: boolean }[];
}
