import type { ClaudeMessage, ResultMessage } from './messages.ts';

type System = Extract<ClaudeMessage, { type: 'system' }>;
type Warning = Extract<
  System,
  { subtype: 'session_writes_lost' | 'model_refusal_fallback' | 'model_refusal_no_fallback' }
>;

/** The client's date can be three days too late. */
const SOON_MS = 3 * 86_400_000;

/** Messages of the client that people should see although the session goes on. */
export function warningOf(message: Warning): string {
  if (message.subtype === 'session_writes_lost') {
    const lost = message.lost?.includes('global_config') ? 'its settings' : 'part of the conversation';
    const both = (message.lost?.length ?? 0) > 1 ? 'part of the conversation, and its settings' : lost;
    const why = message.error_code ? ` (${message.error_code})` : '';
    return `Claude Code could not save ${both}${why}: a resume may miss some of it; check the free space and the permissions of its folder`;
  }
  const model = message.original_model ?? 'the model';
  return message.subtype === 'model_refusal_fallback'
    ? `${model} refused to answer; ${message.fallback_model ?? 'another model'} answered instead`
    : `${model} refused to answer, and there is no model to fall back to: change the prompt, or set another model`;
}

/** What the client said about its login, if it ends soon or has ended. */
export function expiryWarning(result: ResultMessage, now: number): string | undefined {
  const at = Date.parse(result.credential_expires_at ?? '');
  if (Number.isNaN(at) || at - now > SOON_MS) return undefined;
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `the login of Claude Code ${at > now ? 'ends' : 'probably ended'} at ${when} UTC: log in again`;
}
