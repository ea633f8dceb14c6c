import { z } from 'zod';
import { ERROR_CODES, GROUP_REASONS, PAUSE_REASONS, SKIP_REASONS } from '../../../../machines/vocabulary.ts';
import { PermissionDenial, Tokens } from '../../session/usage.ts';

/**
 * The public event schema (design-docs/spec-session-groups.md §10). Every event has `seq` (gapless per group), `time`
 * (ISO 8601, UTC) and `groupId`. Readers must tolerate unknown types and fields: minor versions add them.
 */

const SessionErrorSchema = z.object({ code: z.enum(ERROR_CODES), message: z.string() });

const groupEvent = <T extends string, F extends z.ZodRawShape>(type: T, fields: F) =>
  z.object({ type: z.literal(type), ...fields });
const sessionEvent = <T extends string, F extends z.ZodRawShape>(type: T, fields: F) =>
  z.object({ type: z.literal(type), sessionId: z.string(), ...fields });

const attemptFields = { attempt: z.number(), agentSessionId: z.string(), pid: z.number().optional() };

/** The body of an event, without its envelope. */
export const GroupEventBody = z.discriminatedUnion('type', [
  groupEvent('group_created', { name: z.string() }),
  groupEvent('group_started', { sessionCount: z.number(), maxConcurrent: z.number() }),
  groupEvent('group_pausing', { reason: z.enum(PAUSE_REASONS) }),
  groupEvent('group_paused', { reason: z.enum(PAUSE_REASONS) }),
  groupEvent('group_resumed', {}),
  groupEvent('group_stopping', { reason: z.enum(GROUP_REASONS) }),
  groupEvent('group_stopped', { reason: z.enum(GROUP_REASONS) }),
  groupEvent('group_retried', { sessions: z.array(z.string()), fresh: z.boolean().optional() }),
  groupEvent('group_completed', {}),
  groupEvent('group_failed', { reason: z.enum(GROUP_REASONS) }),
  groupEvent('group_archived', {}),
  groupEvent('group_updated', {
    revision: z.number().meta({ description: 'The number of updates so far' }),
    added: z.array(z.string()),
    removed: z.array(z.string()),
    changed: z.array(z.string()),
    settings: z
      .array(z.string())
      .meta({ description: 'Other changed parts of the definition, e.g. config.budget' }),
    fresh: z
      .array(z.string())
      .meta({ description: 'Changed sessions that begin a new conversation when they run again' }),
    limitUsd: z.union([z.number(), z.literal('none')]).optional(),
  }),
  sessionEvent('session_added', {}),
  sessionEvent('session_started', {
    ...attemptFields,
    startedOver: z.boolean().optional().meta({
      description: 'Its agent cannot resume, or the conversation is gone, so earlier work is repeated',
    }),
  }),
  sessionEvent('session_resumed', attemptFields),
  sessionEvent('session_progress', {
    costUsd: z.number(),
    tokens: Tokens,
    currentTool: z.string().optional(),
    estimated: z.boolean(),
    guessedUsd: z.number().optional().meta({
      description:
        "The part of the cost that no reply shows, such as compaction, or only a subagent's at a guessed price",
    }),
    unpricedUsd: z.number().optional().meta({
      description: "The part of the cost that the session's own replies have at a guessed price",
    }),
  }),
  sessionEvent('session_message', { role: z.enum(['assistant', 'user']), text: z.string() }),
  sessionEvent('tool_started', {
    tool: z.string(),
    toolUseId: z.string(),
    input: z.string().optional().meta({
      description:
        'What it is called with, in one line without secrets: the command, path, pattern or address',
    }),
  }),
  sessionEvent('tool_finished', {
    tool: z.string(),
    toolUseId: z.string(),
    durationMs: z.number().optional(),
    isError: z.boolean().optional(),
  }),
  sessionEvent('session_retrying', { attempt: z.number(), delayMs: z.number(), error: SessionErrorSchema }),
  sessionEvent('session_paused', {}),
  sessionEvent('session_continuing', {}),
  sessionEvent('message_sent', {
    messageId: z.string(),
    text: z.string().meta({ description: 'What a person sends to the agent, at most 16 KiB' }),
    by: z.string(),
  }),
  sessionEvent('message_delivered', { messageId: z.string() }),
  sessionEvent('message_undelivered', { messageId: z.string() }),
  sessionEvent('session_completed', {
    costUsd: z.number(),
    tokens: Tokens,
    durationMs: z.number(),
    result: z.string().meta({ description: 'The final text, cut at 64 KiB' }),
    resultFile: z.string().optional().meta({ description: 'The file with the whole text, if longer' }),
    output: z.unknown().optional().meta({ description: 'The structured output' }),
    outputFile: z.string().optional().meta({ description: 'The file with it, if longer than 64 KiB' }),
    changedFiles: z
      .array(z.string())
      .optional()
      .meta({ description: 'Relative to the project; absent if git cannot tell' }),
    moreChangedFiles: z.number().optional().meta({ description: 'Number of changed files not listed' }),
    permissionDenials: z.array(PermissionDenial),
  }),
  sessionEvent('session_failed', { error: SessionErrorSchema, costUsd: z.number() }),
  sessionEvent('session_skipped', { reason: z.enum(SKIP_REASONS), because: z.array(z.string()) }),
  sessionEvent('session_stopped', { costUsd: z.number() }),
  sessionEvent('dependency_waiting', { waitingFor: z.array(z.string()) }),
  sessionEvent('dependency_resolved', { dependency: z.string() }),
  sessionEvent('session_warning', {
    message: z
      .string()
      .meta({ description: 'The session continues, e.g. without an MCP server that failed to start' }),
  }),
  sessionEvent('workspace_ready', { path: z.string(), branch: z.string(), commit: z.string() }),
  sessionEvent('session_verifying', {
    merged: z.boolean().optional().meta({ description: 'Again, with what the others have merged' }),
  }),
  sessionEvent('session_verified', { durationMs: z.number() }),
  sessionEvent('session_integrated', { repository: z.string(), commit: z.string() }),
  sessionEvent('session_conflict', {
    files: z.array(z.string()),
    with: z
      .array(z.string())
      .meta({ description: 'The sessions whose change it is, as far as that is known' }),
    ours: z.string().meta({ description: "The session's commit" }),
    theirs: z.string().meta({ description: 'What has been merged before it' }),
  }),
  sessionEvent('workspace_removed', { path: z.string() }),
  sessionEvent('session_opened', {
    agentSessionId: z
      .string()
      .meta({ description: 'The conversation that a person goes on with; what that spends is not counted' }),
  }),
  groupEvent('group_delivering', {
    into: z.string().meta({ description: 'The branch that gets what was merged' }),
    requested: z.boolean().optional().meta({
      description: 'By a request, which may name another branch than the definition, or come after the end',
    }),
  }),
  groupEvent('delivery_refused', { message: z.string() }),
  groupEvent('group_delivered', {
    repositories: z.array(
      z.object({ repository: z.string(), into: z.string(), from: z.string().nullable(), to: z.string() }),
    ),
  }),
  groupEvent('delivery_undone', {
    repositories: z
      .array(
        z.object({
          repository: z.string(),
          into: z.string(),
          from: z.string().nullable(),
          to: z.string().nullable().meta({ description: 'null: the branch had no commits before' }),
        }),
      )
      .meta({ description: 'The branches that a delivery had moved, and that are back where they were' }),
  }),
  sessionEvent('config_generated', { files: z.array(z.string()), hash: z.string() }),
  groupEvent('budget_warning', {
    usageUsd: z.number(),
    limitUsd: z.number(),
    sessionId: z.string().optional(),
    certainUsd: z.number().optional().meta({
      description: 'Set if the usage is over the limit only by an estimate: the part that is certain',
    }),
  }),
  groupEvent('budget_exceeded', {
    usageUsd: z.number(),
    limitUsd: z.number(),
    action: z.enum(['pause', 'stop', 'warn']),
    sessionId: z.string().optional(),
  }),
  groupEvent('budget_changed', { limitUsd: z.union([z.number(), z.literal('none')]) }),
  sessionEvent('cost_reconciled', { estimatedUsd: z.number(), costUsd: z.number() }),
  groupEvent('quota_limited', {
    account: z.string(),
    until: z.string().meta({ description: 'ISO 8601, UTC' }),
    sessionId: z.string().optional(),
  }),
  sessionEvent('approval_requested', {
    requestId: z.string(),
    tool: z.string(),
    input: z.record(z.string(), z.unknown()),
  }),
  sessionEvent('approval_answered', {
    requestId: z.string(),
    decision: z.enum(['allow', 'deny']),
    by: z.string(),
    answer: z.string().optional().meta({ description: 'The answer to a question of the agent' }),
  }),
]);
export type GroupEventBody = z.infer<typeof GroupEventBody>;

const Envelope = z.object({
  seq: z.number().int().nonnegative(),
  time: z.iso.datetime(),
  groupId: z.string(),
  report: z.number().int().positive().optional().meta({
    description:
      'Of a session whose attempt is carried out elsewhere: the number of the report that it comes from',
  }),
});

/** An event as journalled and streamed: its envelope (`seq`, `time`, `groupId`) and its body. */
export const GroupEvent = z.intersection(Envelope, GroupEventBody);
export type GroupEvent = z.infer<typeof Envelope> & GroupEventBody;
/** The type of an event, such as `session_started`. */
export type GroupEventType = GroupEventBody['type'];
